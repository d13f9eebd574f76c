"""Forecasts (D3, D4): what will be needed, worked out from what was issued and what drives it. Nothing is guessed.

Plain arithmetic on dated figures in base units, in `Decimal`; every answer lists what it used and what it left out.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import ROUND_CEILING, Decimal
from statistics import mean, quantiles
from typing import NamedTuple

PERCENT = 100
FARTHEST_DAYS = 366
"""Stock that lasts longer is said to last this long."""


class Point(NamedTuple):
    """A figure of one day, in base units or in the unit of a driver."""

    on_day: date
    value: int


class Trimmed(NamedTuple):
    """A series without its outliers, and those (D4 ‡)."""

    kept: tuple[Point, ...]
    removed: tuple[Point, ...]

    def mean(self) -> Decimal:
        """Return the mean of what was kept; 0 of nothing."""
        return mean(Decimal(p.value) for p in self.kept) if self.kept else Decimal(0)


class Outlook(NamedTuple):
    """Days of cover and quantity needed, and what they were worked out from (D3)."""

    mean_daily: Decimal
    trend_daily: Decimal
    """Change of demand from one day to the next, by least squares."""
    per_driver: Decimal | None
    """Base units a unit of the driver; None without one."""
    expected: tuple[int, ...]
    """Demand of each day ahead, rounded up, never below nothing."""
    needed: int
    to_procure: int
    """What is needed beyond the stock, with the safety stock kept."""
    days_of_cover: int


class Resumed(NamedTuple):
    """Demand when normal work resumes (改进均值偏差法, D4), and what it was worked out from."""

    sample: Trimmed
    present: Trimmed
    resumed: Trimmed
    safety_stock: int
    coefficient: Decimal | None
    """Mean demand at the resumed level ÷ mean demand at the present level; None when there is none at present."""
    demand: int | None
    """(mean issued + safety stock) × coefficient, rounded up."""


def without_outliers(series: Sequence[Point], iqr_percent: int) -> Trimmed:
    """Part a series at its fences: quartiles (inclusive) ∓ so many percent of the range between them (D4 ‡)."""
    if len(series) < 2:  # noqa: PLR2004 - one point has no quartiles
        return Trimmed(tuple(series), ())
    first, _, third = quantiles((Decimal(p.value) for p in series), n=4, method="inclusive")
    reach = (third - first) * iqr_percent / PERCENT
    kept = tuple(p for p in series if first - reach <= p.value <= third + reach)
    return Trimmed(kept, tuple(p for p in series if p not in kept))


def resumed_demand(
    sample: Sequence[Point], *, present: Sequence[Point], resumed: Sequence[Point], safety_stock: int, iqr_percent: int
) -> Resumed:
    """Return demand = (mean of quantities issued + safety stock) × epidemic coefficient (D4).

    The coefficient compares demand, or one driver, at the resumed level with the present level.
    """
    issued, now, then = (without_outliers(series, iqr_percent) for series in (sample, present, resumed))
    if not now.mean():
        return Resumed(issued, now, then, safety_stock, None, None)
    coefficient = then.mean() / now.mean()
    return Resumed(issued, now, then, safety_stock, coefficient, _up((issued.mean() + safety_stock) * coefficient))


def outlook(
    history: Sequence[Point],
    *,
    stock: int,
    safety_stock: int,
    days: int,
    driver: Mapping[date, int],
    ahead: Sequence[int],
) -> Outlook:
    """Return what the next days need (D3). `history` holds the days that count, oldest first.

    With a driver (people a day), demand a person is carried to the numbers expected `ahead`, the last one going on;
    without, the mean of the history is carried on along its trend.
    """
    average = Trimmed(tuple(history), ()).mean()
    slope = _slope(history)
    per_driver = _per_driver(history, driver) if ahead else None
    reach = range(1, max(days, FARTHEST_DAYS) + 1)
    if per_driver is not None:
        expected = [per_driver * ahead[min(day, len(ahead)) - 1] for day in reach]
    else:
        middle = Decimal(len(history) - 1) / 2
        expected = [average + slope * (len(history) - 1 + day - middle) for day in reach]
    wanted = [_up(max(Decimal(0), quantity)) for quantity in expected]
    needed = sum(wanted[:days])
    left, covered = stock, 0
    while covered < FARTHEST_DAYS and wanted[covered] <= left:
        left -= wanted[covered]
        covered += 1
    to_procure = max(0, needed + safety_stock - stock)
    return Outlook(average, slope, per_driver, tuple(wanted[:days]), needed, to_procure, covered)


def _per_driver(history: Sequence[Point], driver: Mapping[date, int]) -> Decimal | None:
    """Return demand a unit of the driver, over the days that have both; None when no day has."""
    both = [(p.value, driver[p.on_day]) for p in history if driver.get(p.on_day)]
    return Decimal(sum(used for used, _ in both)) / sum(people for _, people in both) if both else None


def _slope(history: Sequence[Point]) -> Decimal:
    """Return the least-squares change from one day to the next, days being those that count."""
    days = len(history)
    if days < 2:  # noqa: PLR2004 - one day has no trend
        return Decimal(0)
    middle = Decimal(days - 1) / 2
    spread = sum(((n - middle) ** 2 for n in range(days)), Decimal(0))
    return sum(((n - middle) * p.value for n, p in enumerate(history)), Decimal(0)) / spread


def _up(quantity: Decimal) -> int:
    return int(quantity.to_integral_value(ROUND_CEILING))
