"""Settlements (F8–F11): what opens which, for how much, due when, and how one district stands with another.

Whoever uses, settles: the receiving side owes for what arrived. Nothing is guessed: no price, no amount.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple

from projections import policy as policies
from projections.cases import Case, identity
from projections.chapters.settlements.facts import Price, Settlements, SideSaid, Step
from projections.chapters.settlements.transit import ends_of
from projections.chapters.standing import Place, Standing, place_at, response_ended_at
from projections.working_days import working_day_after
from schemas.alerts import AlertKind, Severity
from schemas.emergency import EVERYWHERE
from schemas.settling import SettlementKind

State = Literal["held", "open", "confirmed", "disputed", "closed"]
BETWEEN_DISTRICTS: frozenset[SettlementKind] = frozenset({"cross_district", "living_goods"})
"""Settlements that count in the position of one district with another (F10)."""


class Due(NamedTuple):
    """The day a settlement is due; None while supply goes on, or while a year on the way has no calendar."""

    day: date | None
    calendars: tuple[str, ...] = ()
    lacks_calendar: bool = False


class Settlement(NamedTuple):
    """One settlement as it stands at a moment. Amounts in fen; None: some item has no price."""

    settlement: str
    kind: SettlementKind
    site: str
    owing: str
    owed: str
    opened_at: datetime
    amount_fen: int | None
    unpriced: tuple[str, ...]
    due: Due
    state: State


def settlements(state: Settlements, standing: Standing, now: datetime) -> Iterator[Settlement]:
    """Yield every settlement ever opened, as it stands at a moment, ordered by name and kind."""
    for name, said in sorted(state.opened.items()):
        place = place_at(standing, said.site, said.at)
        owing = place.district if place and said.kind != "resident_advance" else said.site
        yield _judged(state, standing, now, _Opening(
            name, said.kind, said.site, owing, said.party, said.at, said.amount_fen, ()
        ))  # fmt: skip
    for transfer, steps in sorted(state.transfers.items()):
        for opening in _of_transfer(state, standing, transfer, steps):
            yield _judged(state, standing, now, opening)


class _Opening(NamedTuple):
    settlement: str
    kind: SettlementKind
    site: str
    owing: str
    owed: str
    at: datetime
    amount_fen: int | None
    unpriced: tuple[str, ...]


def _of_transfer(state: Settlements, standing: Standing, transfer: str, steps: dict[str, Step]) -> Iterator[_Opening]:
    """Open what a transfer leaves to settle: out of a hospital, or from one district to another."""
    ends = ends_of(steps)
    source, target = (place_at(standing, site, ends.at) for site in (ends.from_site, ends.to_site))
    if source is None or target is None or not (ends.dispatched or ends.arrived):
        return
    of_kind: dict[SettlementKind, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for step in steps.values():
        for goods in step.goods:
            kind: SettlementKind = "cross_district"
            if source.site_kind == "hospital":
                kind = "hospital_draw_down"
            elif not _between_districts(standing, source, target, ends.at):
                continue
            elif _is_living(standing, goods.item):
                kind = "living_goods"
            of_kind[kind][goods.item] += goods.quantity if step.said == "arrived" else 0
    for kind, arrived in sorted(of_kind.items()):
        market = (ends.from_site, source.district, EVERYWHERE) if kind == "living_goods" else ()
        amounts = {item: _amount(state, steps, item, n, market) for item, n in arrived.items()}
        unpriced = tuple(sorted(item for item, amount in amounts.items() if amount is None))
        amount = None if unpriced else sum(fen for fen in amounts.values() if fen is not None)
        owed = ends.from_site if kind == "hospital_draw_down" else source.district
        yield _Opening(transfer, kind, ends.to_site, target.district, owed, ends.at, amount, unpriced)


def _between_districts(standing: Standing, source: Place, target: Place, at: datetime) -> bool:
    """Tell whether goods went from one district to another. What the city's own stores send is allocated (F9)."""
    city = policies.word(standing.policy, "city_level", at)
    return source.district != target.district and city not in (source.district, target.district)


def _is_living(standing: Standing, item: str) -> bool:
    """Tell whether an item is of a family of living goods (A12)."""
    return standing.families.get(standing.policy.families.get(item, "")) == "living"


def _amount(
    state: Settlements, steps: dict[str, Step], item: str, quantity: int, market: tuple[str, ...]
) -> int | None:  # fmt: skip
    """Return what arrived of an item comes to: at the price of the day on the market, else at that agreed."""
    if not quantity:
        return 0
    if market:
        price = price_of_day(state, item, ends_of(steps).at.date(), market)
        return fen_of(quantity, price.price_fen, price.per) if price else None
    agreed = max(
        ((step.at, step.order, g.price_fen, g.per) for step in steps.values() for g in step.goods
         if g.item == item and g.price_fen is not None),
        default=None,
    )  # fmt: skip
    return fen_of(quantity, *agreed[2:]) if agreed else None


