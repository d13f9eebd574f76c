"""Transfers under way (F9): what left and has not come, what differs and nobody explained, who answers for a leg."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from projections import policy as policies
from projections.cases import Case, identity
from projections.chapters.settlements.facts import Settlements, Step
from projections.chapters.standing import Standing, place_at
from projections.transfers import MADE_GOOD


class Ends(NamedTuple):
    """The two ends of a transfer as the entries say: the dispatch is believed before the order, the arrival last."""

    from_site: str
    to_site: str
    at: datetime
    """When it left; before that is known, when it arrived, or was ordered."""
    due_at: datetime | None
    owner: str
    dispatched: bool
    arrived: bool


class Carried(NamedTuple):
    """One item and lot of a transfer in base units, and what of the difference nobody has explained."""

    item: str
    lot: str
    dispatched: int
    arrived: int
    on_the_way: int
    unexplained: int


_BELIEVED = ("dispatched", "arrived", "ordered", "explained")


def ends_of(steps: dict[str, Step]) -> Ends:
    """Return the ends of a transfer from every step known of it, in any order."""
    said = sorted(steps.values(), key=lambda step: (_BELIEVED.index(step.said), step.at, step.order))
    kinds = {step.said for step in said}
    due = max((step.due_at for step in said if step.due_at is not None), default=None)
    owner = next((step.owner for step in said if step.owner), "")
    return Ends(
        said[0].from_site, said[0].to_site, said[0].at, due, owner, "dispatched" in kinds, "arrived" in kinds
    )  # fmt: skip


def carried(steps: dict[str, Step]) -> tuple[Carried, ...]:
    """Return what each item and lot of a transfer comes to, ordered by item and lot."""
    sums: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for step in steps.values():
        for goods in step.goods:
            of_lot = sums[goods.item, goods.lot]
            of_lot[step.said] += goods.quantity
            if step.said == "explained":
                of_lot["good"] += MADE_GOOD[goods.condition] * goods.quantity
                of_lot["moving"] += goods.quantity if goods.condition == "still_moving" else 0
    found = []
    for (item, lot), of in sorted(sums.items()):
        if of.keys() - {"ordered"}:
            left = of["dispatched"] - of["arrived"] - of["good"]
            unexplained = left - min(of["moving"], max(0, left))
            found.append(Carried(item, lot, of["dispatched"], of["arrived"], left, unexplained))
    return tuple(found)


def answers_for(standing: Standing, ends: Ends) -> str:
    """Return who answers for loss on a leg: who was named, else by the kinds of its sites (F9)."""
    if ends.owner:
        return ends.owner
    to_place = place_at(standing, ends.to_site, ends.at)
    return "street_or_township" if to_place is not None and to_place.site_kind == "sampling_point" else "county"


def differences(state: Settlements) -> Iterator[tuple[str, Ends, Carried]]:
    """Yield what both ends say differently and nobody has explained: transfer, its ends, the item and lot (F9)."""
    for transfer, steps in sorted(state.transfers.items()):
        ends = ends_of(steps)
        if ends.dispatched and ends.arrived:
            yield from ((transfer, ends, one) for one in carried(steps) if one.unexplained)


def late(state: Settlements, standing: Standing, now: datetime) -> Iterator[tuple[str, Ends, datetime]]:
    """Yield transfers that should have arrived: by the order, else so many hours after they left (policy, D8)."""
    for transfer, steps in sorted(state.transfers.items()):
        ends = ends_of(steps)
        moving = any(one.on_the_way > 0 for one in carried(steps))
        awaited = not (ends.dispatched or ends.arrived) and ends.due_at is not None
        if (ends.arrived and not _said_to_move(steps)) or not (moving or awaited):
            continue
        hours = policies.whole(standing.policy, "in_transit_hours", ends.at, site=ends.to_site)
        due = ends.due_at if ends.due_at is not None else ends.at + timedelta(hours=hours)
        if due < now:
            yield transfer, ends, due


def _said_to_move(steps: dict[str, Step]) -> bool:
    return any(goods.condition == "still_moving" for step in steps.values() for goods in step.goods)


def due(state: Settlements, standing: Standing, now: datetime) -> Iterator[Case]:
    """Yield the cases of transfers whose ends differ and of those that are late."""
    for transfer, ends, one in differences(state):
        known = standing.catalogue.items.get(one.item)
        facts: dict[str, int | str] = {
            "transfer": transfer, "from_site": ends.from_site, "dispatched": one.dispatched, "arrived": one.arrived,
            "difference": one.unexplained, "answers_for": answers_for(standing, ends),
            "name": known.name if known else one.item, "unit": known.base_unit if known else "",
        }  # fmt: skip
        name = identity("transfer_difference", ends.to_site, transfer, one.item, one.lot)
        arrived = max(step.at for step in state.transfers[transfer].values() if step.said == "arrived")
        yield Case(name, "transfer_difference", "warning", ends.to_site, arrived, one.item, one.lot, facts)
    for transfer, ends, since in late(state, standing, now):
        facts = {
            "transfer": transfer, "from_site": ends.from_site, "hours": (now - since) // timedelta(hours=1),
            "answers_for": answers_for(standing, ends),
        }  # fmt: skip
        name = identity("transfer_late", ends.to_site, transfer)
        yield Case(name, "transfer_late", "warning", ends.to_site, since, facts=facts)
