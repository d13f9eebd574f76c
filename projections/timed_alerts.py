"""Alerts of time: near expiry, expired, silent devices (D8). Pure questions with a moment, asked by a timer.

Nothing is raised or kept here: whoever asks compares with the answer before (`transitions`). There is no clock.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta, tzinfo

from projections import policy as policies
from projections.cases import SEVERITIES, AlertState, Case, described, identity
from projections.cover import below_target
from schemas.alerts import Alert, AlertKind, Severity
from schemas.document import EVERY_SITE

_DEVICE = "dev"
"""Sources named `dev…` are devices that should be heard of; desks and imports write when they have something."""


def due(state: AlertState, now: datetime) -> tuple[Alert, ...]:
    """Return the alerts of time that hold at `now`: expiry, silent devices (D8), days of cover (D6). By identity.

    Days are those of `now`'s own offset, so hand in local time. A lot may be used on the day it expires.
    """
    cases = (*_expiries(state, now), *_silences(state, now), *below_target(state, now))
    return tuple(case.as_alert() for case in sorted(cases, key=lambda c: c.alert))


def transitions(before: Iterable[Alert], held: Iterable[Alert], at: datetime) -> tuple[Alert, ...]:
    """Return what changed between two answers of `due`, as of `at`: cleared cases first, then new and changed ones."""
    told = {alert.alert: alert for alert in before}
    holding = {alert.alert: alert for alert in held}
    changed = [
        alert.model_copy(update={"changed_at": at})
        for name, alert in holding.items()
        if name not in told or (told[name].state, told[name].severity) != (alert.state, alert.severity)
    ]
    gone = [a.model_copy(update={"state": "cleared", "changed_at": at}) for n, a in told.items() if n not in holding]
    return (*gone, *changed)


def _expiries(state: AlertState, now: datetime) -> Iterator[Case]:
    today = now.toordinal()
    for site, place in state.stock.sites.items():
        for item, shelf in place.shelves.items():
            if shelf.on_hand <= 0:
                continue
            warnings: tuple[int, ...] | None = None
            for lot, kept in shelf.lots.items():
                expires_on = kept.expires_on if kept.on_hand > 0 else None
                if expires_on is None:
                    continue
                if warnings is None:
                    warnings = policies.days(state.policy, "expiry_warning_days", now, site=site, item=item)
                if expires_on.toordinal() <= today + max(0, warnings[0]):
                    on_hand = min(kept.on_hand, shelf.on_hand)
                    yield _expiry(state, (site, item, lot), (expires_on.toordinal(), on_hand), warnings, now)


def _expiry(
    state: AlertState, about: tuple[str, str, str], found: tuple[int, int], warnings: tuple[int, ...], now: datetime
) -> Case:
    (site, item, lot), (expires, quantity) = about, found
    left = expires - now.toordinal()
    kind: AlertKind = "near_expiry" if left >= 0 else "expired"
    severity = _nearness(left, warnings)
    crossed = expires + 1 if left < 0 else expires - min(w for w in (*warnings, 0) if w >= left)
    facts: dict[str, int | str] = {
        "on_hand": quantity, "days_left": left, "expires_on": date.fromordinal(expires).isoformat(),
        **described(state, item),
    }  # fmt: skip
    since = _midnight(crossed, now.tzinfo)
    case = Case(identity(kind, site, item, lot), kind, severity, site, since, item, lot, facts)
    seen = state.acknowledged.get(case.alert)
    if seen is not None and severity == _nearness(expires - seen.at.toordinal(), warnings):
        return replace(case, state="acknowledged", acknowledged_by=seen.by, changed_at=seen.at)
    return case


def _nearness(left: int, warnings: tuple[int, ...]) -> Severity:
    passed = sum(left <= w for w in warnings)
    return "urgent" if left < 0 else SEVERITIES[max(0, min(passed, len(SEVERITIES)) - 1)]


def _silences(state: AlertState, now: datetime) -> Iterator[Case]:
    heard: dict[tuple[str, str], datetime] = {}
    for (site, source), seen in state.sources.items():
        device = source.partition(".")[0]
        if site != EVERY_SITE and device.startswith(_DEVICE):
            heard[site, device] = max(seen.seen, heard.get((site, device), seen.seen))
    for (site, device), last in heard.items():
        hours = policies.whole(state.policy, "device_silent_hours", now, site=site)
        since = last + timedelta(hours=max(0, hours))
        if hours <= 0 or now <= since:
            continue
        facts: dict[str, int | str] = {"device": device, "hours": (now - last) // timedelta(hours=1)}
        case = Case(identity("device_silent", site, device), "device_silent", "warning", site, since, facts=facts)
        taken = state.acknowledged.get(case.alert)
        if taken is not None and taken.at >= since:
            case = replace(case, state="acknowledged", acknowledged_by=taken.by, changed_at=taken.at)
        yield case


def _midnight(day: int, zone: tzinfo | None) -> datetime:
    """Return the beginning of a day (`date.toordinal`) in a zone."""
    return datetime.combine(date.fromordinal(day), time(), zone)
