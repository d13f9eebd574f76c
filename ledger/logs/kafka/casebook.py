"""The chapters over every volume, from the topic `cases`: each entry once, whichever relay carried it how often.

Chapters take the entries of two sites in any order, so the volumes are read one after the other. Time is asked with a
moment, and only of a book that is whole: every relay must have come to where the pages ended at the question before.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from ledger.book import ZONE
from ledger.logs.kafka.alerting import SaidAlerts, alert_record
from ledger.logs.kafka.chain import Chain
from ledger.logs.kafka.reading import Reader
from ledger.logs.kafka.relaying import Carried, Place, parse_case
from ledger.logs.kafka.wire import CASES, PAGES, Outgoing, Record
from ledger.routing import volume_of
from projections import chapters
from projections.chapters import Chapters
from projections.timed_alerts import transitions

FOLD = "cases"
"""Name of this fold in the header `bg_fold` of what it says."""
Passing = Callable[[Iterable[Record]], Iterable[Record]]


class CaseBook:
    """What the chapters know of a whole book. Not for several threads at once."""

    def __init__(self, volumes: int) -> None:
        self.chapters = Chapters()
        self.places = dict.fromkeys(range(volumes), Place(0, 0))
        """By volume: the last message taken."""
        self.book, self.nature = "", "real"
        self.recorded_at: datetime | None = None
        self._offsets = dict.fromkeys(range(volumes), 0)
        self._read_to = dict.fromkeys(range(volumes), 0)
        self._ends = dict.fromkeys(range(volumes), 1)
        """Offsets in `pages` a relay must have come to before the next question is asked: at first the opening."""
        self._topics = {volume: SaidAlerts(volume, FOLD) for volume in range(volumes)}

    def follow(self, reader: Reader, passing: Passing = iter) -> None:
        """Take what was carried since. `passing` is handed each record on its way: that long work moves can be seen."""
        for volume, offset in self._offsets.items():
            for record in passing(reader.records(CASES, volume, offset)):
                self.take(volume, record)

    def take(self, volume: int, record: Record) -> None:
        """Take one message. One that was carried before changes nothing. Raises `Damage` for what is no message."""
        carried = parse_case(record, volume)
        self._offsets[volume] = record.offset + 1
        self._read_to[volume] = max(self._read_to[volume], carried.read_to)
        if carried.place > self.places[volume]:
            self.places[volume] = carried.place
            self._take_new(volume, carried)

    def _take_new(self, volume: int, carried: Carried) -> None:
        self.recorded_at = max(self.recorded_at or carried.recorded_at, carried.recorded_at)
        if carried.admitted is not None:
            chapters.take(self.chapters, carried.admitted, carried.recorded_at, volume)

    def ask(self, reader: Reader, passing: Passing = iter) -> list[Outgoing]:
        """Ask which cases hold now; return what changed since it was last said. Nothing while a relay is behind."""
        self.follow(reader, passing)
        if any(self._read_to[volume] < end for volume, end in self._ends.items()):
            return []
        if not self.book:
            self._read_opening(reader)
        self._ends = {volume: reader.bounds(PAGES, volume)[1] for volume in self._ends}
        for topic in self._topics.values():
            topic.follow(reader)
        before = [alert for topic in self._topics.values() for alert in topic.timed()]
        now = self.now()
        changed = transitions(before, chapters.due(self.chapters, now), now)
        return [alert_record(alert, volume_of(alert.site, len(self.places)), FOLD, self.book) for alert in changed]

    def now(self) -> datetime:
        """Return the moment the book is at, in its zone: in a rehearsal that of the last page carried (Q1)."""
        if self.nature == "rehearsal" and self.recorded_at is not None:
            return self.recorded_at.astimezone(ZONE)
        return datetime.now(ZONE)

    def _read_opening(self, reader: Reader) -> None:
        (first,) = reader.records(PAGES, 0, 0, 1)
        taken = Chain(0).take(first.value, first.offset)
        assert taken is not None, "the first record of a volume is its first page"
        header = taken[0].header
        assert header.opening is not None, "the first page opens the book"
        self.book, self.nature = header.book, header.opening.nature
