"""Keeps one book open and served: the gateway, the lake's writer, the notifier, in one process.

On a cluster lake and notifier are workers of their own; the gateway may keep a lake beside it. It is stopped in order:
no new request, what is queued is answered, the lake catches up. The caller closes the book.
"""

import signal
import socket
import sys
import threading
from pathlib import Path
from types import FrameType

import uvicorn

from ledger.book import Book
from ledger.errors import BrokenEnvironment, LedgerError
from ledger.gateway import Limits, create_app, events
from ledger.gateway.state import Gateway
from ledger.lake import LakeWriter
from ledger.standing import Standing
from processors.telling import NotifyCourier, targets_of

LAKE_COMMIT_SECONDS = 1
LAKE_RETRY_SECONDS = 30
DRAIN_SECONDS = 15


class LakeCourier(threading.Thread):
    """Copies new pages to the lake about once a second, and once more at the end. A lake that fails stops nothing."""

    def __init__(self, book: Path) -> None:
        super().__init__(name="lake-writer", daemon=True)
        self.book = book
        self.pages = 0
        """Pages in the lake, of all volumes."""
        self.ending = threading.Event()

    def run(self) -> None:
        """Commit until told to end; after a failure begin anew, later."""
        while True:
            try:
                self._follow()
            except LedgerError as error:
                events.log(events.LAKE_FAILED, code=error.code, said=str(error))
            if self.ending.wait(LAKE_RETRY_SECONDS):
                return

    def _follow(self) -> None:
        with LakeWriter(self.book) as lake:
            ending = False
            while not ending:
                ending = self.ending.wait(LAKE_COMMIT_SECONDS)
                lake.catch_up()
                self.pages = sum(page for page, _ in lake.positions.values())

    def stop(self) -> None:
        """Copy what is left, and end."""
        self.ending.set()
        self.join()


class Server(uvicorn.Server):
    """Serves one gateway; says where once it listens; ends its streams before it drains."""

    def __init__(self, config: uvicorn.Config, gateway: Gateway, url: str) -> None:
        super().__init__(config)
        self.gateway = gateway
        self.url = url
        gateway.writer.listeners.append(self._look_for_fault)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then say so on standard output: a script that starts us reads the port there."""
        await super().startup(sockets)
        if self.started:
            sys.stdout.write(f"✓ 网关已就绪 · Gateway ready: {self.url}\n")
            sys.stdout.flush()
            events.log(events.STARTED, url=self.url, book=self.gateway.book.id, pages=self.gateway.writer.pages)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams, then drain."""
        self.gateway.stop_streams()
        await super().shutdown(sockets)

    def _look_for_fault(self) -> None:
        if self.gateway.writer.fault is not None:
            self.should_exit = True


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket. Raises `BrokenEnvironment` when the address is not to be had."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        raise BrokenEnvironment("address_taken", host=host, port=port, found=error) from error
    return listener


def run(book: Standing, listener: socket.socket, lake: LakeCourier | None, limits: Limits) -> bool:
    """Serve until SIGTERM or SIGINT; return whether a fault of ours ended it. Raises `Damage` when that ended it."""
    app = create_app(book, limits, (lambda: lake.pages) if lake else None)
    gateway: Gateway = app.state.gateway
    host, port = listener.getsockname()[:2]
    url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    config = uvicorn.Config(
        app, log_config=None, log_level="critical", access_log=False, timeout_graceful_shutdown=DRAIN_SECONDS,
        server_header=False,
    )  # fmt: skip
    server = Server(config, gateway, url)
    for ending in (signal.SIGTERM, signal.SIGINT):
        # uvicorn raises the signal again once it has drained; by then it means nothing, and the book must be closed.
        signal.signal(ending, _nothing_more)
    targets = targets_of(book.path) if isinstance(book, Book) else []
    notifier = NotifyCourier(gateway, targets) if targets else None
    for courier in (lake, notifier):
        if courier is not None:
            courier.start()
    try:
        server.run(sockets=[listener])
    finally:
        if notifier is not None:
            notifier.stop()
        if lake is not None:
            lake.stop()
    if isinstance(gateway.writer.fault, LedgerError):
        raise gateway.writer.fault
    return gateway.writer.fault is not None or not server.started


def _nothing_more(number: int, frame: FrameType | None) -> None:
    """Take a signal that has been obeyed already."""
