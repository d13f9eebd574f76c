"""Forecasts by hand and by the book: need and cover of the first days (D3), demand at return to work (D4)."""

import json
import os
import subprocess
import sys
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from duckdb import DuckDBPyConnection

from ledger import forecasting
from ledger.errors import WrongUse
from projections.forecast import Point, outlook, resumed_demand, without_outliers
from tests.on_disk import OnDisk, rows
from tests.spec import Doc, described, document, issued, received, reversal
from tests.watching import day, policy_set

FIRST = date(2020, 2, 1)


def points(*values: int) -> list[Point]:
    return [Point(FIRST + timedelta(days=n), value) for n, value in enumerate(values)]


def driver(value: int, on_day: int, name: str = "staff_on_duty", **fields: Any) -> Doc:
    said = {"driver": name, "on_day": f"2020-02-{on_day:02d}", "value": value, "observer": "office-1"}
    return document("driver_observed", **said, **fields).at(day(on_day))


def test_outliers_beyond_one_and_a_half_times_the_quartile_range_are_listed() -> None:
    """(D4) Quartiles of 10, 11, 12, 13, 40 are 11 and 13: the fences stand at 8 and 16."""
    trimmed = without_outliers(points(10, 40, 11, 13, 12), 150)
    assert [p.value for p in trimmed.removed] == [40]
    assert trimmed.mean() == Decimal("11.5")
    assert without_outliers(points(10, 40, 11, 13, 12), 1500).removed == ()
    assert without_outliers(points(7), 150).mean() == 7


def test_demand_at_return_to_work_is_mean_plus_safety_stock_times_the_coefficient() -> None:
    """(D4) 改进均值偏差法: (11.5 + 5) × 30 ÷ 12 = 41.25, so 42 pieces."""
    found = resumed_demand(
        points(10, 40, 11, 13, 12), present=points(12, 12), resumed=points(29, 30, 31), safety_stock=5, iqr_percent=150
    )
    assert (found.coefficient, found.demand) == (Decimal("2.5"), 42)
    assert [p.value for p in found.sample.removed] == [40]


def test_without_demand_at_the_present_level_there_is_no_coefficient() -> None:
    """(D4) Nothing is divided by nothing."""
    found = resumed_demand(points(4), present=points(0, 0), resumed=points(9), safety_stock=0, iqr_percent=150)
    assert (found.coefficient, found.demand) == (None, None)


def test_the_need_of_the_next_days_follows_the_trend_of_history() -> None:
    """(D3) 10, 12, 14 grow by 2 a day: 16 + 18 + 20, of 40 in stock two days are covered."""
    found = outlook(points(10, 12, 14), stock=40, safety_stock=6, days=3, driver={}, ahead=())
    assert (found.mean_daily, found.trend_daily, found.expected) == (12, 2, (16, 18, 20))
    assert (found.needed, found.to_procure, found.days_of_cover) == (54, 20, 2)


def test_the_need_of_the_next_days_follows_the_staff_expected() -> None:
    """(D3) 36 used by 18 people: 2 each; 10, then 20 from there on."""
    people = {FIRST: 5, FIRST + timedelta(days=1): 6, FIRST + timedelta(days=2): 7}
    found = outlook(points(10, 12, 14), stock=100, safety_stock=0, days=3, driver=people, ahead=(10, 20))
    assert (found.per_driver, found.expected, found.days_of_cover) == (2, (20, 40, 40), 3)


def test_a_falling_demand_is_never_below_nothing_and_then_lasts() -> None:
    """(D3)"""
    found = outlook(points(20, 10, 0), stock=0, safety_stock=0, days=2, driver={}, ahead=())
    assert (found.expected, found.days_of_cover) == ((0, 0), 366)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> OnDisk:
    """Give ten days of one store: 10 a day, one day at 200, one day with an empty shelf; staff on duty."""
    disk = OnDisk(tmp_path_factory.mktemp("forecast") / "book")
    wrong = disk.number(issued(500, source="dev-9.t1").at(day(3)))
    daily = [issued(200 if n == 6 else 10, receiver="ICU").at(day(n)) for n in range(1, 8)]
    wrong_driver = disk.number(driver(900, 2, source="dev-9.t1"))
    disk.admit(
        described(箱=700), policy_set("safety_stock", 5, item="KN95"), received(260).at(day(1, 8)), *daily, wrong,
        reversal(wrong), received(95).at(day(9)), issued(12).at(day(10)), *[driver(5, n) for n in range(1, 11)],
        wrong_driver, reversal(wrong_driver), driver(40, 10, "open_beds"), recorded=day(11, 9).isoformat(),
    )  # fmt: skip
    return disk


