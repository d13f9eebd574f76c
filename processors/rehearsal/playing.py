"""Plays a plan into a book day by day, through its gateway, and looks at every day's end. It judges nothing itself."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from pathlib import Path

from ledger.book import ZONE
from ledger.cli.language import t
from ledger.cli.output import progress
from ledger.standing import open_standing, opened
from ledger.verification import verify
from ledger.verification.rows import Report
from processors.trial.__main__ import open_book, wait_for_lake
from processors.trial.findings import Outcome, examine
from processors.trial.gateway_process import gateway
from processors.trial.plan import Plan
from processors.trial.play import Tally, hand_out_tokens, play, scanners
from schemas.alerts import Alert


@dataclass(slots=True)
class Played:
    """What became of a rehearsal."""

    tally: Tally
    outcome: Outcome
    report: Report
    days: dict[str, tuple[Alert, ...]] = field(default_factory=dict)
    """Day → the alerts open at its end."""

    @property
    def ok(self) -> bool:
        """Whether all was answered as it must be, what was planted was found and nothing else, and all verifies."""
        return self.report.ok and self.outcome.ok and not self.tally.surprises


def rehearse(plan: Plan, path: Path) -> Played:
    """Play a plan into the book of a folder, wherever its log is, and examine it. Raises `LedgerError`."""
    reopened = open_book(path, plan)
    secrets = hand_out_tokens(path, plan.materials.devices)
    tally, days = Tally(), {}
    with gateway(path) as running:
        with (
            scanners(plan.materials.devices, running.url, secrets) as door,
            progress(t("演练", "Playing")) as bar,
        ):
            for day, part in by_day(plan):
                tally.add(play(part, door, _beyond(tally.results.total(), plan.documents, bar)))
                days[day] = open_at_end_of(path, part.batches[-1].recorded_at)
        wait_for_lake(path)
        seen = tuple(alert for alerts in days.values() for alert in alerts)
        outcome = examine(plan, path, sent_before=reopened, seen=seen)
        with progress(t("核对", "Verifying")) as bar:
            report = verify(path, bar)
    return Played(tally, outcome, report, days)


def _beyond(done: int, of: int, bar: Callable[[int, int], None]) -> Callable[[int, int], None]:
    return lambda more, _: bar(done + more, of)


def by_day(plan: Plan) -> Iterator[tuple[str, Plan]]:
    """Split a plan into days, by when the book gets what is sent."""
    for day, batches in groupby(plan.batches, lambda batch: batch.recorded_at.astimezone(ZONE).date().isoformat()):
        yield day, replace(plan, batches=tuple(batches))


def open_at_end_of(path: Path, last: datetime) -> tuple[Alert, ...]:
    """Return the alerts open at the last minute of the day of a moment, as known then."""
    standing = open_standing(path)
    try:
        night = last.astimezone(ZONE).replace(hour=23, minute=59)
        return (*opened(standing), *standing.held(night))
    finally:
        standing.close()
