"""Alerts of one volume on Kafka: a fold in memory, and one message on `alerts` for each transition of a case.

How far it has spoken is read from the topic itself, like the balances': a fold never trusts a group's offset. What
follows entries has a running number; what follows time has none, and is said when it is not what was said last.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import orjson

from ledger.alert_words import in_words
from ledger.book import ZONE
from ledger.errors import Damage
from ledger.logs.kafka.chain import Chain
from ledger.logs.kafka.keeping import Keeper
from ledger.logs.kafka.reading import Reader
from ledger.logs.kafka.wire import ALERT_TYPE, ALERTS, Outgoing, Record, cloud_event
from ledger.words import LANGUAGES
from projections.alerts import AlertState, changes_after, evolve
from projections.timed_alerts import due, transitions
from schemas.alerts import Alert

FOLD = "alerts"
"""Name of this fold in the header `bg_fold`: who said it."""


@dataclass(slots=True)
class Spoken:
    """The alerts of a volume after a page, and what had been said of them by then."""

    alerts: AlertState
    nature: str = "real"
    recorded_at: datetime | None = None
    """Of the last page."""
    read_to: int = 0
    """Offset in `alerts` up to which it was read; `number` and `timed` are as they stood there."""
    number: int = 0
    timed: tuple[str, ...] = ()

    @property
    def page(self) -> int:
        """The page it is at."""
        return self.alerts.page

    @property
    def seal(self) -> str:
        """The seal of that page."""
        return self.alerts.seal


@dataclass(slots=True)
class KeptAlerts:
    """A snapshot: the state, the offset after its last page, and the book."""

    offset: int
    book: str
    state: Spoken


class AlertingVolume:
    """The alerts of one volume in the hands of a worker. Not for several threads at once."""

    def __init__(self, volume: int) -> None:
        self.volume = volume
        self.chain = Chain(volume)
        self.spoken = Spoken(AlertState())
        self.topic = SaidAlerts(volume, FOLD)
        self.said_to = 0
        """Number of the last transition that was said, by whichever worker."""
        self.keeper = Keeper("alerts", volume, KeptAlerts)

    def resume(self, reader: Reader) -> None:
        """Begin from the snapshot, if there is one of this chain, else from the first page; learn what was said."""
        kept = None if self.chain.page else self.keeper.resume(reader, self.chain)
        if kept is not None:
            self.spoken = kept
            self.topic.begin(kept.read_to, kept.number, map(Alert.model_validate_json, kept.timed))
        self.topic.follow(reader)
        if kept is not None and (self.topic.number < kept.alerts.number or self.topic.ahead(reader)):
            # The topic lacks what had been said: all is said again, from the first page.
            self.chain, self.spoken, self.topic = (
                Chain(self.volume),
                Spoken(AlertState()),
                SaidAlerts(self.volume, FOLD),
            )
            self.topic.follow(reader)
        self.said_to = self.topic.number

    def take_all(self, records: Iterable[Record]) -> Iterator[Outgoing]:
        """Fold pages in order; yield each transition not said before. Raises `Damage` for a gap or a fork."""
        for record in records:
            yield from self._take(record)

    def _take(self, record: Record) -> Iterator[Outgoing]:
        taken = self.chain.take(record.value, record.offset)
        if taken is None:
            return
        page, seal = taken
        spoken, opening = self.spoken, page.header.opening
        before = spoken.alerts.number
        spoken.alerts = evolve(spoken.alerts, page, seal)
        spoken.recorded_at = page.header.recorded_at
        spoken.nature = opening.nature if opening else spoken.nature
        self.keeper.grown(len(record.value or b""))
        changes = changes_after(spoken.alerts, max(before, self.said_to))
        assert changes is not None, "the transitions of one page are never forgotten while it is folded"
        yield from map(self._record, changes)

    def said(self) -> None:
        """Note that all is said that was folded; from time to time keep a snapshot."""
        self.said_to = max(self.said_to, self.spoken.alerts.number)
        if self.keeper.due:
            self.spoken.read_to, self.spoken.number = self.topic.offset, self.topic.number
            self.spoken.timed = tuple(alert.model_dump_json() for alert in self.topic.timed())
            self.keeper.keep(self.chain, self.spoken)

    def ask(self, reader: Reader) -> list[Outgoing]:
        """Ask which alerts of time hold now; return what changed since it was last said, whoever said it."""
        if self.chain.page == 0:
            return []
        self.topic.follow(reader)
        now = self.now()
        held = due(self.spoken.alerts, now)
        return [self._record(alert) for alert in transitions(self.topic.timed(), held, now)]

    def now(self) -> datetime:
        """Return the moment the volume is at, in the book's zone: in a rehearsal that of its last page (Q1)."""
        recorded_at = self.spoken.recorded_at
        if self.spoken.nature == "rehearsal" and recorded_at is not None:
            return recorded_at.astimezone(ZONE)
        return datetime.now(ZONE)

    def _record(self, alert: Alert) -> Outgoing:
        return alert_record(alert, self.volume, FOLD, self.chain.book)