@pytest.fixture(scope="module")
def lake(book: OnDisk) -> DuckDBPyConnection:
    """Give the lake of that book."""
    return book.lake()


def baogong(book: OnDisk, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [str(Path(sys.executable).parent / "baogong"), "forecast", *words, "--book", str(book.path)]
    env = {**os.environ, "BAOGONG_LANG": "en", "COLUMNS": "200"}
    return subprocess.run([*command, "--format", "json"], env=env, capture_output=True, text=True, check=False)


def figure(found: list[dict[str, Any]], name: str) -> Any:
    return next(row["value"] for row in found if row["figure"] == name)


def test_the_need_of_a_book_lists_every_day_it_used(lake: DuckDBPyConnection) -> None:
    """(D3) A day that ended empty is no day of demand; 95 − 12 are available; 262 used by 40 people, 5 expected."""
    found = forecasting.need(lake, "WH-01", "KN95", days=2, driver="staff_on_duty", ahead=[5])
    used = {r["on_day"].day: r["value"] for r in found if r["figure"] == "issued"}
    assert used == {1: 10, 2: 10, 3: 10, 4: 10, 5: 10, 6: 200, 9: 0, 10: 12}
    assert [figure(found, name) for name in ("available", "per_driver", "needed", "to_procure")] == [83, "6.55", 66, 0]
    assert [r["value"] for r in found if r["figure"] == "driver"] == [5] * 10


def test_the_command_for_return_to_work_lists_the_outliers_it_left_out(book: OnDisk) -> None:
    """(D4)"""
    words = ("resume", "WH-01", "KN95", "--sample", "2020-02-01..2020-02-07", "--resumed", "2020-02-10")
    found = json.loads(baogong(book, *words).stdout)
    left_out = [(r["figure"], r["value"]) for r in found if r["figure"].endswith("left_out")]
    assert left_out == [("issued_left_out", 200), ("present_left_out", 200)]
    assert [figure(found, name) for name in ("mean_issued", "coefficient", "demand")] == ["10", "1.2", 18]


def test_levels_may_be_compared_by_a_driver(lake: DuckDBPyConnection) -> None:
    """(D4) Staff on duty: 5 then, 5 now."""
    period = (date(2020, 2, 1), date(2020, 2, 2))
    found = forecasting.resume(
        lake, "WH-01", "KN95", sample=period, present=None, resumed=period, driver="staff_on_duty"
    )  # fmt: skip
    assert [figure(found, name) for name in ("coefficient", "demand")] == ["1", 15]


def test_cover_is_a_command(book: OnDisk) -> None:
    """(D6)"""
    (found,) = json.loads(baogong(book, "cover", "--site", "WH-01").stdout)
    assert (found["available"], found["class"]) == (83, "none")


@pytest.mark.parametrize(("item", "driver", "code"), [
    ("nobody's", None, "forecast_without_history"), ("KN95", "x", "forecast_without_driver"),
])  # fmt: skip
def test_a_forecast_from_nothing_says_so(lake: DuckDBPyConnection, item: str, driver: str | None, code: str) -> None:
    with pytest.raises(WrongUse) as refused:
        forecasting.need(lake, "WH-01", item, days=1, driver=driver, ahead=[1])
    assert refused.value.code == code


@pytest.mark.parametrize(("words", "said"), [
    (["need", "WH-01", "KN95", "--driver", "x"], "--driver and --expect"),
    (["resume", "WH-01", "KN95", "--resumed", "2020-02-09..2020-02-01"], "cannot be read"),
])  # fmt: skip
def test_what_cannot_be_read_is_said_in_a_sentence(book: OnDisk, words: list[str], said: str) -> None:
    done = baogong(book, *words)
    assert (done.returncode, said in " ".join(done.stderr.split()), "Traceback" in done.stderr) == (2, True, False)


def test_the_issue_control_card_shows_what_an_issue_looks_at(lake: DuckDBPyConnection) -> None:
    """(D2) A cycle of 7 days at the mean of the days that count, and the safety stock, less what is there."""
    (card,) = rows(lake, "SELECT * FROM issue_control WHERE item = 'KN95'")
    used = (card["available"], card["safety_stock"], card["cycle_days"], card["staff_on_duty"], card["open_beds"])
    assert used == (83, 5, 7, 5, 40)
    assert card["used_by"] == ["ICU", "Ward 1"]
    assert card["replenish"] == -(-262 * 7 // 8) + 5 - 83
