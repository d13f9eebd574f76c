"""Transfers under way (F9): two ends that differ, who answers for a leg, what is late; what of them cannot be read."""

import itertools
from datetime import timedelta

import pytest

from projections.transfers import Leg
from schemas.page import Result
from tests.settling import (
    DAY,
    TWO_DISTRICTS,
    alerts,
    answered,
    calendar,
    closed,
    explained,
    only,
    ordered,
    raised,
    site,
)  # fmt: skip
from tests.spec import (
    NOON,
    Doc,
    arrived,
    dispatched,
    given,
    issued,
    reversal,
)


# -- transfers
def test_ends_that_differ_are_an_open_case_until_the_difference_is_explained() -> None:
    """(F9) And whoever owns the leg answers for it."""
    world = given(dispatched(100, leg_owner="county-1"), arrived(91))
    (alert,) = raised(world, NOON)
    assert alert.alert == "transfer_difference/WH-02/T1/KN95/"
    assert (alert.facts["difference"], alert.facts["answers_for"]) == (9, "county-1")
    assert alerts(world.when(explained(4, "lost"))) == ["transfer_difference/WH-02/T1/KN95/"]
    assert alerts(world.when(explained(5, "damaged"))) == []
    assert world.folds.transfers.legs["T1", "KN95", ""] == Leg("WH-01", "WH-02", 100, 91, 9)


def test_lost_goods_are_no_longer_inbound() -> None:
    """(F9, D5) What still moves is; an explanation that was wrong is reversed like any entry (A9)."""
    wrong = explained(9, "lost", number=8)
    world = given(dispatched(100), arrived(91), explained(2, "still_moving"), wrong)
    leg = world.folds.transfers.legs["T1", "KN95", ""]
    assert leg.in_transit() == 0
    world.when(reversal(wrong, source="desk.t1")).then(Result.ADMITTED)
    assert world.folds.transfers.legs["T1", "KN95", ""].in_transit() == 9
    assert sum(world.folds.alerts.legs.values()) == 9


def test_a_surplus_is_a_difference_too() -> None:
    """(F9)"""
    world = given(dispatched(100), arrived(109))
    assert raised(world, NOON)[0].facts["difference"] == -9
    assert alerts(world.when(explained(9, "surplus"))) == []


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_steps_of_a_transfer_in_any_order_come_to_the_same(order: tuple[int, ...]) -> None:
    """(F9)"""
    steps = (ordered(100, 300), dispatched(100), arrived(90), explained(4, "lost"))
    told = given(*TWO_DISTRICTS).when(*(steps[n].but(number=n + 1, source=f"dev-{n}.t1") for n in order))
    one = only(told)
    assert (one.kind, one.owing, one.owed, one.amount_fen) == ("cross_district", "武昌", "江岸", 27_000)
    assert [a.facts["difference"] for a in raised(told, NOON)] == [6]


@pytest.mark.parametrize(("to_kind", "owner"), [("sampling_point", "street_or_township"), ("outlet", "county")])
def test_a_leg_nobody_took_is_answered_for_by_the_kind_of_its_end(to_kind: str, owner: str) -> None:
    """(F9) County for store to outlet, street or township for outlet to point."""
    world = given(site("WH-02", "武昌", to_kind), dispatched(10), arrived(9))
    assert raised(world, NOON)[0].facts["answers_for"] == owner


def test_goods_on_the_way_too_long_are_late_by_the_order_or_else_by_policy() -> None:
    """(D8, F9) Arrived in part and said to be still moving: late again when they do not come."""
    world = given(dispatched(10))
    assert alerts(world, NOON + timedelta(hours=24)) == []
    assert alerts(world, NOON + timedelta(hours=25)) == ["transfer_late/WH-02/T1"]
    world.when(ordered(10, due=NOON + 2 * DAY))
    assert alerts(world, NOON + timedelta(hours=47)) == []
    world.when(arrived(6))
    assert alerts(world, NOON + 3 * DAY) == ["transfer_difference/WH-02/T1/KN95/"]
    world.when(explained(4, "still_moving"))
    assert alerts(world, NOON + 3 * DAY) == ["transfer_late/WH-02/T1"]
    assert alerts(world.when(arrived(4)), NOON + 3 * DAY) == []


def test_an_order_nobody_carried_out_is_late_when_it_was_due() -> None:
    """(F9) Planned, dispatched, in transit, arrived."""
    world = given(ordered(10, due=NOON + DAY))
    assert alerts(world, NOON + DAY) == []
    assert alerts(world, NOON + 2 * DAY) == ["transfer_late/WH-02/T1"]


# -- bad input: a physical fact is kept, and shown where it can be seen
@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (ordered(5).but(plan=None), "field_of_another_kind"),
        (ordered(0), "field_too_small"),
        (ordered(-1), "field_too_small"),
        (ordered(5, unit="桶"), "unit_unconvertible"),
        (ordered(5, item="nobody knows"), "item_unknown"),
        (explained(0, "lost"), "field_too_small"),
        (explained(1, "gone"), "field_not_a_choice"),
        (answered("either", "confirmed"), "field_not_a_choice"),
        (issued(5, owed={"settlement": "subsidy"}), "field_missing"),
        (issued(5, emergency_release={}), "field_missing"),
        (calendar(1900, "v", [], []), "field_too_small"),
        (calendar(2020, "v", ["2020-02-31"], []), "day_badly_written"),
    ],
)
def test_what_cannot_be_read_is_kept_with_its_reason(bad: Doc, code: str) -> None:
    """(F9, F10, F11, F12)"""
    refused = given().when(bad).pages[-1][0].header.refused
    assert [r.reason.code for r in refused if r.reason] == [code]


@pytest.mark.parametrize("unknown", [explained(5, "lost"), answered("owed", "confirmed"), closed()])
def test_a_reference_to_what_nobody_knows_is_kept(unknown: Doc) -> None:
    """(F9, F11) And shown as dangling by an audit until the other end comes."""
    assert given().when(unknown).results == [Result.ADMITTED]


def test_more_said_lost_than_is_missing_is_a_difference_the_other_way() -> None:
    """(F9)"""
    assert raised(given(dispatched(10), arrived(9), explained(3, "lost")), NOON)[0].facts["difference"] == -2
