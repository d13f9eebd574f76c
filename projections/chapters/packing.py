"""Packing (G1–G5): plans of outlets, what is to be packed ahead, kits at the right post, the first round in time.

A plan asks for nothing by itself: the policy and state of the moment asked about decide what was due.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from projections import policy as policies
from projections.cases import Case, identity
from projections.chapters.standing import Place, Standing, areas_of
from projections.chapters.telling import Told, Wanted, every
from schemas.goods import GoodsIssued
from schemas.packing import GoodsPassedThrough, KitLevel, KitsPacked, PackingPlanned
from schemas.rounds import Post, RoundAnnounced

TAKES: Mapping[type[Any], Wanted] = {
    PackingPlanned: every,
    RoundAnnounced: lambda e: e.stage == "opened",
    KitsPacked: lambda e: e.round is not None and e.points,
    GoodsIssued: lambda e: e.round is not None,
    GoodsPassedThrough: lambda e: e.round is not None,
}

LEVEL_OF_POST: dict[Post, KitLevel] = {
    "general": "level_1", "waste": "level_2_waste", "sample_handling": "level_2_sample"
}  # fmt: skip
"""What is worn at a post (G1)."""
_WORN = frozenset(LEVEL_OF_POST.values())


@dataclass(frozen=True, slots=True)
class Point:
    """One sampling point of a plan: desks, and people by the level of kit they wear."""

    name: str
    desks: int
    staff: tuple[tuple[KitLevel, int], ...]
    sub_point: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """The packing plan of an outlet for a round."""

    site: str
    round: int
    plan: Literal["A", "B"]
    placed: Literal["at_outlet", "central"]
    at: datetime
    place: tuple[int, int]
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Delivered:
    """What an issue or pass-through brought to the points of a round: site, round, points, items, and the post."""

    site: str
    round: int
    points: tuple[str, ...]
    at: datetime
    items: tuple[str, ...] = ()
    post: Post | None = None


@dataclass(frozen=True, slots=True)
class Packed:
    """Points packed whole, and when (G3)."""

    points: tuple[str, ...]
    at: datetime


@dataclass(slots=True)
class Packing:
    """Plans, points packed, rounds opened and deliveries, each by its entry."""

    plans: dict[str, Plan] = field(default_factory=dict)
    packed: dict[tuple[str, int], dict[str, Packed]] = field(default_factory=dict)
    """By outlet and round."""
    opened: dict[str, tuple[str, int, datetime]] = field(default_factory=dict)
    """Area, round, when."""
    delivered: dict[str, Delivered] = field(default_factory=dict)


def take(state: Packing, told: Told, standing: Standing) -> None:
    """Take a plan, a packing, a round opened or a delivery."""
    match told.entry:
        case PackingPlanned() as entry:
            points = tuple(Point(p.point, p.desks, tuple(p.staff.items()), p.sub_point) for p in entry.points)
            plan = Plan(
                entry.site, entry.round, entry.plan, entry.placed, entry.happened_at, told.place, points
            )  # fmt: skip
            told.keep(state.plans, plan)
        case RoundAnnounced() as entry:
            told.keep(state.opened, (entry.area, entry.round, entry.happened_at))
        case KitsPacked(round=int(number)) as entry:
            told.keep(state.packed.setdefault((entry.site, number), {}), Packed(entry.points, entry.happened_at))
        case GoodsPassedThrough(round=int(number)) as entry:
            points_reached = tuple(sorted({line.receiver for line in entry.lines}))
            told.keep(state.delivered, Delivered(entry.site, number, points_reached, entry.happened_at))
        case GoodsIssued(round=of) as entry if of is not None:
            items = tuple(item for item, _, _ in told.lines(entry.lines))
            brought = Delivered(entry.site, of.number, (of.grid,), entry.happened_at, items, of.post)
            told.keep(state.delivered, brought)
        case _:
            raise AssertionError("TAKES lists no other")


def packs_needed(plan: Plan) -> dict[KitLevel, int]:
    """Return packs a plan needs: kits by level for its people (A, G1), or base and increment packs (B, G2).

    In plan B a point with d desks gets 1 base pack and d − 1 increments.
    """
    needed: dict[KitLevel, int] = {}
    if plan.plan == "B":
        needed = {"base": len(plan.points), "increment": sum(point.desks - 1 for point in plan.points)}
    else:
        for level, people in (worn for point in plan.points for worn in point.staff):
            needed[level] = needed.get(level, 0) + people
    return {level: packs for level, packs in needed.items() if packs}


def packing_duty(standing: Standing, plan: Plan, at: datetime) -> int:
    """Return how many points of a plan are to be packed ahead, sub-points computed on their own (G3)."""
    duty = _series(standing, "packing_duty", at, plan.site)
    sub = sum(point.sub_point for point in plan.points)
    return duty_of(len(plan.points) - sub, duty) + duty_of(sub, duty)


def duty_of(points: int, duty: tuple[int, ...]) -> int:
    """Return how many of n points to pack: none up to a bound, a number up to the next, then percents, rounded up."""
    free, at_least, bound, percent, upper, percent_above = duty
    if points <= free:
        return 0
    if points <= bound:
        return at_least
    return -(-points * (percent if points <= upper else percent_above) // 100)


def _series(standing: Standing, key: str, at: datetime, site: str = "") -> tuple[int, ...]:
    """Return a series in force; one of another length than the shipped cannot be followed."""
    shipped, found = policies.DEFAULTS[key].value, policies.policy(standing.policy, key, at, site=site)
    assert isinstance(shipped, tuple) and isinstance(found, tuple), f"{key} is a series"
    return found if len(found) == len(shipped) else shipped


def points_packed(state: Packing, plan: Plan, by: datetime) -> set[str]:
    """Return the points of a plan packed whole by a moment."""
    packed = (k for k in state.packed.get((plan.site, plan.round), {}).values() if k.at <= by)
    return {point for k in packed for point in k.points} & {point.name for point in plan.points}


def standing_plans(state: Packing, now: datetime) -> list[Plan]:
    """Return the latest plan of each outlet and round."""
    latest: dict[tuple[str, int], Plan] = {}
    for plan in sorted((p for p in state.plans.values() if p.at <= now), key=lambda p: (p.at, p.place)):
        latest[plan.site, plan.round] = plan
    return list(latest.values())


def due(state: Packing, standing: Standing, now: datetime) -> Iterator[Case]:
    """Yield kits at the wrong post, first rounds placed wrongly or late, and outlets that packed too little."""
    plans = standing_plans(state, now)
    yield from _wrong_levels(state, standing, now)
    for plan in plans:
        yield from _misplaced(standing, plan)
        yield from _packed_short(state, standing, plan, now)
    for area, number, at in state.opened.values():
        if number == 1 and at <= now:
            yield from _late(state, standing, [p for p in plans if p.round == 1], area, at, now)


def _wrong_levels(state: Packing, standing: Standing, now: datetime) -> Iterator[Case]:
    """A kit of the wrong level at a post (G1). It stays until someone says how it came out."""
    for name, issue in state.delivered.items():
        if issue.post is None or issue.at > now:
            continue
        wanted = LEVEL_OF_POST[issue.post]
        for item in sorted(set(issue.items)):
            kit = standing.catalogue.kits.get(item)
            alert = identity("kit_level_wrong", issue.site, item, name)
            if kit is None or kit.level not in _WORN or kit.level == wanted or _closed(standing, alert, issue.at):
                continue
            facts: dict[str, int | str] = {
                "grid": issue.points[0], "post": issue.post, "wanted": wanted, "level": kit.level, "issue": name,
                "name": standing.catalogue.items[item].name,
            }  # fmt: skip
            yield Case(alert, "kit_level_wrong", "urgent", issue.site, issue.at, item, facts=facts)


def _closed(standing: Standing, alert: str, since: datetime) -> bool:
    answer = standing.answers.get(alert)
    return answer is not None and answer.at >= since and bool(answer.outcome)


def placement_of(standing: Standing, place: Place, at: datetime) -> tuple[Literal["at_outlet", "central"], int]:
    """Return where the goods of a first round wait in a place's district, and how many outlets it has (G4)."""
    district = place.district
    outlets = sum(p.district == district and p.site_kind == "outlet" for p in standing.places.values())
    main_urban = policies.policy(standing.policy, "main_urban_district", at, district=district)
    more_than = policies.policy(standing.policy, "central_storage_outlets_max", at, district=district)
    assert isinstance(more_than, int), "a number of outlets"
    return ("at_outlet" if main_urban and outlets > more_than else "central"), outlets


