"""Snapshots of a fold of one volume beside the place in the log they are at. Caches: lose them and only time is lost.

A snapshot is used only if the page it names lies where it says, with the same seal; it may be behind the log, never
ahead of it.
"""

from typing import Generic, Protocol, TypeVar

from ledger import snapshots
from ledger.errors import BrokenEnvironment, Damage
from ledger.logs.kafka.chain import Chain, page_number
from ledger.logs.kafka.cluster import Cluster
from ledger.logs.kafka.reading import Reader
from ledger.logs.kafka.wire import PAGES
from ledger.seals import seal_of

BYTES_A_SNAPSHOT = 64_000_000
"""Bytes of pages after which a new one is due: a start folds little more, some seconds' work."""


class Folded(Protocol):
    """What every fold of pages knows of itself."""

    @property
    def page(self) -> int:
        """The page it is at."""

    @property
    def seal(self) -> str:
        """The seal of that page."""


State = TypeVar("State", bound=Folded)


class Kept(Protocol[State]):
    """A state with the offset after its last page, and the book. A dataclass: it is what the file holds."""

    offset: int
    book: str
    state: State

    def __init__(self, offset: int, book: str, state: State) -> None: ...


class Keeper(Generic[State]):
    """Keeps and finds the snapshot of one fold of one volume."""

    def __init__(self, fold: str, volume: int, kind: type[Kept[State]]) -> None:
        self.fold = fold
        self.volume = volume
        self.kind = kind
        self.unkept_bytes = 0
        self._cluster: Cluster | None = None

    def grown(self, size: int) -> None:
        """Note that a page of so many bytes was folded."""
        self.unkept_bytes += size

    @property
    def due(self) -> bool:
        """Tell whether so much was folded that a new snapshot would be written."""
        return self.unkept_bytes >= BYTES_A_SNAPSHOT

    def resume(self, reader: Reader, chain: Chain) -> State | None:
        """Return the kept state and set the chain to its place; None when there is none that fits this log."""
        self._cluster = reader.cluster
        path = reader.cluster.snapshot(self.fold, self.volume)
        kept = snapshots.load(path, self.kind) if path else None
        if kept is None or not _lies(reader, self.volume, kept.offset - 1, kept.state):
            return None
        chain.resume(kept.state.page, kept.state.seal, kept.offset, kept.book)
        return kept.state

    def keep(self, chain: Chain, state: State) -> None:
        """Write a snapshot when one is due. The state must not change meanwhile."""
        path = self._cluster.snapshot(self.fold, self.volume) if self._cluster else None
        if path is not None and self.due:
            snapshots.save(path, self.kind(chain.offset, chain.book, state))
            self.unkept_bytes = 0


def _lies(reader: Reader, volume: int, offset: int, state: Folded) -> bool:
    """Tell whether the page a state is at lies at an offset."""
    first, end = reader.bounds(PAGES, volume)
    if not first <= offset < end:
        return False
    try:
        (record,) = reader.records(PAGES, volume, offset, offset + 1)
        stored = record.value or b""
        return page_number(volume, stored, offset, state.page) == state.page and seal_of(stored) == state.seal
    except (Damage, BrokenEnvironment):
        return False  # whatever lies there, it is not that page: the book is read from its beginning
