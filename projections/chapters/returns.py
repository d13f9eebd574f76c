"""Returns (H1–H4): what each grid of a round still has of what it was given, and failed devices that wait inside.

Consumables are balanced and never asked back by an alert: what was used is not reported by every grid.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from projections import policy as policies
from projections.cases import Case, identity
from projections.chapters.standing import Standing, areas_of, response_ended_at, zone_at
from projections.chapters.telling import Told, Wanted, every
from schemas.goods import GoodsIssued, GoodsReturned
from schemas.rounds import DamageSettled, DeviceFailed, RoundAnnounced, TestingRound
from schemas.usage import UsageReported

TAKES: Mapping[type[Any], Wanted] = {
    GoodsIssued: lambda e: e.round is not None,
    GoodsReturned: lambda e: e.round is not None,
    UsageReported: lambda e: e.round is not None,
    RoundAnnounced: lambda e: e.stage == "closed",
    DeviceFailed: every,
    DamageSettled: every,
}

HIGHEST_RISK = frozenset({"locked_down", "high"})
"""Zones nothing comes out of while the outbreak lasts (只进不出, H4)."""

Share = tuple[str, int, str, str]
"""Site, round, grid, item."""


@dataclass(slots=True)
class Outstanding:
    """What one grid was given of an item for a round and what became of it, in base units (H1, H3)."""

    issued: int = 0
    back: int = 0
    """Good, to be disinfected, or damaged."""
    lost: int = 0
    used: int = 0

    def left(self) -> int:
        """Return what is neither back nor lost nor used; below zero when more came back than went out."""
        return self.issued - self.back - self.lost - self.used


@dataclass(frozen=True, slots=True)
class Failed:
    """A device that failed at a site."""

    site: str
    device: str
    at: datetime


@dataclass(slots=True)
class Returns:
    """Shares of grids, and what rounds, devices and settled damage say of them."""

    shares: dict[Share, Outstanding] = field(default_factory=dict)
    given: dict[tuple[str, int, str], dict[str, datetime]] = field(default_factory=dict)
    """Site, round and grid → its issues, each with when."""
    closed: dict[str, tuple[str, int, datetime]] = field(default_factory=dict)
    """Announcement → area, round, when."""
    failed: dict[str, Failed] = field(default_factory=dict)
    settled: dict[str, str] = field(default_factory=dict)
    """Settling entry → the entry it settles."""


def take(state: Returns, told: Told, standing: Standing) -> None:
    """Take an issue to a grid, what came back or was used, a round closed, a device or damage settled."""
    entry = told.entry
    match entry:
        case GoodsIssued() | GoodsReturned() | UsageReported():
            _take_goods(state, told, entry)
        case RoundAnnounced():
            told.keep(state.closed, (entry.area, entry.round, entry.happened_at))
        case DeviceFailed():
            told.keep(state.failed, Failed(entry.site, entry.device, entry.happened_at))
        case DamageSettled():
            told.keep(state.settled, str(entry.settles))
        case _:
            raise AssertionError("TAKES lists no other")


def _take_goods(state: Returns, told: Told, entry: GoodsIssued | GoodsReturned | UsageReported) -> None:
    of = entry.round
    assert of is not None, "TAKES lists no other"
    if isinstance(entry, GoodsIssued):
        told.keep(state.given.setdefault((entry.site, of.number, of.grid), {}), entry.happened_at)
        for item, factor, issued in told.lines(entry.lines):
            _share(state, entry.site, of, item).issued += told.sign * issued.quantity * factor
    elif isinstance(entry, UsageReported):
        for item, factor, used in told.lines(entry.lines):
            _share(state, entry.site, of, item).used += told.sign * used.quantity * factor
    else:
        for item, factor, line in told.lines(entry.lines):
            share = _share(state, entry.site, of, item)
            quantity = told.sign * line.quantity * factor
            share.lost += quantity if line.condition == "lost" else 0
            share.back += quantity if line.condition != "lost" else 0


def _share(state: Returns, site: str, of: TestingRound, item: str) -> Outstanding:
    return state.shares.setdefault((site, of.number, of.grid, item), Outstanding())


def outstanding(state: Returns, *, returnable: Standing | None = None) -> dict[Share, int]:
    """Return what every grid still has of each round and item, in base units (H1); of returnables only if asked."""
    return {
        share: found.left()
        for share, found in sorted(state.shares.items())
        if found.left() and (returnable is None or _is_returnable(returnable, share[3]))
    }


def _is_returnable(standing: Standing, item: str) -> bool:
    facts = standing.catalogue.items.get(item)
    return facts is not None and facts.returnable


def due(state: Returns, standing: Standing, now: datetime) -> Iterator[Case]:
    """Yield returnables that did not come back in time, and devices to be assessed now that the outbreak is over."""
    for (site, number, grid, item), left in outstanding(state, returnable=standing).items():
        since = _due_back(state, standing, site, number, grid)
        if left < 0 or since is None or since > now:
            continue
        facts = standing.catalogue.items[item]
        said: dict[str, int | str] = {
            "grid": grid, "round": number, "outstanding": left, "name": facts.name, "unit": facts.base_unit
        }  # fmt: skip
        alert = identity("returnables_overdue", site, item, grid, str(number))
        yield Case(alert, "returnables_overdue", "warning", site, since, item, facts=said)
    for name, device in unassessed(state, standing, now).items():
        ended = response_ended_at(standing, device.site, device.at)
        assert ended is not None, "what is unassessed was waiting for the end"
        alert = identity("device_unassessed", device.site, name)
        yield Case(alert, "device_unassessed", "notice", device.site, ended, facts={"device": device.device})


def _due_back(state: Returns, standing: Standing, site: str, number: int, grid: str) -> datetime | None:
    """Return when the goods of a round were to be back: hours after it closed, or after the grid got the last."""
    given = max(state.given.get((site, number, grid), {}).values(), default=None)
    if given is None:
        return None
    areas = areas_of(standing, site)
    ends = [at for area, n, at in state.closed.values() if n == number and area in areas and at >= given]
    began = min(ends, default=given)
    return began + timedelta(hours=policies.whole(standing.policy, "return_due_hours", began, site=site))


def unassessed(state: Returns, standing: Standing, now: datetime) -> dict[str, Failed]:
    """Return devices that failed in the highest-risk area of an outbreak now over, and were not assessed since (H4)."""
    settled = set(state.settled.values())
    found = {}
    for name, device in state.failed.items():
        if name in settled or zone_at(standing, device.site, device.at) not in HIGHEST_RISK:
            continue
        ended = response_ended_at(standing, device.site, device.at)
        if ended is not None and ended <= now:
            found[name] = device
    return found
