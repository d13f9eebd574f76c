"""Price and stock watched together: rises, falling ratios, empty shelves after a surge (D1, D7)."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ledger.book import Book
from projections.chapters import due
from schemas.alerts import Alert
from schemas.page import Result
from tests.on_disk import OnDisk, rows
from tests.spec import NOON, Doc, World, described, document, given, line, reversal
from tests.watching import acknowledged, policy_set

RISE = "price_rise/WH-01/market/KN95"


def price(fen: int, day: int = 0, unit: str = "只", **fields: Any) -> Doc:
    said = {"line": 1, "item": "KN95", "unit": unit, "price_fen": fen}
    fields = {"place": "market", "observer": "watch-1"} | fields
    return document("price_observed", lines=[said], **fields).at(NOON + timedelta(days=day))


def sales(sold: int, stock: int, day: int = 0, **fields: Any) -> Doc:
    on_day = (NOON + timedelta(days=day)).date().isoformat()
    fields = {"place": "market", "observer": "watch-1"} | fields
    return document("sales_observed", on_day=on_day, lines=[line(sold, stock=stock)], **fields).at(
        NOON + timedelta(days=day, hours=6)
    )


def alerts(world: World, kind: str, day: int = 9) -> list[Alert]:
    return [a for a in due(world.folds.chapters, NOON + timedelta(days=day, hours=9)) if a.kind == kind]


@pytest.mark.parametrize(
    ("prices", "percent"),
    [
        ([price(100), price(104, 1)], None),
        ([price(100), price(105, 1)], 5),
        ([price(100), price(103, 1), price(105, 2)], 5),
        ([price(100), price(105, 3)], None),
        ([price(100), price(90, 1)], None),
        ([price(100), price(200, 1), price(100, 1).at(NOON + timedelta(days=1, hours=1))], None),
        ([price(70_000, unit="箱"), price(105, 1)], 5),
        ([price(0), price(1, 1)], 0),
    ],
)
def test_a_price_rise_of_five_percent_in_a_day_or_over_two_is_reported(prices: list[Doc], percent: int | None) -> None:
    """(D7) The price of a day is the last one seen; packs are compared by their base units."""
    found = alerts(given(*prices[::-1]), "price_rise")
    assert [a.facts["percent"] for a in found] == ([] if percent is None else [percent])


def test_a_price_alert_closes_only_with_a_cause_and_a_measure() -> None:
    """(D7) And a new rise opens it again."""
    world = given(price(100), price(120, 1))
    (alert,) = alerts(world, "price_rise")
    assert (alert.alert, alert.rule, alert.facts["place"]) == (RISE, "D7", "market")
    world.when(acknowledged(RISE).at(NOON + timedelta(days=2)))
    assert [a.state for a in alerts(world, "price_rise")] == ["acknowledged"]
    world.when(acknowledged(RISE, cause=" ").at(NOON + timedelta(days=2, hours=1)))
    assert len(alerts(world, "price_rise")) == 1
    world.when(acknowledged(RISE, cause="hoarding").at(NOON + timedelta(days=3)))
    assert alerts(world, "price_rise") == []
    assert len(alerts(world.when(price(150, 2), price(190, 4), price(250, 5)), "price_rise")) == 1


def test_the_percentage_is_recorded_policy() -> None:
    """(D7)"""
    assert alerts(given(policy_set("price_rise_percent", 30), price(100), price(120, 1)), "price_rise") == []


def test_a_reversed_observation_raises_nothing() -> None:
    """(D7, A9)"""
    wrong = price(990, 1, source="dev-9.t1", number=4)
    assert len(alerts(given(price(100), wrong), "price_rise")) == 1
    world = given(price(100), wrong).when(reversal(wrong)).then(Result.ADMITTED)
    assert alerts(world, "price_rise") == []


def test_a_stock_to_sales_ratio_that_keeps_falling_is_reported_until_answered() -> None:
    """(D7) Three falls in a row; a day without a fall begins again."""
    falling = [sales(10, 100), sales(10, 90, 1), sales(20, 90, 2), sales(20, 80, 3)]
    (alert,) = alerts(given(*falling[::-1]), "ratio_falling")
    assert (alert.facts["days"], alert.facts["stock"]) == (3, 80)
    assert alerts(given(*falling[:3]), "ratio_falling") == []
    assert alerts(given(*falling[:2], sales(10, 95, 2), sales(20, 80, 3)), "ratio_falling") == []
    answer = acknowledged(alert.alert, cause="holiday").at(NOON + timedelta(days=4))
    assert alerts(given(*falling, answer), "ratio_falling") == []


def test_a_surge_that_leaves_an_empty_shelf_is_told_until_goods_are_seen_again() -> None:
    """(D1) At outlets: far above the days before and nothing left the same day."""
    quiet = [sales(10, 50, day) for day in range(3)]
    (alert,) = alerts(given(*quiet, sales(31, 0, 3)), "sales_surge")
    assert (alert.severity, alert.facts["median"]) == ("urgent", 10)
    assert alerts(given(*quiet, sales(31, 1, 3)), "sales_surge") == []
    assert alerts(given(*quiet, sales(30, 0, 3)), "sales_surge") == []
    assert alerts(given(*quiet, sales(31, 0, 3), sales(0, 40, 4)), "sales_surge") == []


def test_a_day_with_only_a_price_or_only_sales_is_half_seen(tmp_path: Path) -> None:
    """(D7)"""
    disk = OnDisk(tmp_path / "book")
    wrong = disk.number(price(999, 2, source="dev-9.t1"))
    disk.admit(
        described(箱=700), price(100), sales(4, 10), sales(5, 12), price(110, 1), sales(0, 9, 2), wrong, reversal(wrong)
    )
    lake = disk.lake()
    found = rows(lake, "SELECT on_day::VARCHAR AS day, missing FROM audit_market_half_seen ORDER BY day")
    assert found == [{"day": "2020-01-30", "missing": "sales"}, {"day": "2020-01-31", "missing": "price"}]
    seen = rows(lake, "SELECT price_fen, sold, stock, ratio::VARCHAR AS ratio FROM market_days ORDER BY on_day")
    assert seen[0] == {"price_fen": 100, "sold": 5, "stock": 12, "ratio": "2.4"}
    assert seen[2]["ratio"] is None


def test_a_price_alert_is_closed_on_the_command_line(tmp_path: Path) -> None:
    """(D7)"""
    disk = OnDisk(tmp_path / "book")
    disk.admit(described(箱=700), price(100), price(120, 1), recorded=(NOON + timedelta(days=1, hours=1)).isoformat())
    disk.book.close()
    command = [str(Path(sys.executable).parent / "baogong"), "acknowledge", RISE, "--measure", "talked to the seller"]
    more = ["--cause", "hoarding", "--outcome", "confirmed", "--book", str(disk.path), "--format", "json"]
    done = subprocess.run([*command, *more], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answer = Book.open(disk.path).folds.chapters.standing.answers[RISE]
    assert (answer.cause, answer.outcome) == ("hoarding", "confirmed")
