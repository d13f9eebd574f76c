"""After a round: what each grid still has, what is overdue, and devices that failed inside (H1–H4)."""

from datetime import datetime, timedelta
from typing import Any

from projections.chapters import due
from projections.chapters.returns import outstanding, unassessed
from schemas.page import Result
from tests.spec import NOON, Doc, World, described, document, given, issued, received, returned, reversal
from tests.test_emergency import site, state, zone
from tests.test_packing import opened

BOX = described("box", "个").but(returnable=True)
DAY = timedelta(days=1)


def to_grid(quantity: int, grid: str = "G-1", number: int = 1, item: str = "KN95", **fields: Any) -> Doc:
    unit = "个" if item == "box" else "只"
    return issued(quantity, grid, item=item, unit=unit, round={"number": number, "grid": grid}, **fields)


def from_grid(quantity: int, condition: str = "good", grid: str = "G-1", item: str = "KN95", **fields: Any) -> Doc:
    unit = "个" if item == "box" else "只"
    return returned(
        quantity, condition, grid, item=item, unit=unit, round={"number": 1, "grid": grid}, **fields
    )  # fmt: skip


def used(quantity: int, grid: str = "G-1", **fields: Any) -> Doc:
    lines = [{"line": 1, "item": "KN95", "unit": "只", "quantity": quantity}]
    of = {"number": 1, "grid": grid}
    return document("usage_reported", receiver=grid, lines=lines, round=of, **fields)


def world(*documents: Doc) -> World:
    return given(described(箱=700), BOX, site(), received(500), received(20, item="box", unit="个"), *documents)


def left(world: World) -> dict[tuple[str, int, str], int]:
    return {share[1:]: quantity for share, quantity in outstanding(world.folds.chapters.returns).items()}


def overdue(world: World, now: datetime) -> list[str]:
    return [a.alert for a in due(world.folds.chapters, now) if a.kind == "returnables_overdue"]


def test_all_left_over_goods_come_back_and_what_does_not_is_outstanding_per_grid_and_round() -> None:
    """(H1) issued − back − lost − used, in base units."""
    played = world(
        to_grid(100), to_grid(80, "G-2"), to_grid(30, number=2), from_grid(20), used(70), from_grid(4, "lost")
    )
    assert left(played) == {
        (1, "G-1", "KN95"): 6, (1, "G-2", "KN95"): 80, (2, "G-1", "KN95"): 30
    }  # fmt: skip
    played.then(on_hand=500 - 100 - 80 - 30 + 20)


def test_left_over_goods_go_back_to_their_lot_and_reusables_wait_for_disinfection() -> None:
    """(H1, H3) Unused consumables return to stock; reusables are held until disinfected; damaged ones stay held."""
    played = world(to_grid(10, item="box"), from_grid(6, "needs_disinfection", item="box"))
    played.then(item="box", on_hand=16, held=6)
    played.when(from_grid(2, "damaged", item="box"), from_grid(1, "lost", item="box"))
    played.then(item="box", on_hand=18, held=8)
    played.when(to_grid(5, lot="A"), from_grid(5, lot="A")).then(lot="A", on_hand=0, held=0)


def test_shares_of_a_grid_are_the_same_in_whatever_order_entries_come() -> None:
    """(H1, A9, A10)"""
    documents = [to_grid(100).but(number=31), from_grid(20).but(number=32), used(70).but(number=33)]
    undo = reversal(documents[1], source="desk-2.t1")
    assert left(world(*documents, undo)) == left(world(undo, *reversed(documents))) == {(1, "G-1", "KN95"): 30}


def test_returnables_that_do_not_come_back_in_a_day_are_overdue_and_consumables_are_not() -> None:
    """(H1, D8) The clock runs from the end of the round, or from the issue while no end is announced."""
    played = world(to_grid(10, item="box"), to_grid(100))
    assert overdue(played, NOON + DAY - timedelta(minutes=1)) == []
    assert overdue(played, NOON + DAY) == ["returnables_overdue/WH-01/box/G-1/1"]
    played.when(opened(NOON + DAY, stage="closed"))
    assert overdue(played, NOON + DAY + timedelta(hours=1)) == []
    assert overdue(played, NOON + 2 * DAY) == ["returnables_overdue/WH-01/box/G-1/1"]
    played.when(from_grid(9, item="box"), from_grid(1, "lost", item="box"))
    assert overdue(played, NOON + 2 * DAY) == []


def failed(device: str = "sprayer-7", **fields: Any) -> Doc:
    return document("device_failed", device=device, grid="G-1", replaced_by="sprayer-9", number=5, **fields)


def assessed(outcome: str = "repair", at: datetime = NOON + 12 * DAY) -> Doc:
    named = {"site": "WH-01", "source": "dev-1.t1", "number": 5}
    return document(
        "damage_settled", source="desk.t1", settles=named, outcome=outcome, paper="P-1", approved_by="head-1"
    ).at(at)


def waiting(world: World, now: datetime) -> list[str]:
    return [
        device.device
        for device in unassessed(world.folds.chapters.returns, world.folds.chapters.standing, now).values()
    ]


def test_a_device_that_failed_in_the_highest_risk_area_waits_for_the_end_and_is_then_assessed() -> None:
    """(H4) 只进不出: repair or scrap is decided after the outbreak."""
    played = given(
        site(), zone("high", NOON - DAY), state("lockdown", since=NOON - DAY), failed(),
        state("normal", since=NOON + 10 * DAY),
    )  # fmt: skip
    assert waiting(played, NOON + 9 * DAY) == []
    assert waiting(played, NOON + 10 * DAY) == ["sprayer-7"]
    (alert,) = (a for a in due(played.folds.chapters, NOON + 10 * DAY) if a.kind == "device_unassessed")
    assert (alert.rule, alert.facts["device"]) == ("H4", "sprayer-7")
    played.when(assessed()).then(Result.ADMITTED)
    assert waiting(played, NOON + 13 * DAY) == []


def test_a_device_that_failed_outside_the_highest_risk_area_waits_for_nothing() -> None:
    """(H4)"""
    assert waiting(given(site(), zone("low", NOON - DAY), failed()), NOON + 30 * DAY) == []
