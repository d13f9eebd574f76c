"""What workers that carry volumes have in common: one piece of work at a time, and a volume taken over from the log.

A volume is brought up to its log when it is assigned, not only when its next event comes: an offset may have been
committed for work that was not finished. States no rule of the domain.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

from ledger.logs.kafka.cluster import Cluster
from ledger.logs.kafka.sending import Sending
from ledger.logs.kafka.wire import Outgoing, Record
from processors.watchdog import Watch

BATCH = 500
Volume = TypeVar("Volume")


class Carrier(ABC, Generic[Volume]):
    """The volumes in this worker's hands."""

    topic: str
    """What it reads."""

    def __init__(self, cluster: Cluster, what: str) -> None:
        self.cluster = cluster
        self.what = what
        self.watch = Watch(what)
        self.sending = Sending(cluster)
        self.volumes: dict[int, Volume] = {}
        self.current: set[int] = set()
        """Volumes brought up to their log since the last rebalance."""
        self._turn = asyncio.Lock()

    @abstractmethod
    def begin(self, number: int) -> Volume:
        """Return a volume before its first page."""

    @abstractmethod
    def at(self, volume: Volume) -> int:
        """Return the offset of the topic that is to be taken next."""

    @abstractmethod
    async def take_over(self, volume: Volume, upto: int | None) -> None:
        """Bring a volume up to an offset of the topic; None: at least to where its group believes it is."""

    @abstractmethod
    async def take(self, taken: dict[int, list[Record]]) -> None:
        """Take the next records of volumes that are up to them; return when all that follows from them is durable."""

    async def tend(self) -> None:
        """Do what time asks for, for as long as the worker runs; most have nothing to do."""

    async def carry(self, records: dict[int, list[Record]]) -> None:
        """Take records; whatever lies between them and what was taken before is read from the log first."""
        with self.watch.work():
            async with self.alone():
                for number, some in records.items():
                    volume = self._volume(number)
                    if number not in self.current or self.at(volume) < some[0].offset:
                        await self.take_over(volume, some[0].offset)
                        self.current.add(number)
                new = {n: [r for r in some if r.offset >= self.at(self.volumes[n])] for n, some in records.items()}
                await self.take({number: some for number, some in new.items() if some})

    async def catch_up(self, number: int, upto: int | None) -> int:
        """Bring a volume up to an offset of the topic, if it is not; return the offset to be taken next."""
        with self.watch.work():
            async with self.alone():
                volume = self._volume(number)
                if number not in self.current:
                    await self.take_over(volume, upto)
                    self.current.add(number)
                return self.at(volume)

    def _volume(self, number: int) -> Volume:
        if number not in self.volumes:
            self.volumes[number] = self.begin(number)
        return self.volumes[number]

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Have the volumes to oneself; after any failure nothing in memory is trusted."""
        async with self._turn:
            try:
                yield
            except BaseException:  # a cancellation too: memory may be ahead of what is durable, so the log is read anew
                self.volumes.clear()
                self.current.clear()
                raise

    def sender(self) -> Callable[[list[Outgoing]], dict[int, int]]:
        """Return a way for a thread to send in this loop and wait until all is durable."""
        loop = asyncio.get_running_loop()

        def send(records: list[Outgoing]) -> dict[int, int]:
            return asyncio.run_coroutine_threadsafe(self.sending.send(records), loop).result()

        return send
