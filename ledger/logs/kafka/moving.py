"""Pages made elsewhere into the empty topics of a book: byte for byte, with what they refused. Begun again, it goes on.

A page answers the submission at its own place less one, in every log. So that this stays so, a record that says which
page moved in stands in `submissions` for each of them, and admission goes on with the first submission after these.
A page that others follow says so in a header: while the last one does, the move is not whole and admission waits.
It decides nothing and makes no page.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from ledger.errors import BrokenEnvironment
from ledger.logs.kafka.chain import Chain
from ledger.logs.kafka.cluster import Cluster
from ledger.logs.kafka.reading import Reader
from ledger.logs.kafka.wire import (
    MORE_HEADER,
    PAGES,
    SUBMISSIONS,
    Outgoing,
    moved_record,
    page_record,
    quarantine_record,
)
from ledger.logs.kafka.writing import Writer
from ledger.pages_file import WholePage

PAGES_AT_ONCE = 500
BYTES_AT_ONCE = 16_000_000


@dataclass(slots=True)
class _Volume:
    """One volume as the move finds it and as it fills it."""

    seals: list[str]
    """Seals of the pages that are there."""
    submissions: int
    """Records in `submissions`."""
    offset: int
    """Where the next page will lie."""
    whole: bool
    """Whether an earlier move brought all of it, or it was written here."""
    taken: int = 0
    """Pages taken from what is moved."""
    last: WholePage | None = None
    """Held back until it is known whether another follows."""
    waiting: list[tuple[WholePage, bool]] = field(default_factory=list)
    bytes: int = 0


class Move:
    """A move into the topics of one cluster. Not for several threads at once."""

    def __init__(self, reader: Reader, writer: Writer, volumes: int) -> None:
        """Look what is there. Raises `BrokenEnvironment` unless it is nothing, or a move that was not finished."""
        self.cluster = reader.cluster
        self.reader = reader
        self.writer = writer
        self.written = 0
        for topic in (SUBMISSIONS, PAGES):
            if (found := reader.volumes(topic)) != volumes:
                raise BrokenEnvironment("kafka_move_volumes", expected=volumes, found=found)
        self.volumes = [self._look(volume) for volume in range(volumes)]

    def _look(self, volume: int) -> _Volume:
        chain, seals, more = Chain(volume), [], True
        for record in self.reader.records(PAGES, volume):
            if chain.take(record.value, record.offset) is not None:
                seals.append(chain.seal)
                more = MORE_HEADER in record.headers
        return _Volume(seals, self.reader.bounds(SUBMISSIONS, volume)[1], chain.offset, not more)

    def take(self, whole: WholePage) -> None:
        """Take the next page of its volume: compare it with the one that is there, or have it written."""
        volume = self.volumes[whole.page.header.volume]
        volume.taken += 1
        assert whole.page.header.page == volume.taken, "pages are moved in order"
        if volume.taken <= len(volume.seals) and volume.seals[volume.taken - 1] == whole.seal:
            return
        if volume.taken <= len(volume.seals) or volume.whole:
            raise BrokenEnvironment("kafka_book_exists", topic=self.cluster.topic(PAGES))
        self._queue(volume, more=True)
        volume.last = whole

    def finish(self) -> int:
        """Write what is left, and mark each volume as whole; return how many pages were written in all."""
        for volume in self.volumes:
            self._flush(volume)
        for volume in self.volumes:
            self._queue(volume, more=False)
            self._flush(volume)
        return self.written

    def _queue(self, volume: _Volume, *, more: bool) -> None:
        if volume.last is None:
            return
        volume.waiting.append((volume.last, more))
        volume.bytes += len(volume.last.stored) + sum(len(q.raw) for q in volume.last.page.quarantined)
        volume.last = None
        if len(volume.waiting) >= PAGES_AT_ONCE or volume.bytes >= BYTES_AT_ONCE:
            self._flush(volume)

    def _flush(self, volume: _Volume) -> None:
        """Write what a volume waits with: its places in `submissions`, refused bytes, then the pages that name them."""
        if not volume.waiting:
            return
        pages = [whole.page for whole, _ in volume.waiting]
        self._write_places(volume, pages[0].header.volume, [whole for whole, _ in volume.waiting])
        self.writer.send([quarantine_record(page, kept) for page in pages for kept in page.quarantined])
        records = [_moved_page(whole, more=more) for whole, more in volume.waiting]
        self._check(volume.offset, self.writer.send(records))
        volume.offset += len(records)
        self.written += len(records)
        volume.waiting, volume.bytes = [], 0

    def _write_places(self, volume: _Volume, number: int, wholes: list[WholePage]) -> None:
        first = wholes[0].page.header.page - 1
        records = [moved_record(whole.page.header, whole.seal) for whole in wholes]
        there = self.reader.records(SUBMISSIONS, number, first, min(volume.submissions, first + len(records)))
        found = 0
        for record in there if first < volume.submissions else ():
            if record.value != records[found].value:
                raise BrokenEnvironment("kafka_move_disturbed", topic=self.cluster.topic(SUBMISSIONS))
            found += 1
        self._check(first + found, self.writer.send(records[found:]))
        volume.submissions = max(volume.submissions, first + len(records))

    def _check(self, first: int, offsets: list[int]) -> None:
        """Raise when someone else wrote between."""
        if offsets != list(range(first, first + len(offsets))):
            raise BrokenEnvironment("kafka_move_disturbed", topic=self.cluster.topic(SUBMISSIONS))


def move_in(cluster: Cluster, wholes: Iterable[WholePage], volumes: int) -> int:
    """Move pages into the empty topics of a cluster; return how many were written. Raises `BrokenEnvironment`."""
    with Reader(cluster) as reader, Writer(cluster) as writer:
        move = Move(reader, writer, volumes)
        for whole in wholes:
            move.take(whole)
        return move.finish()


def _moved_page(whole: WholePage, *, more: bool) -> Outgoing:
    record = page_record(whole.page, whole.stored)
    return record._replace(headers=[*record.headers, (MORE_HEADER, b"1")]) if more else record
