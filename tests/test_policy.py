"""Policy as recorded: which value is in force for a site and item at a moment. Asks the fold; records real entries."""

from datetime import datetime
from typing import Any

import pytest

from projections.policy import DEFAULTS, policy
from tests.spec import NOON, World, described, document, given

MORNING = "2020-01-29T08:00:00+08:00"
TOMORROW = datetime.fromisoformat("2020-01-30T12:00:00+08:00")


def ruled(key: str, value: Any, since: str = MORNING, **scope: str) -> Any:
    return document(
        "policy_set", "*", "desk.t1", key=key, value=value, scope=scope, effective_from=since, reason="test"
    )  # fmt: skip


def in_force(world: World, key: str, at: datetime = NOON, **about: str) -> Any:
    return policy(world.folds.policy, key, at, **about)


def test_what_nobody_recorded_is_the_shipped_default_with_its_rule() -> None:
    assert in_force(given(), "expiry_warning_days", site="WH-01", item="KN95") == (90, 30, 7)
    assert all(default.rule and default.unit for default in DEFAULTS.values())


def test_a_narrower_scope_wins_whatever_the_order_it_was_recorded_in() -> None:
    """Item over family over site over district over everywhere."""
    site = document(
        "site_described", "*", "desk.t1", describes="WH-01", name="One", district="Jiangan", site_kind="store"
    )  # fmt: skip
    item = described("KN95", "只").but(family="masks")
    rules = [
        ruled("safety_stock", 5, item="KN95"),
        ruled("safety_stock", 4, family="masks"),
        ruled("safety_stock", 3, site="WH-01"),
        ruled("safety_stock", 2, district="Jiangan"),
        ruled("safety_stock", 1),
    ]
    for wanted in (5, 4, 3, 2, 1):
        world = given(item, site, *rules[5 - wanted :])
        assert in_force(world, "safety_stock", site="WH-01", item="KN95") == wanted
    assert in_force(world, "safety_stock", site="WH-02", item="gowns") == 1


def test_of_equal_scopes_the_later_day_wins_and_then_book_order() -> None:
    world = given(
        ruled("safety_stock", 30, since="2020-01-29T09:00:00+08:00"), ruled("safety_stock", 10, since=MORNING)
    )  # fmt: skip
    assert in_force(world, "safety_stock") == 30
    assert in_force(world.when(ruled("safety_stock", 31, since="2020-01-29T09:00:00+08:00")), "safety_stock") == 31


def test_the_past_keeps_the_policy_it_had() -> None:
    world = given(ruled("count_tolerance", 3, since="2020-01-30T00:00:00+08:00"))
    assert in_force(world, "count_tolerance", at=NOON) == 0
    assert in_force(world, "count_tolerance", at=TOMORROW) == 3


@pytest.mark.parametrize(("key", "value"), [("safety_stock", "many"), ("expiry_warning_days", "soon")])
def test_a_value_that_cannot_be_followed_leaves_the_one_before_in_force(key: str, value: str) -> None:
    assert in_force(given(ruled(key, value)), key) == DEFAULTS[key].value


def test_one_number_where_a_series_is_meant_is_a_series_of_one() -> None:
    assert in_force(given(ruled("expiry_warning_days", 60)), "expiry_warning_days") == (60,)


def test_family_and_district_may_be_given_by_who_asks() -> None:
    world = given(ruled("safety_stock", 4, family="masks"), ruled("safety_stock", 2, district="Jiangan"))
    assert in_force(world, "safety_stock", item="new", family="masks") == 4
    assert in_force(world, "safety_stock", site="new", district="Jiangan") == 2
