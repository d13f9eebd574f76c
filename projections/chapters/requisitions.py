"""Requisitions far above use (D1): a department's own last days, or what its people can need. Someone answers for each.

It says what is far above and by which measure; whether that is wrong is for the superior department to say.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median_high
from typing import Any, NamedTuple

from projections import policy as policies
from projections.cases import Case, identity
from projections.chapters.standing import Standing
from projections.chapters.telling import Told, Wanted, every
from projections.movements import read
from schemas.approvals import RequisitionMade
from schemas.goods import GoodsIssued

TAKES: Mapping[type[Any], Wanted] = {RequisitionMade: every, GoodsIssued: lambda e: e.department is not None}
DAYS_KEPT = 366
"""Days of use kept of a department, back from its latest: older requisitions are no longer judged by use."""
DAYS_ENOUGH = 3
"""Days with use that make a habit: fewer say nothing."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One line of a requisition, in base units."""

    site: str
    requisition: str
    department: str
    superior: str
    at: datetime
    item: str
    quantity: int
    left: int
    headcount: int
    rounds: int


@dataclass(slots=True)
class Requisitions:
    """What was asked for, by entry, and what departments were given on each day (`date.toordinal`)."""

    asked: dict[str, tuple[Asked, ...]] = field(default_factory=dict)
    used: dict[tuple[str, str], dict[int, dict[str, int]]] = field(default_factory=dict)
    """Site and department → day → item → base units."""


class Abnormal(NamedTuple):
    """A line of a requisition that is far above, and every measure that says so."""

    asked: Asked
    median: int
    reasons: tuple[str, ...]


def take(state: Requisitions, told: Told, standing: Standing) -> None:
    """Take a requisition, or what a department was given."""
    entry = told.entry
    if isinstance(entry, GoodsIssued):
        return _take_use(state, told, entry)
    assert isinstance(entry, RequisitionMade)
    if told.sign < 0:
        del state.asked[told.name]
        return None
    state.asked[told.name] = tuple(
        Asked(
            entry.site, entry.requisition, entry.department, entry.superior or "", entry.happened_at, item,
            line.quantity * factor, (line.left or 0) * factor, entry.headcount or 0, entry.rounds or 1,
        )
        for item, factor, line in told.lines(entry.lines)
    )  # fmt: skip
    return None


def _take_use(state: Requisitions, told: Told, entry: GoodsIssued) -> None:
    day, days = entry.happened_at.toordinal(), state.used.setdefault((entry.site, entry.department or ""), {})
    given = days.get(day)
    if given is None:
        if day <= max(days, default=day) - DAYS_KEPT:
            return
        given = days[day] = {}
        for old in [d for d in days if d <= day - DAYS_KEPT]:
            del days[old]
    sign = told.sign
    for item, factor, _, line in read(entry.lines, told.readings):
        given[item] = given.get(item, 0) + sign * line.quantity * factor


def abnormal(state: Requisitions, standing: Standing, now: datetime) -> Iterator[Abnormal]:
    """Yield every line asked for by now that is far above use or need, of items watched at its moment (D1)."""
    for asked in (line for lines in state.asked.values() for line in lines if line.at <= now):
        about = {"site": asked.site, "item": asked.item}
        if policies.whole(standing.policy, "watched", asked.at, **about):
            drawn = _drawn(state, standing, asked)
            reasons = (*_above_use(standing, asked, drawn), *_above_need(standing, asked))
            if reasons:
                yield Abnormal(asked, median_high(drawn) if drawn else 0, reasons)


def _drawn(state: Requisitions, standing: Standing, asked: Asked) -> list[int]:
    """Return what the department was given a day, on the days of the window it was given any (D1 ‡)."""
    window = policies.whole(standing.policy, "requisition_window_days", asked.at, site=asked.site, item=asked.item)
    today = asked.at.toordinal()
    days = state.used.get((asked.site, asked.department), {})
    given = (items.get(asked.item, 0) for day, items in days.items() if today - window <= day < today)
    return [quantity for quantity in given if quantity > 0]


def _above_use(standing: Standing, asked: Asked, drawn: list[int]) -> Iterator[str]:
    if len(drawn) < DAYS_ENOUGH:
        return
    about = {"site": asked.site, "item": asked.item}
    times = policies.whole(standing.policy, "requisition_times_median", asked.at, **about)
    if times > 0 and asked.quantity > times * median_high(drawn):
        yield f"> {times} × {median_high(drawn)}"
    z = policies.whole(standing.policy, "requisition_z", asked.at, **about)
    days, total = len(drawn), sum(drawn)
    spread = days * sum(q * q for q in drawn) - total * total
    above = days * asked.quantity - total  # (q − mean) / deviation > z, without leaving whole numbers
    if z > 0 and above > 0 and spread > 0 and above * above > z * z * spread:
        yield f"z > {z}"


def _above_need(standing: Standing, asked: Asked) -> Iterator[str]:
    standard = policies.whole(standing.policy, "kit_standard", asked.at, site=asked.site, item=asked.item)
    if standard < 0 or not asked.headcount:
        return
    if asked.quantity > asked.headcount * standard * asked.rounds - asked.left:
        yield f"> {asked.headcount} × {standard} × {asked.rounds} − {asked.left}"


def due(state: Requisitions, standing: Standing, now: datetime) -> Iterator[Case]:
    """Yield every abnormal requisition nobody has answered `confirmed` or `explained`."""
    for found in abnormal(state, standing, now):
        asked = found.asked
        name = identity("requisition_abnormal", asked.site, asked.requisition, asked.item)
        answer = standing.answers.get(name)
        if answer is not None and answer.outcome and asked.at <= answer.at <= now:
            continue
        known = standing.catalogue.items.get(asked.item)
        window = policies.whole(standing.policy, "requisition_window_days", asked.at, site=asked.site, item=asked.item)
        facts: dict[str, int | str] = {
            "department": asked.department, "requisition": asked.requisition, "quantity": asked.quantity,
            "median": found.median, "days": window, "reasons": ", ".join(found.reasons),
            "name": known.name if known else asked.item, "unit": known.base_unit if known else "",
        }  # fmt: skip
        above = (asked.superior,) if asked.superior else ()
        yield Case(
            name, "requisition_abnormal", "warning", asked.site, asked.at, asked.item, facts=facts, audience=above
        )
