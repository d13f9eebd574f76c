"""Price and stock watched together (价格库存双监测, D7), and empty shelves after a surge (D1). Observations, not stock.

A price alert, and one of a falling ratio, closes only with a cause and a measure; an empty shelf when goods are seen.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median_high
from typing import Any, TypeVar

from projections import policy as policies
from projections.cases import Case, identity
from projections.chapters.standing import Standing
from projections.chapters.telling import Told, Wanted, every
from schemas.alerts import AlertKind, Severity
from schemas.market import PriceObserved, SalesObserved

TAKES: Mapping[type[Any], Wanted] = {PriceObserved: every, SalesObserved: every}
PERCENT = 100
SURGE_DAYS = 14
"""Days of sales a surge is measured by, as requisitions are."""
DAYS_ENOUGH = 3

Seen = TypeVar("Seen")
Watched = tuple[str, str, str]
"""Site that watches, place, item."""


@dataclass(frozen=True, slots=True)
class Price:
    """A price seen, in fen for so many base units."""

    site: str
    at: datetime
    place: tuple[int, int, int]
    price_fen: int
    base_units: int


@dataclass(frozen=True, slots=True)
class Sales:
    """Sales of a day and stock left, in base units."""

    site: str
    at: datetime
    place: tuple[int, int, int]
    on_day: date
    sold: int
    stock: int


@dataclass(slots=True)
class Market:
    """What was seen of an item at a place, by the line that says so."""

    prices: dict[Watched, dict[str, Price]] = field(default_factory=dict)
    sales: dict[Watched, dict[str, Sales]] = field(default_factory=dict)


def take(state: Market, told: Told, standing: Standing) -> None:
    """Take prices, or sales of a day."""
    entry = told.entry
    if isinstance(entry, PriceObserved):
        for item, factor, priced in told.lines(entry.lines):
            price = Price(entry.site, entry.happened_at, (*told.place, priced.line), priced.price_fen, factor)
            _keep(state.prices, (entry.site, entry.place, item), told, priced.line, price)
    else:
        assert isinstance(entry, SalesObserved)
        for item, factor, line in told.lines(entry.lines):
            place, figures = (*told.place, line.line), (line.quantity * factor, line.stock * factor)
            sales = Sales(entry.site, entry.happened_at, place, entry.on_day, *figures)
            _keep(state.sales, (entry.site, entry.place, item), told, line.line, sales)


def _keep(kept: dict[Watched, dict[str, Seen]], about: Watched, told: Told, line: int, seen: Seen) -> None:
    key = f"{told.name}#{line}"
    if told.sign > 0:
        kept.setdefault(about, {})[key] = seen
    else:
        del kept[about][key]


def due(state: Market, standing: Standing, now: datetime) -> Iterator[Case]:
    """Yield price rises and falling ratios nobody has given a cause and a measure for, and shelves sold empty."""
    for about, prices in state.prices.items():
        yield from _rises(standing, about, _by_day(prices, now), now)
    for about, sales in state.sales.items():
        days = _days_of_sales(sales, now)
        yield from _falls(standing, about, days, now)
        yield from _surge(standing, about, days, now)


def _by_day(prices: Mapping[str, Price], now: datetime) -> list[tuple[date, Price]]:
    """Return the price of each day: the last one seen of it (O1)."""
    days = {p.at.date(): p for p in sorted(prices.values(), key=lambda p: (p.at, p.place)) if p.at <= now}
    return sorted(days.items())


def _rises(standing: Standing, about: Watched, days: list[tuple[date, Price]], now: datetime) -> Iterator[Case]:
    """The latest rise is open from its day until it is answered after: one case a site, place and item."""
    prices = dict(days)
    for day, price in reversed(days):
        percent = policies.whole(standing.policy, "price_rise_percent", price.at, site=price.site, item=about[2])
        for back in (1, 2):
            before = prices.get(day - timedelta(days=back))
            if before is None or not _rose(before, price, percent):
                continue
            case = _case(
                standing, "price_rise", about, price, before=before.price_fen, price=price.price_fen, days=back,
                percent=_percent(before, price),
            )  # fmt: skip
            yield from _unanswered(standing, case, now)
            return


def _rose(before: Price, price: Price, percent: int) -> bool:
    """Tell whether a price rose by at least so many percent, per base unit and without leaving whole numbers."""
    was, become = before.price_fen * price.base_units, price.price_fen * before.base_units
    return was < become and (become - was) * PERCENT >= was * percent


def _percent(before: Price, price: Price) -> int:
    was, become = before.price_fen * price.base_units, price.price_fen * before.base_units
    return (become - was) * PERCENT // was if was else 0


def _days_of_sales(sales: Mapping[str, Sales], now: datetime) -> list[Sales]:
    """Return the sales of each day, as last said."""
    days = {s.on_day: s for s in sorted(sales.values(), key=lambda s: (s.at, s.place)) if s.at <= now}
    return [days[day] for day in sorted(days)]


def _falls(standing: Standing, about: Watched, days: list[Sales], now: datetime) -> Iterator[Case]:
    run, found = 0, None
    for before, after in pairwise(days):
        wanted = policies.whole(standing.policy, "ratio_falling_days", after.at, site=after.site, item=about[2])
        run = run + 1 if after.stock * before.sold < before.stock * after.sold else 0
        if wanted > 0 and run >= wanted:
            found = (after, run)
    if found is not None:
        last, times = found
        case = _case(standing, "ratio_falling", about, last, days=times, sold=last.sold, stock=last.stock)
        yield from _unanswered(standing, case, now)


def _surge(standing: Standing, about: Watched, days: list[Sales], now: datetime) -> Iterator[Case]:
    """The last day told of sold far above the days before it and left nothing (D1)."""
    if not days:
        return
    last = days[-1]
    times = policies.whole(standing.policy, "sales_surge_times_median", last.at, site=last.site, item=about[2])
    earlier = [s.sold for s in days[:-1] if s.sold > 0 and (last.on_day - s.on_day).days <= SURGE_DAYS]
    if last.stock or times <= 0 or len(earlier) < DAYS_ENOUGH or last.sold <= times * median_high(earlier):
        return
    on_day = last.on_day.isoformat()
    yield _case(standing, "sales_surge", about, last, on_day=on_day, sold=last.sold, median=median_high(earlier))


def _unanswered(standing: Standing, case: Case, now: datetime) -> Iterator[Case]:
    """Yield a case unless it was answered with a cause and a measure since it began (D7)."""
    answer = standing.answers.get(case.alert)
    if answer is None or not (answer.cause.strip() and answer.measure.strip() and case.changed_at <= answer.at <= now):
        yield case


def _case(standing: Standing, kind: AlertKind, about: Watched, seen: Price | Sales, **facts: int | str) -> Case:
    facts |= _named(standing, about)
    severity: Severity = "urgent" if kind == "sales_surge" else "warning"
    return Case(identity(kind, *about), kind, severity, seen.site, seen.at, about[2], facts=facts)


def _named(standing: Standing, about: Watched) -> dict[str, int | str]:
    known = standing.catalogue.items.get(about[2])
    return {"place": about[1], "name": known.name if known else about[2], "unit": known.base_unit if known else ""}
