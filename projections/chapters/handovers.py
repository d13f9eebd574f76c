"""Handovers in sealed areas (G6): goods reach people as the zone in force says. Zones are asked of `Standing`.

Locked down: through a transit store, two entries by two hands, received by the person named for the place. Controlled:
the site fetches from its named store with its own vehicle.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from projections import policy as policies
from projections.cases import Case, identity
from projections.chapters.standing import Place, Standing, zone_at
from projections.chapters.telling import Told, Wanted, every
from schemas.emergency import Zone
from schemas.goods import TransferArrived, TransferDispatched

TAKES: Mapping[type[Any], Wanted] = {TransferDispatched: every, TransferArrived: every}

Problem = Literal[
    "not_received", "received_by_another", "one_hand", "past_transit_store", "fetched_elsewhere", "carried_by_another"
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class End:
    """One end of a transfer: the other site, who recorded it, and when."""

    transfer: str
    from_site: str
    to_site: str
    by: str
    at: datetime
    carrier: str = ""


@dataclass(slots=True)
class Handovers:
    """Both ends of transfers, by entry."""

    sent: dict[str, End] = field(default_factory=dict)
    received: dict[str, End] = field(default_factory=dict)


class Irregular(NamedTuple):
    """A handover that is not as the zone asks, and since when."""

    sent: End
    zone: Zone
    problem: Problem
    since: datetime


def take(state: Handovers, told: Told, standing: Standing) -> None:
    """Take one end of a transfer."""
    match told.entry:
        case TransferDispatched() as entry:
            ends, carrier = state.sent, entry.carrier or ""
            end = End(entry.transfer, entry.site, entry.to_site, entry.recorded_by, entry.happened_at, carrier)
        case TransferArrived() as entry:
            ends = state.received
            end = End(entry.transfer, entry.from_site, entry.site, entry.recorded_by, entry.happened_at)
        case _:
            raise AssertionError("TAKES lists no other")
    told.keep(ends, end)


def irregular(state: Handovers, standing: Standing, now: datetime) -> Iterator[Irregular]:
    """Yield what is not as the zone of the receiving site asks, by the zone at the moment of dispatch (G6)."""
    if not standing.zoned:
        return
    arrivals: dict[tuple[str, str], list[End]] = {}
    for end in state.received.values():
        if end.at <= now:
            arrivals.setdefault((end.transfer, end.to_site), []).append(end)
    for sent in state.sent.values():
        if sent.at > now:
            continue
        match zone_at(standing, sent.to_site, sent.at):
            case "locked_down":
                yield from _without_contact(standing, sent, arrivals.get((sent.transfer, sent.to_site), []), now)
            case "controlled":
                yield from _fetched(standing, sent)
            case _:
                pass


def _without_contact(standing: Standing, sent: End, arrived: list[End], now: datetime) -> Iterator[Irregular]:
    hours = policies.whole(standing.policy, "handover_hours", sent.at, site=sent.to_site)
    deadline = sent.at + timedelta(hours=hours)
    if not arrived and now >= deadline:
        yield Irregular(sent, "locked_down", "not_received", deadline)
    place = standing.places.get(sent.to_site)
    if _crosses_the_border(standing.places.get(sent.from_site), place):
        yield Irregular(sent, "locked_down", "past_transit_store", sent.at)
    for end in sorted(arrived, key=lambda e: (e.at, e.by)):
        if end.by == sent.by:
            yield Irregular(sent, "locked_down", "one_hand", end.at)
        elif place is None or end.by not in place.keepers:
            yield Irregular(sent, "locked_down", "received_by_another", end.at)


def _crosses_the_border(sender: Place | None, receiver: Place | None) -> bool:
    """Tell whether goods came from another district, and neither end is a transit store."""
    if sender is None or receiver is None or sender.district == receiver.district:
        return False
    return "transit_store" not in (sender.site_kind, receiver.site_kind)


def _fetched(standing: Standing, sent: End) -> Iterator[Irregular]:
    place = standing.places.get(sent.to_site)
    if place is not None and place.fetches_from and place.fetches_from != sent.from_site:
        yield Irregular(sent, "controlled", "fetched_elsewhere", sent.at)
    elif sent.carrier and sent.carrier != sent.to_site:
        yield Irregular(sent, "controlled", "carried_by_another", sent.at)


def due(state: Handovers, standing: Standing, now: datetime) -> Iterator[Case]:
    """Yield irregular handovers until someone says how they came out, and locked-down areas without a transit store."""
    for sent, zone, problem, since in irregular(state, standing, now):
        alert = identity("handover_irregular", sent.to_site, sent.transfer, problem)
        answer = standing.answers.get(alert)
        if answer is not None and answer.outcome and answer.at >= since:
            continue
        facts: dict[str, int | str] = {
            "transfer": sent.transfer, "from_site": sent.from_site, "zone": zone, "problem": problem
        }  # fmt: skip
        yield Case(alert, "handover_irregular", "warning", sent.to_site, since, facts=facts)
    for area in standing.zoned:
        district = _without_transit_store(standing, area, now)
        if district is not None:
            alert = identity("transit_store_missing", area)
            since = max(z.effective_from for z in standing.zoned[area] if z.effective_from <= now)
            facts = {"area": area, "district": district}
            yield Case(alert, "transit_store_missing", "urgent", area, since, facts=facts)


def _without_transit_store(standing: Standing, area: str, now: datetime) -> str | None:
    """Return the district of a locked-down area that has no transit store at its border, or None."""
    if zone_at(standing, area, now) != "locked_down":
        return None
    district = next((p.district for p in standing.places.values() if p.area == area), area)
    stores = (p for p in standing.places.values() if p.site_kind == "transit_store" and p.district == district)
    return None if any(stores) else district