def _misplaced(standing: Standing, plan: Plan) -> Iterator[Case]:
    place = standing.places.get(plan.site)
    if plan.round != 1 or place is None:
        return
    wanted, outlets = placement_of(standing, place, plan.at)
    if plan.placed != wanted:
        facts: dict[str, int | str] = {
            "district": place.district, "outlets": outlets, "placed": plan.placed, "wanted": wanted
        }  # fmt: skip
        alert = identity("placement_wrong", plan.site)
        yield Case(alert, "placement_wrong", "warning", plan.site, plan.at, facts=facts)


def _packed_short(state: Packing, standing: Standing, plan: Plan, now: datetime) -> Iterator[Case]:
    began = _opened_at(state, standing, plan, now)
    if began is None:
        return
    duty, packed = packing_duty(standing, plan, began), len(points_packed(state, plan, now))
    if packed < duty:
        facts: dict[str, int | str] = {
            "round": plan.round, "duty": duty, "packed": packed, "points": len(plan.points)
        }  # fmt: skip
        alert = identity("packing_short", plan.site, str(plan.round))
        yield Case(alert, "packing_short", "warning", plan.site, began, facts=facts)


def _opened_at(state: Packing, standing: Standing, plan: Plan, now: datetime) -> datetime | None:
    areas = areas_of(standing, plan.site)
    return min((at for a, n, at in state.opened.values() if n == plan.round and a in areas and at <= now), default=None)


def _late(
    state: Packing, standing: Standing, plans: list[Plan], area: str, began: datetime, now: datetime
) -> Iterator[Case]:
    """The first round is delivered in full within 4 hours, at the latest 6 (G5)."""
    latest, warned = _series(standing, "first_round_hours", began)
    here = [plan for plan in plans if area in areas_of(standing, plan.site)]
    points = {p.name for plan in here for p in plan.points}
    planned = min((plan.at for plan in here), default=now)
    brought = (d for d in state.delivered.values() if d.round == 1 and planned <= d.at <= now)
    left = points - {p for d in brought for p in d.points}
    if not left or now < began + timedelta(hours=warned):
        return
    late = now >= began + timedelta(hours=latest)
    hours = (now - began) // timedelta(hours=1)
    facts: dict[str, int | str] = {
        "area": "全市" if area == "*" else area, "hours": hours, "points": len(points), "undelivered": len(left)
    }  # fmt: skip
    since = began + timedelta(hours=latest if late else warned)
    alert = identity("first_round_late", area, began.isoformat())
    yield Case(alert, "first_round_late", "urgent" if late else "warning", area, since, facts=facts)