def price_of_day(state: Settlements, item: str, day: date, places: tuple[str, ...]) -> Price | None:
    """Return the last price seen that day at the first of the places that has one (F10, O1). None: nobody saw one."""
    seen = [price for prices in state.prices.get((item, day), {}).values() for price in prices]
    for place in places:
        there = [price for price in seen if price.place == place]
        if there:
            return max(there, key=lambda price: (price.at, price.order))
    return None


def fen_of(quantity: int, price_fen: int, per: int) -> int:
    """Return the price of a quantity in base units, in whole fen, half a fen rounded up."""
    return (2 * quantity * price_fen + per) // (2 * per)


def _judged(state: Settlements, standing: Standing, now: datetime, opening: _Opening) -> Settlement:
    name, kind = opening.settlement, opening.kind
    ended = response_ended_at(standing, opening.site, opening.at)
    due = Due(None)
    if ended is not None and ended <= now:
        due = _due(standing, now, opening, ended)
    said = state_of(state.answers.get(name, {}))
    stands: State = said
    if name in state.closed:
        stands = "closed"
    elif kind == "living_goods" and opening.unpriced and said != "disputed":
        stands = "held"
    return Settlement(
        name, kind, opening.site, opening.owing, opening.owed, opening.at, opening.amount_fen, opening.unpriced, due,
        stands,
    )  # fmt: skip


def _due(standing: Standing, now: datetime, opening: _Opening, ended: datetime) -> Due:
    start = ended.astimezone(now.tzinfo).date()
    if opening.kind != "living_goods":
        days = policies.whole(standing.policy, "settlement_days", opening.at, site=opening.site)
        return Due(start + timedelta(days=days))
    days = policies.whole(standing.policy, "settlement_working_days", opening.at, site=opening.site)
    found = working_day_after(standing.calendars, start, days, now)
    return Due(found.day, found.versions) if found else Due(None, lacks_calendar=True)


def state_of(answers: dict[str, SideSaid]) -> Literal["open", "confirmed", "disputed"]:
    """Return what the latest answers of both sides come to: two figures that differ are a dispute (F11)."""
    latest: dict[str, SideSaid] = {}
    for said in sorted(answers.values(), key=lambda said: (said.at, said.order)):
        latest[said.side] = said
    if any(said.says == "disputed" for said in latest.values()):
        return "disputed"
    if len(latest) < len(("owing", "owed")):
        return "open"
    figures = {said.amount_fen for said in latest.values() if said.amount_fen is not None}
    return "disputed" if len(figures) > 1 else "confirmed"


class Position(NamedTuple):
    """How one district stands with another: what it still owes and is owed, in fen, and how many lack a price."""

    district: str
    other: str
    owes_fen: int
    is_owed_fen: int
    unpriced: int

    @property
    def net_fen(self) -> int:
        """Return what it is owed more than it owes."""
        return self.is_owed_fen - self.owes_fen


def net_positions(state: Settlements, standing: Standing, now: datetime) -> tuple[Position, ...]:
    """Return the open position of every district with every other, both ways, ordered by district and other (F10)."""
    owes: dict[tuple[str, str], int] = defaultdict(int)
    unpriced: dict[tuple[str, str], int] = defaultdict(int)
    for one in settlements(state, standing, now):
        if one.kind in BETWEEN_DISTRICTS and one.state != "closed":
            owes[one.owing, one.owed] += one.amount_fen or 0
            unpriced[one.owing, one.owed] += one.amount_fen is None
    pairs = sorted(owes.keys() | {(other, district) for district, other in owes})
    return tuple(
        Position(a, b, owes.get((a, b), 0), owes.get((b, a), 0), unpriced.get((a, b), 0) + unpriced.get((b, a), 0))
        for a, b in pairs
    )


def due(state: Settlements, standing: Standing, now: datetime) -> Iterator[Case]:
    """Yield settlements that are held, disputed or overdue, and those whose due day no calendar tells."""
    for one in settlements(state, standing, now):
        for kind, since in _troubles(one, now):
            facts: dict[str, int | str] = {
                "settlement": one.settlement, "settlement_kind": one.kind, "owing": one.owing, "owed": one.owed,
                "items": ", ".join(one.unpriced), "due_on": one.due.day.isoformat() if one.due.day else "",
            }  # fmt: skip
            name = identity(kind, one.site, one.settlement, one.kind)
            severity: Severity = "urgent" if kind == "settlement_overdue" else "warning"
            yield Case(name, kind, severity, one.site, since, facts=facts)


def _troubles(one: Settlement, now: datetime) -> Iterator[tuple[AlertKind, datetime]]:
    if one.state == "held":
        yield "settlement_held", one.opened_at
    if one.state == "disputed":
        yield "settlement_disputed", one.opened_at
    if one.state != "closed" and one.due.lacks_calendar:
        yield "calendar_missing", one.opened_at
    if one.state != "closed" and one.due.day is not None and now.date() > one.due.day:
        yield "settlement_overdue", datetime.combine(one.due.day + timedelta(days=1), datetime.min.time(), now.tzinfo)
