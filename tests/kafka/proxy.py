"""A loopback proxy before a broker: every byte of every client goes through it, and it can be slow, or not there."""

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

DELAY_SECONDS = 0.15
PIECE_BYTES = 65_536


class Proxy:
    """Forwards one port to another from a thread of its own."""

    def __init__(self, port: int, to: int) -> None:
        self.port, self.to = port, to
        self.slow = False
        self._lines: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True).start()
        self.mend()

    def mend(self) -> None:
        """Listen."""
        self._do(self._listen())

    def cut(self) -> None:
        """Stop listening and cut every line."""
        self._do(self._cut())

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=20)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._line, "127.0.0.1", self.port, limit=PIECE_BYTES)

    async def _cut(self) -> None:
        if self._server is not None:
            self._server.close()
        for line in list(self._lines):
            line.transport.abort()

    async def _line(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self.to)
        except OSError:
            writer.transport.abort()
            return
        self._lines |= {writer, back}
        await asyncio.gather(self._pass(reader, back), self._pass(there, writer))
        self._lines -= {writer, back}

    async def _pass(self, source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
        with suppress(OSError):  # a line that breaks is what this is for
            while piece := await source.read(PIECE_BYTES):
                if self.slow:
                    await asyncio.sleep(DELAY_SECONDS)
                to.write(piece)
                await to.drain()
        to.close()
