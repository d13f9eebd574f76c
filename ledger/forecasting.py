"""Forecasts of the book (D3, D4): series of the lake, policy of the book's day, and every figure that was used."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from duckdb import DuckDBPyConnection

from ledger.errors import WrongUse
from projections import policy as policies
from projections.forecast import Outlook, Point, Resumed, Trimmed, outlook, resumed_demand

Row = dict[str, Any]
"""One figure of a forecast: `figure`, `on_day` when it is of a day, `value`."""
Period = tuple[date, date]
"""First and last day."""
_PLACES = Decimal("0.0001")


def need(
    lake: DuckDBPyConnection, site: str, item: str, *, days: int | None, driver: str | None, ahead: Sequence[int]
) -> list[Row]:
    """Return what the next days need of an item, and days of cover, with every figure used (D3).

    Days that ended with nothing on hand are left out. Raises `forecast_without_history` when no day counts.
    """
    sample_days = _ruled(lake, "forecast_sample_days", site, item)
    today = _book_day(lake)
    history = _issued(lake, site, item, (today - timedelta(days=sample_days), today))
    used = {p.on_day: p.value for p in _driven(lake, site, driver)} if driver else {}
    reach = days or _ruled(lake, "forecast_days", site, item)
    available, safety = _available(lake, site, item), _ruled(lake, "safety_stock", site, item)
    found = outlook(history, stock=available, safety_stock=safety, days=reach, driver=used, ahead=ahead)
    return [
        *_said(found, available, safety),
        *_ahead(found, today),
        *_series("issued", Trimmed(tuple(history), ())),
    ] + [_row("driver", p.value, p.on_day) for p in map(Point._make, sorted(used.items())) if driver]


def resume(  # noqa: PLR0913 - the terms of the formula, each by its name
    lake: DuckDBPyConnection, site: str, item: str, *, sample: Period | None, present: Period | None, resumed: Period,
    driver: str | None,
) -> list[Row]:  # fmt: skip
    """Return demand when normal work resumes (改进均值偏差法, D4): every figure used, and every outlier left out.

    Levels are compared by what was issued, or by a driver. The sample period is the last days of policy when absent.
    """
    today = _book_day(lake)
    sample_days = _ruled(lake, "forecast_sample_days", site, item)
    taken = sample or (today - timedelta(days=sample_days), today - timedelta(days=1))
    levels = [
        _driven(lake, site, driver, period) if driver else _issued(lake, site, item, period)
        for period in (present or taken, resumed)
    ]
    found = resumed_demand(
        _issued(lake, site, item, taken), present=levels[0], resumed=levels[1],
        safety_stock=_ruled(lake, "safety_stock", site, item),
        iqr_percent=_ruled(lake, "outlier_iqr_percent", site, item),
    )  # fmt: skip
    return _resumption(found)


def _said(found: Outlook, available: int, safety_stock: int) -> list[Row]:
    figures: dict[str, Decimal | int | None] = {
        "available": available, "safety_stock": safety_stock, "days_of_cover": found.days_of_cover,
        "needed": found.needed, "to_procure": found.to_procure, "mean_daily": found.mean_daily,
        "trend_daily": found.trend_daily, "per_driver": found.per_driver,
    }  # fmt: skip
    return [_row(name, value) for name, value in figures.items()]


def _ahead(found: Outlook, today: date) -> list[Row]:
    return [_row("expected", quantity, today + timedelta(days=n)) for n, quantity in enumerate(found.expected)]


def _resumption(found: Resumed) -> list[Row]:
    figures: dict[str, Decimal | int | None] = {
        "demand": found.demand, "mean_issued": found.sample.mean(), "safety_stock": found.safety_stock,
        "coefficient": found.coefficient, "mean_present": found.present.mean(), "mean_resumed": found.resumed.mean(),
    }  # fmt: skip
    parts = {"issued": found.sample, "present": found.present, "resumed": found.resumed}
    listed = [row for name, series in parts.items() for row in _series(name, series)]
    return [_row(name, value) for name, value in figures.items()] + listed


def _series(name: str, series: Trimmed) -> list[Row]:
    kept = [_row(name, p.value, p.on_day) for p in series.kept]
    return kept + [_row(f"{name}_left_out", p.value, p.on_day) for p in series.removed]


def _row(figure: str, value: Decimal | int | None, on_day: date | None = None) -> Row:
    shown = f"{value.quantize(_PLACES).normalize():f}" if isinstance(value, Decimal) else value
    return {"figure": figure, "on_day": on_day, "value": shown}


def _issued(lake: DuckDBPyConnection, site: str, item: str, period: Period) -> list[Point]:
    sql = "SELECT on_day, issued FROM demand_days WHERE site = $1 AND item = $2 AND counts AND on_day BETWEEN $3 AND $4"
    found = [Point(*row) for row in lake.execute(f"{sql} ORDER BY on_day", [site, item, *period]).fetchall()]
    if not found:
        raise WrongUse("forecast_without_history", site=site, item=item, found=f"{period[0]} – {period[1]}")
    return found


def _driven(lake: DuckDBPyConnection, site: str, driver: str, period: Period | None = None) -> list[Point]:
    first, last = period or (date.min, date.max)
    sql = (
        "SELECT on_day, value FROM drivers WHERE site = $1 AND driver = $2 AND on_day BETWEEN $3 AND $4 ORDER BY on_day"
    )
    found = [Point(*row) for row in lake.execute(sql, [site, driver, first, last]).fetchall()]
    if not found:
        raise WrongUse("forecast_without_driver", site=site, driver=driver)
    return found


def _available(lake: DuckDBPyConnection, site: str, item: str) -> int:
    row = lake.execute("SELECT available FROM stock WHERE site = $1 AND item = $2", [site, item]).fetchone()
    return int(row[0]) if row else 0


def _book_day(lake: DuckDBPyConnection) -> date:
    row = lake.execute("SELECT book_day()").fetchone()
    assert row is not None
    day: date = row[0]
    return day


def _ruled(lake: DuckDBPyConnection, key: str, site: str, item: str) -> int:
    shipped = policies.DEFAULTS[key].value
    row = lake.execute("SELECT policy_at($1, $2, $3, $4, book_now())", [key, str(shipped), site, item]).fetchone()
    assert row is not None
    return int(row[0])
