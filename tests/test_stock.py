"""What entries do to the stock, rule by rule: given what was recorded, when a document comes, then this is on hand."""

import copy
from datetime import date

import pytest

from projections.stock import Balance, Stock
from schemas.page import Result
from tests.spec import (
    Doc,
    World,
    adjusted,
    arrived,
    counted,
    described,
    dispatched,
    document,
    donated,
    given,
    issued,
    line,
    received,
    released,
    returned,
    reversal,
    synonym,
)

FAILED = dict.fromkeys(("name", "specification", "quantity", "expiry", "quality", "packing"), "ok") | {
    "label": "not_ok", "inspected_by": "keeper-2",
}  # fmt: skip


def figures(stock: Stock) -> object:
    """Everything a reader sees of stock, without what a mere touch leaves: positions and empty balances."""
    balances = {k: (b.on_hand, b.held, b.expires_on) for k, b in stock.balances.items()}
    parties = {k: (p.designated, p.issued) for k, p in stock.parties.items()}
    return (
        {k: v for k, v in balances.items() if v != (0, 0, None)},
        {k: v for k, v in parties.items() if v != (0, 0)},
        {k: t.on_hand for k, t in stock.totals.items() if t.on_hand},
    )


def test_a_count_checks_the_book_but_never_changes_it() -> None:
    """A1."""
    world = given(received(10))
    before = figures(world.folds.stock)
    world.when(counted(7), counted(0)).then(Result.ADMITTED, Result.ADMITTED, on_hand=10)
    assert figures(world.folds.stock) == before


def test_an_adjustment_that_answers_a_count_does_change_it() -> None:
    """A1."""
    count = counted(7).but(number=9)
    given(received(10), count).when(adjusted(-3, count)).then(on_hand=7).when(adjusted(1, count)).then(on_hand=8)


def test_an_issue_from_an_empty_book_is_admitted_and_marks_when_it_went_below_nothing() -> None:
    world = given().when(issued(5)).then(Result.ADMITTED, on_hand=-5)
    total = world.folds.stock.totals["WH-01", "KN95"]
    assert (total.negative_since, total.negative_moments) == (2, 1)
    world.when(issued(1)).then(on_hand=-6)
    assert total.negative_moments == 1
    world.when(received(6)).then(on_hand=0)
    assert total.negative_since == 0
    world.when(issued(1))
    assert total.negative_moments == 2


def test_lines_of_one_document_happen_together() -> None:
    count = counted(0).but(number=9)
    moved = [
        {"line": 1, "item": "KN95", "unit": "只", "lot": "A", "quantity_change": -5},
        {"line": 2, "item": "KN95", "unit": "只", "lot": "B", "quantity_change": 5},
    ]
    world = given(count).when(adjusted(1, count).but(lines=moved)).then(on_hand=0)
    assert world.folds.stock.totals["WH-01", "KN95"].negative_moments == 0
    world.then(lot="A", on_hand=-5).then(lot="B", on_hand=5)


@pytest.mark.parametrize(
    ("doc", "held"),
    [
        (received(10), 0),
        (received(10, inspection=FAILED), 10),
        (received(10, inspection=FAILED | {"label": "not_checked"}), 0),
        (received(10, awaiting_disinfection=True), 10),
        (received(2, unit="箱", awaiting_disinfection=True), 1400),
        (received([line(3), line(4, number=2)], awaiting_disinfection=True), 7),
    ],
)
def test_goods_not_inspected_in_order_are_on_hand_and_not_available(doc: Doc, held: int) -> None:
    """A2."""
    world = given().when(doc).then(Result.ADMITTED, held=held)
    assert world.on_hand() in (10, 1400, 7)


@pytest.mark.parametrize(
    ("requires", "fields", "held"),
    [
        ("registration", {}, 10),
        ("registration", {"registration": "R-1"}, 0),
        ("certificate", {}, 10),
        ("certificate", {"certificate": "C-1"}, 0),
        ("certificate", {"registration": "R-1"}, 10),
    ],
)
def test_goods_without_their_paper_are_held(requires: str, fields: dict[str, str], held: int) -> None:
    """A3."""
    given(described().but(requires=requires)).when(received(10, **fields)).then(on_hand=10, held=held)


def test_a_registration_known_of_the_item_need_not_be_on_every_line() -> None:
    """A3."""
    given(described().but(requires="registration", registration="R-1")).when(received(10)).then(on_hand=10, held=0)


def test_a_hold_is_lifted_by_a_recorded_release() -> None:
    """A2, A3."""
    given(received(10, awaiting_disinfection=True)).when(released(4)).then(on_hand=10, held=6)


