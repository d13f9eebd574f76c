"""Days of cover (D6): how long what is available lasts at the mean demand, and who is told when that is too short.

A pure question with a moment, as alerts of time are. Days of the book; a shelf nobody draws from lasts for ever.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from projections import policy as policies
from projections import shelves
from projections.cases import AlertState, Case, described, identity

HOURS_A_DAY = 24


class Cover(NamedTuple):
    """How long what is available of an item at a site lasts."""

    available: int
    """Base units."""
    days: int
    """Whole days, rounded down."""
    hours: int


def cover_of(state: AlertState, site: str, item: str, now: datetime) -> Cover | None:
    """Return how long an item lasts at a site; None when nothing is drawn. Days that ended empty do not count (D5)."""
    watched, today = state.sites[site], now.toordinal()
    window = policies.whole(state.policy, "demand_window_days", now, site=site, item=item)
    shelf = state.stock.shelf(site, item)
    issued, seen = shelves.demand_seen(watched, item, shelf.on_hand, today, window)
    if not issued:
        return None
    expired = shelves.expired_on(shelf, now.date())
    available = shelves.available(state.stock.sites.get(site), item, expired)
    lasting = max(0, available) * seen
    return Cover(available, lasting // issued, lasting * HOURS_A_DAY // issued)


def below_target(state: AlertState, now: datetime) -> Iterator[Case]:
    """Yield a case for every shelf that lasts less than its target; it goes to every user of the item, so they save.

    An answer holds for as many days as the target has: by then goods must have come.
    """
    for site, watched in state.sites.items():
        for item in watched.shelves:
            target = policies.whole(state.policy, "cover_target_days", now, site=site, item=item)
            found = cover_of(state, site, item, now) if target > 0 else None
            if found is None or found.days >= target:
                continue
            stock = state.stock.sites.get(site)
            users = sorted(name for name, got in (stock.issued if stock else {}).items() if got.get(item, 0) > 0)
            facts: dict[str, int | str] = {
                "available": found.available, "days": found.days, "hours": found.hours, "target": target,
                **described(state, item),
            }  # fmt: skip
            case = Case(
                identity("cover_low", site, item), "cover_low", "urgent" if found.available <= 0 else "warning", site,
                now.replace(hour=0, minute=0, second=0, microsecond=0), item, facts=facts, audience=tuple(users),
            )  # fmt: skip
            yield _as_answered(state, case, now - timedelta(days=target))


def _as_answered(state: AlertState, case: Case, since: datetime) -> Case:
    taken = state.acknowledged.get(case.alert)
    if taken is None or taken.at < since:
        return case
    return replace(case, state="acknowledged", acknowledged_by=taken.by, changed_at=taken.at)
