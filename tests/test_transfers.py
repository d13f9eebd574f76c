"""Transfers between two sites (F9): what left, what came, what is still on the way; both ends in either order."""

import itertools

import pytest

from projections.transfers import Leg
from tests.spec import Doc, World, arrived, dispatched, given, received, reversal

ENDS = (dispatched(100), dispatched(20), arrived(70), arrived(30))


def leg(world: World, lot: str = "") -> Leg:
    return world.folds.transfers.legs["T1", "KN95", lot]


def test_goods_sent_are_in_transit_until_they_arrive() -> None:
    """F9."""
    world = given(received(500)).when(dispatched(100)).then(on_hand=400)
    assert leg(world) == Leg("WH-01", "WH-02", 100, 0)
    assert leg(world).in_transit() == 100
    world.when(arrived(95)).then(on_hand=400).then(site="WH-02", on_hand=95)
    assert leg(world).in_transit() == 5


@pytest.mark.parametrize("order", list(itertools.permutations(ENDS)))
def test_the_two_ends_may_come_in_any_order(order: tuple[Doc, ...]) -> None:
    """F9."""
    world = given().when(*order)
    assert leg(world) == Leg("WH-01", "WH-02", 120, 100)
    world.then(on_hand=-120).then(site="WH-02", on_hand=100)


def test_more_arrived_than_was_said_to_leave_shows_as_below_nothing() -> None:
    """F9."""
    assert leg(given().when(dispatched(5), arrived(7))).in_transit() == -2


@pytest.mark.parametrize("end", [dispatched(5), arrived(5)], ids=["dispatched", "arrived"])
def test_reversing_an_end_takes_it_out_of_the_transfer(end: Doc) -> None:
    """A9, F9."""
    wrong = end.but(number=40)
    world = given(dispatched(100), arrived(100)).when(wrong, reversal(wrong, source="desk.t1"))
    assert leg(world) == Leg("WH-01", "WH-02", 100, 100)


def test_lots_and_packs_of_a_transfer_are_in_base_units_and_kept_apart() -> None:
    """A11, F9."""
    world = given().when(dispatched(1, unit="箱", lot="A"), dispatched(5, lot="B"), arrived(700, lot="A"))
    assert (leg(world, "A").in_transit(), leg(world, "B").in_transit()) == (0, 5)


def test_other_transfers_of_the_same_goods_are_not_touched() -> None:
    world = given().when(dispatched(5), arrived(5, transfer="T2"))
    assert leg(world).in_transit() == 5