@pytest.mark.parametrize(
    ("condition", "on_hand", "held"),
    [("good", 10, 0), ("needs_disinfection", 10, 3), ("damaged", 10, 3), ("lost", 7, 0)],
)
def test_a_return_states_its_condition_and_what_is_lost_adds_nothing(condition: str, on_hand: int, held: int) -> None:
    """H3."""
    given(received(12), issued(5)).when(returned(3, condition)).then(on_hand=on_hand, held=held)


def test_a_gift_for_a_named_receiver_is_kept_for_it_until_it_has_got_it() -> None:
    """B3."""
    world = given(donated(100, designated="Ward 1")).then(on_hand=100, designated=100)
    world.when(issued(30, receiver="Ward 1")).then(on_hand=70, designated=70)
    world.when(issued(20, receiver="Ward 2")).then(on_hand=50, designated=70)
    world.when(released(40, designated_receiver="Ward 1")).then(on_hand=50, designated=30)
    world.when(issued(50, receiver="Ward 1")).then(on_hand=0, designated=0)


def test_what_its_receiver_gave_back_is_kept_for_it_again_and_what_it_lost_is_not() -> None:
    """B3, H3."""
    world = given(donated(100, designated="Ward 1"), issued(100, receiver="Ward 1")).then(designated=0)
    world.when(returned(10, "lost")).then(on_hand=0, designated=0)
    world.when(returned(10, "good")).then(on_hand=10, designated=10)


def test_a_receiver_by_another_recorded_name_is_the_same_receiver() -> None:
    """B3."""
    world = given(described(), synonym("party", "一病区", "Ward 1"), donated(100, designated="一病区"))
    world.when(issued(30, receiver="Ward 1")).then(designated=70)
    world.when(issued(30, receiver="一病区")).then(designated=40)


def test_lots_and_sites_are_kept_apart() -> None:
    world = given(received(5, lot="A"), received(7, lot="B"), received(9, site="WH-02", lot="A"))
    world.then(lot="A", on_hand=5).then(lot="B", on_hand=7).then(site="WH-02", lot="A", on_hand=9).then(on_hand=12)


def test_the_earliest_expiry_stated_for_a_lot_is_the_one_that_counts() -> None:
    def balance(world: World) -> Balance:
        return world.folds.stock.balances["WH-01", "KN95", "A"]

    late = received(5, lot="A", expires_on="2021-06-30")
    world = given(late, received(5, lot="A", expires_on="2021-03-31"), received(5, lot="A"))
    assert balance(world).expires_on == date(2021, 3, 31)


def every_movement() -> list[tuple[str, Doc, list[dict[str, object]]]]:
    held = [{"line": 1, "item": "KN95", "factor": 1, "hold": "awaiting_disinfection"}]
    packed = [{"line": 1, "item": "KN95", "factor": 700}]
    count = counted(0).but(number=77)
    return [
        ("received", received(5, lot="A", expires_on="2021-03-31"), []),
        ("received in packs", received(2, unit="箱"), packed),
        ("received held", received(5, awaiting_disinfection=True), held),
        ("a designated gift", donated(5, designated="Ward 1"), []),
        ("issued", issued(5), []),
        ("returned", returned(5, "needs_disinfection"), held),
        ("lost", returned(5, "lost"), []),
        ("a hold released", released(5), []),
        ("a designation released", released(5, designated_receiver="Ward 1"), []),
        ("counted", counted(5), []),
        ("adjusted", adjusted(-5, count), []),
        ("dispatched", dispatched(5), []),
        ("arrived", arrived(5, site="WH-01", from_site="WH-02"), []),
    ]


@pytest.mark.parametrize(("doc", "readings"), [m[1:] for m in every_movement()], ids=[m[0] for m in every_movement()])
def test_a_reversal_restores_the_stock_bit_for_bit(doc: Doc, readings: list[dict[str, object]]) -> None:
    """A9."""
    world = given(received(50, lot="A", expires_on="2021-06-30"), donated(20, designated="Ward 1"), issued(3))
    before = copy.deepcopy(figures(world.folds.stock))
    numbered = doc.but(number=50)
    world.when(numbered).then(Result.ADMITTED)
    assert [r.written() for r in world.pages[-1][0].entries[0].readings] == readings
    world.when(reversal(numbered, readings, source="desk.t1")).then(Result.ADMITTED)
    assert figures(world.folds.stock) == before


def test_entries_about_the_whole_book_move_nothing() -> None:
    world = given(received(5))
    before = figures(world.folds.stock)
    site = {"describes": "WH-01", "name": "store", "district": "D1", "site_kind": "store"}
    policy = {"key": "reorder", "value": 10, "effective_from": "2020-02-01T00:00:00+08:00", "reason": "plan"}
    world.when(
        described("N95", "只"), synonym("party", "一病区", "Ward 1"),
        document("site_described", "*", "desk.t1", **site),
        document("policy_set", "*", "desk.t1", **policy),
    ).then(*[Result.ADMITTED] * 4)  # fmt: skip
    assert figures(world.folds.stock) == before
