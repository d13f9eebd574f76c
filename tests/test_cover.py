"""Days of cover and goods on order: who is told, and that the lake works out the same (D5, D6)."""

from datetime import datetime
from pathlib import Path
from typing import Any

from projections.cover import cover_of
from schemas.alerts import Alert
from tests.on_disk import OnDisk, rows
from tests.spec import Doc, World, described, document, donated, given, issued, line, received, reversal
from tests.watching import acknowledged, changes, day, on, only, policy_set

TEN_DAYS = policy_set("cover_target_days", 10)
NOON = day(11)


def drawn(each: int, days: range, receiver: str = "Ward 1") -> list[Doc]:
    return [issued(each, receiver=receiver).at(day(n)) for n in days]


def low(world: World, at: datetime = NOON) -> list[Alert]:
    return [a for a in world.folds.due(at) if a.kind == "cover_low"]


def ordered(quantity: int, order: str = "O-1", unit: str = "只", **fields: Any) -> Doc:
    said = line(quantity, unit=unit)
    return document("goods_ordered", order=order, supplier="maker", lines=[said], **fields)


def naming(order: str, quantity: int, **fields: Any) -> Doc:
    return received(quantity, references=[{"role": "order", "text": order}], **fields)


def test_what_lasts_less_than_its_target_alerts_everyone_who_uses_it() -> None:
    """(D6) 10 a day, 95 left: 9 days of 10."""
    world = on(given(TEN_DAYS, received(195).at(day(1, 8)), *drawn(10, range(1, 11))), 11)
    (alert,) = low(world)
    assert (alert.facts["days"], alert.facts["hours"], alert.facts["target"]) == (9, 228, 10)
    assert (alert.severity, alert.rule, alert.audience) == ("warning", "D6", ("storekeeper", "Ward 1"))
    assert low(world.when(received(5).at(NOON))) == []


def test_no_target_no_demand_no_alert() -> None:
    """(D6)"""
    assert low(given(received(195).at(day(1, 8)), *drawn(10, range(1, 11)))) == []
    assert low(given(TEN_DAYS, received(1).at(day(1, 8)))) == []


def test_goods_kept_for_a_named_receiver_or_expired_cover_nobody() -> None:
    """(D5, D6)"""
    kept = donated(500, designated="H5").at(day(1, 8))
    old = received(500, lot="old", expires_on="2020-02-10").at(day(1, 8))
    assert low(given(TEN_DAYS, received(1100).at(day(1, 8)), *drawn(10, range(1, 11)))) == []
    assert len(low(given(TEN_DAYS, received(195).at(day(1, 8)), kept, old, *drawn(10, range(1, 11))))) == 1


def test_an_answer_to_low_cover_holds_for_as_long_as_the_target() -> None:
    """(D6, D8)"""
    world = on(given(TEN_DAYS, received(135).at(day(1, 8)), *drawn(10, range(1, 11))), 11)
    world.when(acknowledged("cover_low/WH-01/KN95").at(NOON))
    assert [a.state for a in low(world, day(12))] == ["acknowledged"]
    assert [a.state for a in low(world, day(22))] == ["raised"]


def test_the_lake_covers_as_the_fold_does_and_shows_hours_for_class_one(tmp_path: Path) -> None:
    """(D3, D6)"""
    disk = OnDisk(tmp_path / "book")
    wrong = disk.number(issued(50, source="dev-9.t1").at(day(4)))
    inputs = line(300, normal_demand=100, cycle_days=9, capacity=1, evidence="register")
    disk.admit(
        described(箱=700), TEN_DAYS, received(37).at(day(1, 8)), *drawn(3, range(1, 4)), wrong, reversal(wrong),
        issued(28).at(day(5)), received(40).at(day(8)), issued(4, use="write_off").at(day(8)), *drawn(2, range(9, 11)),
        document("class_inputs_reported", lines=[inputs]).at(day(2)), recorded=day(11, 9).isoformat(),
    )  # fmt: skip
    folded = cover_of(disk.book.folds.alerts, "WH-01", "KN95", day(11, 9))
    lake = disk.lake()
    (stored,) = rows(lake, "SELECT available, days_left, hours_to_empty, class, days_seen, issued FROM cover")
    assert folded is not None
    assert (stored["available"], stored["days_left"], stored["hours_to_empty"]) == folded
    assert (stored["class"], stored["days_seen"], stored["issued"]) == ("I", 7, 13)
    counted = rows(lake, "SELECT day(on_day) AS d FROM demand_days WHERE NOT counts AND on_day >= '2020-02-01'")
    assert [r["d"] for r in counted] == [5, 6, 7]


def test_what_is_on_order_counts_before_the_reorder_point_until_it_came() -> None:
    """(D5) Available + on order + in transit."""
    world = given(policy_set("reorder_point", 700), received(100), ordered(1, unit="箱"))
    assert changes(world, "reorder_point") == [("reorder_point", "raised"), ("reorder_point", "cleared")]
    assert world.when(naming("O-1", 600)).folds.alerts.sites["WH-01"].shelves["KN95"].on_order == 100
    world.when(issued(100))
    assert only(world, "reorder_point").facts["on_order"] == 100


def test_receipts_of_an_order_may_come_before_it_and_a_reversed_order_is_not_on_order() -> None:
    """(D5, A9)"""
    order = ordered(90, number=3, source="dev-9.t1")
    for documents in ((order, naming("O-1", 60)), (naming("O-1", 60), order)):
        world = given(*documents)
        assert world.folds.alerts.sites["WH-01"].shelves["KN95"].on_order == 30
    assert given(order, reversal(order)).folds.alerts.sites["WH-01"].shelves["KN95"].on_order == 0
    over = given(order, naming("O-1", 200))
    assert over.folds.alerts.sites["WH-01"].shelves["KN95"].on_order == 0


def test_a_receipt_that_names_no_order_takes_nothing_off_one() -> None:
    """(D5)"""
    world = given(ordered(90), received(40, references=[{"role": "delivery_note", "text": "O-1"}]))
    assert world.folds.alerts.sites["WH-01"].shelves["KN95"].on_order == 90


def test_the_lake_has_the_same_on_order(tmp_path: Path) -> None:
    """(D5)"""
    disk = OnDisk(tmp_path / "book")
    wrong = disk.number(naming("O-1", 99, source="dev-9.t1"))
    disk.admit(described(箱=700), ordered(1, unit="箱"), naming("O-1", 100), wrong, reversal(wrong), ordered(5, "O-2"))
    found = rows(disk.lake(), "SELECT order_number, received, on_order FROM orders ORDER BY order_number")
    assert found == [
        {"order_number": "O-1", "received": 100, "on_order": 600},
        {"order_number": "O-2", "received": 0, "on_order": 5},
    ]
    assert disk.book.folds.alerts.sites["WH-01"].shelves["KN95"].on_order == 605
