"""Emergency (K1, K2, F12): a switch that is pending, zones that may step down, who is on duty. It never decides."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any, NamedTuple

from projections import policy as policies
from projections.cases import Case, identity
from projections.chapters.standing import Standing, Zoned, level_at
from projections.chapters.telling import Told, Wanted, every
from schemas.emergency import EVERYWHERE, DutyRostered, Zone

TAKES: Mapping[type[Any], Wanted] = {DutyRostered: every}
"""States and zones stand in `Standing`."""


@dataclass(frozen=True, slots=True)
class Duty:
    """Who is on duty at a site, and until when."""

    site: str
    officer: str
    from_moment: datetime
    until: datetime


@dataclass(slots=True)
class Emergency:
    """Duty rosters by entry (F12)."""

    rosters: dict[str, Duty] = field(default_factory=dict)


class StepDown(NamedTuple):
    """A zone that may go down a step: by which rule, and since when. A person records it, or does not (K2)."""

    area: str
    zone: Zone
    suggested: Zone
    since: datetime


def take(state: Emergency, told: Told, standing: Standing) -> None:
    """Take a duty roster."""
    entry = told.entry
    assert isinstance(entry, DutyRostered)
    if told.sign > 0:
        state.rosters[told.name] = Duty(entry.site, entry.officer, entry.from_moment, entry.until)
    else:
        del state.rosters[told.name]


def on_duty(state: Emergency, site: str, officer: str, at: datetime) -> bool:
    """Tell whether someone was on duty at a site and may have decided in an emergency (F12)."""
    return any(
        (duty.site, duty.officer) == (site, officer) and duty.from_moment <= at < duty.until
        for duty in state.rosters.values()
    )


def due(state: Emergency, standing: Standing, now: datetime) -> Iterator[Case]:
    """Yield a pending switch for every area with local cases since it was last in a state of emergency (K1)."""
    for area, reported in standing.cases_reported.items():
        pending = [at for at in reported if at <= now and not _answered(standing, area, at, now)]
        if pending:
            name = identity("switch_pending", area)
            facts: dict[str, int | str] = {"area": _named(area)}
            yield Case(name, "switch_pending", "urgent", area, min(pending), facts=facts)


def _answered(standing: Standing, area: str, reported_at: datetime, now: datetime) -> bool:
    """Tell whether a directive was in force when cases were reported, or came into force after."""
    moments = [reported_at, *(d.effective_from for a in (area, EVERYWHERE) for d in standing.declared.get(a, ()))]
    return any(reported_at <= m <= now and level_at(standing, area, m) != "normal" for m in moments)


def steps_down(standing: Standing, now: datetime) -> tuple[StepDown, ...]:
    """Return the steps down that may be taken: high to medium after 7 clear days and a negative screening, medium to
    low after 3 more, first graded medium to low after 7 (K2). Days are policy.
    """
    found = []
    for area, zoned in standing.zoned.items():
        history = sorted((z for z in zoned if z.effective_from <= now), key=lambda z: z.effective_from)
        if not history or history[-1].zone not in ("high", "medium"):
            continue
        suggested: Zone = "medium" if history[-1].zone == "high" else "low"
        since = _clear_since(standing, area, history) + timedelta(days=_days_clear(standing, history, now))
        if since <= now and (history[-1].zone == "medium" or history[-1].screening_negative):
            found.append(StepDown(area, history[-1].zone, suggested, since))
    return tuple(found)


def _days_clear(standing: Standing, history: list[Zoned], now: datetime) -> int:
    came_down = len(history) > 1 and history[-1].zone == "medium" and history[-2].zone == "high"
    key = "zone_days_low_after_medium" if came_down else "zone_days_clear"
    return policies.whole(standing.policy, key, now)


def _clear_since(standing: Standing, area: str, history: list[Zoned]) -> datetime:
    """Return the last local case, or when the area came to the grade it has."""
    graded = list(takewhile(lambda z: z.zone == history[-1].zone, reversed(history)))
    began = graded[-1].effective_from
    return max(began, *standing.cases_reported.get(area, (began,)))


def _named(area: str) -> str:
    return "全市" if area == EVERYWHERE else area
