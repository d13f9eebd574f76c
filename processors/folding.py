"""A fold of pages as an agent: folds in memory, says after each page what changed, once. Thin: no rules here."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Protocol, TypeVar

from ledger.logs.kafka.chain import Chain
from ledger.logs.kafka.cluster import Cluster
from ledger.logs.kafka.reading import Reader
from ledger.logs.kafka.wire import PAGES, Outgoing, Record
from processors.admission import Send
from processors.carrying import Carrier
from processors.watchdog import beside

AT_ONCE = 500
"""Messages said between two waits while a volume is taken over."""


class FoldedVolume(Protocol):
    """What a fold of one volume is to its agent."""

    volume: int
    chain: Chain

    def resume(self, reader: Reader) -> None:
        """Begin from a snapshot, or from the first page; learn what was said."""

    def take_all(self, records: Iterable[Record]) -> Iterator[Outgoing]:
        """Fold pages in order; yield what was not said before."""

    def said(self) -> None:
        """Note that all is durable that was yielded."""


Fold = TypeVar("Fold", bound=FoldedVolume)


class FoldAgent(Carrier[Fold]):
    """Folds the volumes in this worker's hands."""

    topic = PAGES

    def __init__(self, cluster: Cluster, what: str, fold: Callable[[int], Fold]) -> None:
        super().__init__(cluster, what)
        self.fold = fold

    def begin(self, number: int) -> Fold:
        """Return a volume before its first page."""
        return self.fold(number)

    def at(self, volume: Fold) -> int:
        """Return the offset of the page to be folded next."""
        return volume.chain.offset

    async def take(self, taken: dict[int, list[Record]]) -> None:
        """Fold pages; return when what follows from them is said and durable."""
        volumes = [self.volumes[number] for number in taken]
        await self.sending.send(message for volume in volumes for message in volume.take_all(taken[volume.volume]))
        for volume in volumes:
            await beside(volume.said)

    async def take_over(self, volume: Fold, upto: int | None) -> None:
        """Fold the pages there are, to the end of the log when no offset is given; say of them what was not said."""
        await beside(self._read, volume, upto, self.sender())

    def _read(self, volume: Fold, upto: int | None, send: Send) -> None:
        number = volume.volume
        with Reader(self.cluster, self.watch.each) as reader:
            volume.resume(reader)
            messages = volume.take_all(reader.records(PAGES, number, volume.chain.offset, upto))
            while some := list(islice(messages, AT_ONCE)):
                send(some)
            volume.said()
