"""The chapters over every volume, from the topic `cases`: each entry once, whichever relay carried it how often.

Chapters take the entries of two sites in any order, so the volumes are read one after the other. Time is asked with a
moment, and only of a book that is whole: every relay must have come to where the pages ended at the question before.
"""

from dataclasses import dataclass, field
from datetime import datetime

from ledger import snapshots
from ledger.book import ZONE
from ledger.logs.kafka import keeping
from ledger.logs.kafka.alerting import SaidAlerts, alert_record
from ledger.logs.kafka.chain import Chain
from ledger.logs.kafka.cluster import Cluster
from ledger.logs.kafka.reading import Reader
from ledger.logs.kafka.relaying import Carried, Place, parse_case
from ledger.logs.kafka.wire import ALERTS, CASES, PAGES, Outgoing, Record
from ledger.routing import volume_of
from projections import chapters
from projections.chapters import Chapters
from projections.timed_alerts import transitions
from schemas.alerts import Alert

FOLD = "cases"
"""Name of this fold in the header `bg_fold` of what it says, and of its snapshot."""
_OF_ALL = 0
"""The volume whose worker folds the cases of all, as its snapshot is called."""
_HEADER_BYTES = 300
"""Of one message, about: it takes its time to read, and most say no more than how far a relay is."""


@dataclass(slots=True)
class CasesRead:
    """How far one partition of `cases` was read, and what of `alerts` beside it."""

    page: int = 0
    entry: int = 0
    """With the page the place of the last message taken."""
    offset: int = 0
    last: str = ""
    """Identity of the last message read, which need not be one that was taken."""
    read_to: int = 0
    """Offset in `pages` up to which the volume was carried."""
    alerts_to: int = 0
    open: tuple[str, ...] = ()
    """The cases that were open there."""

    @property
    def place(self) -> Place:
        """The place of the last message taken."""
        return Place(self.page, self.entry)


@dataclass(slots=True)
class KeptCases:
    """A snapshot: the chapters, and how far each volume was read."""

    chapters: Chapters = field(default_factory=Chapters)
    read: dict[int, CasesRead] = field(default_factory=dict)
    recorded_at: datetime | None = None
    """Of the last page carried."""


class CaseBook:
    """What the chapters know of a whole book. Not for several threads at once."""

    def __init__(self, volumes: int) -> None:
        self.state = KeptCases(read={volume: CasesRead() for volume in range(volumes)})
        self.book, self.nature = "", "real"
        self.unkept_bytes = 0
        self._ends: dict[int, int] = {}
        """Offsets in `pages` a relay must have come to before the next question is asked; at first it waits."""
        self._topics = {volume: SaidAlerts(volume, FOLD) for volume in range(volumes)}

    @property
    def chapters(self) -> Chapters:
        """The chapters after all that was taken."""
        return self.state.chapters

    @property
    def places(self) -> dict[int, Place]:
        """By volume: the last message taken."""
        return {volume: read.place for volume, read in self.state.read.items()}

    def resume(self, reader: Reader) -> None:
        """Begin from the snapshot, if there is one of these topics."""
        kept = kept_cases(reader.cluster)
        if kept is None or kept.read.keys() != self.state.read.keys():
            return
        if all(_lies(reader, volume, read) for volume, read in kept.read.items()):
            self.state = kept
            for volume, read in kept.read.items():
                self._topics[volume].begin(read.alerts_to, 0, map(Alert.model_validate_json, read.open))

    def follow(self, reader: Reader) -> None:
        """Take what was carried since."""
        for volume, read in self.state.read.items():
            for record in reader.records(CASES, volume, read.offset):
                self.take(volume, record)

    def take(self, volume: int, record: Record) -> None:
        """Take one message. One that was carried before changes nothing. Raises `Damage` for what is no message."""
        carried, read = parse_case(record, volume), self.state.read[volume]
        read.offset, read.last = record.offset + 1, _identity(record)
        read.read_to = max(read.read_to, carried.read_to)
        self.unkept_bytes += len(record.value or b"") + _HEADER_BYTES
        if carried.place > read.place:
            read.page, read.entry = carried.place
            self._take_new(volume, carried)

    def _take_new(self, volume: int, carried: Carried) -> None:
        state = self.state
        state.recorded_at = max(state.recorded_at or carried.recorded_at, carried.recorded_at)
        if carried.admitted is not None:
            chapters.take(state.chapters, carried.admitted, carried.recorded_at, volume)

    def ask(self, reader: Reader) -> list[Outgoing]:
        """Ask which cases hold now; return what changed since it was last said. Nothing while a relay is behind."""
        self.follow(reader)
        whole = self._ends and all(self.state.read[volume].read_to >= end for volume, end in self._ends.items())
        if whole or not self._ends:
            self._ends = {volume: reader.bounds(PAGES, volume)[1] for volume in self.state.read}
        if not whole:
            return []
        if not self.book:
            self._read_opening(reader)
        for topic in self._topics.values():
            topic.follow(reader)
        before = [alert for topic in self._topics.values() for alert in topic.timed()]
        now = self.now()
        changed = transitions(before, chapters.due(self.chapters, now), now)
        return [alert_record(alert, volume_of(alert.site, len(self.places)), FOLD, self.book) for alert in changed]

    def keep(self, cluster: Cluster) -> None:
        """Write a snapshot when so much was read that one is due."""
        path = cluster.snapshot(FOLD, _OF_ALL)
        if path is None or self.unkept_bytes < keeping.BYTES_A_SNAPSHOT:
            return
        for volume, topic in self._topics.items():
            read = self.state.read[volume]
            read.alerts_to, read.open = topic.offset, tuple(alert.model_dump_json() for alert in topic.timed())
        snapshots.save(path, self.state)
        self.unkept_bytes = 0

    def now(self) -> datetime:
        """Return the moment the book is at, in its zone: in a rehearsal that of the last page carried (Q1)."""
        if self.nature == "rehearsal" and self.state.recorded_at is not None:
            return self.state.recorded_at.astimezone(ZONE)
        return datetime.now(ZONE)

    def _read_opening(self, reader: Reader) -> None:
        (first,) = reader.records(PAGES, 0, 0, 1)
        taken = Chain(0).take(first.value, first.offset)
        assert taken is not None, "the first record of a volume is its first page"
        header = taken[0].header
        assert header.opening is not None, "the first page opens the book"
        self.book, self.nature = header.book, header.opening.nature


def kept_cases(cluster: Cluster) -> KeptCases | None:
    """Return the snapshot of the cases, where this process sees one that is whole."""
    path = cluster.snapshot(FOLD, _OF_ALL)
    return snapshots.load(path, KeptCases) if path is not None else None


def _lies(reader: Reader, volume: int, read: CasesRead) -> bool:
    """Tell whether the last message that was read lies where it was, and what was said of it is not gone."""
    if read.alerts_to > reader.bounds(ALERTS, volume)[1]:
        return False
    if read.offset == 0:
        return True
    first, end = reader.bounds(CASES, volume)
    if not first < read.offset <= end:
        return False
    (record,) = reader.records(CASES, volume, read.offset - 1, read.offset)
    return _identity(record) == read.last


def _identity(record: Record) -> str:
    return (record.headers.get("ce_id") or b"").decode("utf-8", "replace")