class SaidAlerts:
    """What `alerts` says in one partition, each transition once, whoever said it how often.

    A transition of entries is known by its number, one of time by the case being in that state already.
    """

    def __init__(self, volume: int, fold: str | None = None) -> None:
        """Begin before the first message. `fold`: heed only what this fold said."""
        self.volume = volume
        self.fold = fold.encode() if fold else None
        self.offset = 0
        self.number = 0
        """Of the last transition of entries that was read; below 0: any may be the next."""
        self.open: dict[str, Alert] = {}

    def begin(self, offset: int, number: int, open_: Iterable[Alert]) -> None:
        """Begin where a reader was before. One that no longer knows the number takes -1."""
        self.offset, self.number, self.open = offset, number, {alert.alert: alert for alert in open_}

    def timed(self) -> tuple[Alert, ...]:
        """Return the open cases that follow time."""
        return tuple(alert for alert in self.open.values() if not alert.number)

    def follow(self, reader: Reader) -> list[Alert]:
        """Read on to the end of the partition; return what is new."""
        return list(self.read(reader.records(ALERTS, self.volume, self.offset)))

    def ahead(self, reader: Reader) -> bool:
        """Tell whether it has read more than there is: the topic was emptied since."""
        return self.offset > reader.bounds(ALERTS, self.volume)[1]

    def read(self, records: Iterable[Record]) -> Iterator[Alert]:
        """Take messages; yield those that say something new. Raises `Damage` for a gap, or what is no alert."""
        for record in records:
            self.offset = record.offset + 1
            if self.fold in (None, record.headers.get("bg_fold")):
                alert = parse_alert(record, self.volume)
                if self._take(alert):
                    yield alert

    def _take(self, alert: Alert) -> bool:
        known, gone = self.open.get(alert.alert), alert.state == "cleared"
        if alert.number:
            last = alert.number - 1 if self.number < 0 else self.number
            if alert.number > last + 1:
                raise Damage("alerts_gap", volume=self.volume, expected=last + 1, found=alert.number)
            if alert.number <= last:
                return False
            self.number = alert.number
        elif (known.state, known.severity) == (alert.state, alert.severity) if known else gone:
            return False
        if gone:
            self.open.pop(alert.alert, None)
        else:
            self.open[alert.alert] = alert
        return True


def alert_record(alert: Alert, volume: int, fold: str, book: str) -> Outgoing:
    """Write one transition: the alert as the gateway gives it, with its sentence in every language."""
    place = alert.number or f"{alert.alert}/{alert.state}/{alert.severity}/{alert.changed_at.isoformat()}"
    headers = cloud_event(ALERT_TYPE, f"{book}/{volume}/{place}", "application/json")
    headers.append(("bg_fold", fold.encode()))
    return Outgoing(ALERTS, volume, alert.alert.encode(), orjson.dumps(in_words(alert)), headers)


def parse_alert(record: Record, volume: int) -> Alert:
    """Read one message. Raises `Damage` for anything else: only workers write there."""
    try:
        said = orjson.loads(record.value or b"")
        return Alert.model_validate_json(orjson.dumps({k: v for k, v in said.items() if k not in LANGUAGES}))
    except (ValueError, AttributeError) as error:
        raise Damage("alerts_unreadable", volume=volume, offset=record.offset, found=error) from error
