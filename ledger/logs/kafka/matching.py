"""What workers said of one volume in `alerts` and `cases`, held against its pages as a replay comes by.

Every message is compared, those that repeat one too. A topic may be behind the pages; what it says must be theirs.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ledger.errors import Damage
from ledger.joint import told
from ledger.logs.kafka import alerting, casebook
from ledger.logs.kafka.alerting import parse_alert
from ledger.logs.kafka.relaying import Carried, Place, parse_case
from ledger.logs.kafka.wire import Record
from projections import chapters
from projections.chapters import Chapters
from schemas.alerts import Alert
from schemas.page import Page


@dataclass(slots=True)
class Check:
    """One thing compared: how many, how many differ, and the first that does."""

    name: str
    compared: int = 0
    differing: int = 0
    first_difference: str = ""

    def take(self, *, same: bool, difference: str) -> None:
        """Count one comparison."""
        self.compared += 1
        if not same:
            self.differing += 1
            self.first_difference = self.first_difference or difference

    def as_dict(self) -> dict[str, object]:
        """Return it as a row."""
        return {
            "name": self.name, "compared": self.compared, "differing": self.differing,
            "first_difference": self.first_difference,
        }  # fmt: skip


class SaidTransitions:
    """Every message of `alerts` in one partition: what follows entries must be what a replay gives, number by number.

    What follows time was asked at moments no replay has, and is compared by workers whenever they ask: here it only
    has to be readable, and said by one of them.
    """

    def __init__(self, volume: int) -> None:
        self.volume = volume
        self.check = Check(f"alerts/{volume}")
        self.last = 0
        """The highest running number there is."""
        self._said: dict[int, list[Alert]] = {}

    def read(self, records: Iterable[Record]) -> None:
        """Take the messages there are."""
        for record in records:
            try:
                alert = parse_alert(record, self.volume)
            except Damage as damage:
                self.check.take(same=False, difference=str(damage))
                continue
            fold = (record.headers.get("bg_fold") or b"").decode("utf-8", "replace")
            if fold == alerting.FOLD and alert.number:
                self._said.setdefault(alert.number, []).append(alert)
                self.last = max(self.last, alert.number)
            else:
                ours = fold in (alerting.FOLD, casebook.FOLD) and not alert.number
                self.check.take(same=ours, difference=f"offset {record.offset}: {_short(alert)}, said by {fold!r}")

    def take(self, changes: Iterable[Alert]) -> None:
        """Compare the transitions of one page, as far as the topic has come."""
        for alert in changes:
            if alert.number <= self.last:
                found = self._said.pop(alert.number, [])
                wrong = next((one for one in found if one != alert), None)
                says = "nothing" if not found else _apart(wrong, alert) if wrong else ""
                self.check.take(same=not says, difference=f"number {alert.number}: {_short(alert)}: said {says}")

    def end(self) -> None:
        """Count what was said and no page gives."""
        for number, (alert, *_) in sorted(self._said.items()):
            self.check.take(same=False, difference=f"number {number}: {_short(alert)}: no page gives it")


def _short(alert: Alert) -> str:
    return f"{alert.alert} {alert.state} {alert.severity}"


def _apart(said: Alert, replayed: Alert) -> str:
    ours, theirs = said.model_dump(), replayed.model_dump()
    return ", ".join(f"{name} {ours[name]}, replayed {theirs[name]}" for name in ours if ours[name] != theirs[name])


class SaidCases:
    """Every message of `cases` in one partition: each entry as its page holds it, in order, none left out."""

    def __init__(self, volume: int) -> None:
        self.volume = volume
        self.check = Check(f"cases/{volume}")
        self.last = Place(0, 0)
        """Up to which place it was carried."""
        self._said: dict[Place, list[Carried]] = {}
        self._positions: list[Carried] = []
        """How far the relay said it was at the last page: up to before the page after it."""

    def read(self, records: Iterable[Record]) -> None:
        """Take the messages there are. A reader takes no entry that comes after a later one: here it is a fault."""
        for record in records:
            try:
                carried = parse_case(record, self.volume)
            except Damage as damage:
                self.check.take(same=False, difference=str(damage))
                continue
            if carried.place < self.last and carried.place not in self._said:
                self.check.take(same=False, difference=f"{_at(carried.place)}: said after {_at(self.last)}")
            self._said.setdefault(carried.place, []).append(carried)
            self.last = max(self.last, carried.place)

    def take(self, page: Page, offset: int) -> None:
        """Compare the entries of one page, at an offset of `pages`, as far as the topic has come."""
        header = page.header
        self._check_positions(offset)
        for index, admitted in told(page):
            place = Place(header.page, index)
            if place <= self.last:
                expected = Carried(place, header.recorded_at, admitted)
                found = self._said.pop(place, [])
                said = "said otherwise" if found else "not said"
                same = bool(found) and all(one == expected for one in found)
                self.check.take(same=same, difference=f"{_at(place)}: {said}")
        self._positions = self._said.pop(Place(header.page, header.entries), [])
        for one in self._positions:
            same = one.admitted is None and one.recorded_at == header.recorded_at and one.read_to > offset
            self.check.take(same=same, difference=f"{_at(one.place)}: the relay's place is said otherwise")

    def _check_positions(self, end: int) -> None:
        for one in self._positions:
            if one.read_to > end:
                self.check.take(same=False, difference=f"{_at(one.place)}: said to be at {one.read_to} of {end}")

    def end(self, end: int) -> None:
        """Count what was said and no page holds; `end` is the offset after the last page."""
        self._check_positions(end)
        for place in sorted(self._said):
            self.check.take(same=False, difference=f"{_at(place)}: no page holds it")


def _at(place: Place) -> str:
    return f"page {place.page} entry {place.entry}"


class HeldCases:
    """The chapters as pages give them, of each volume up to a place: what a fold of `cases` read to there must be."""

    def __init__(self, places: Mapping[int, Place]) -> None:
        self.places = places
        self.chapters = Chapters()

    def take(self, page: Page) -> None:
        """Take one page; pages of a volume come in order, volumes in any."""
        header = page.header
        for index, admitted in told(page):
            if Place(header.page, index) <= self.places[header.volume]:
                chapters.take(self.chapters, admitted, header.recorded_at, header.volume)
