"""Policy as recorded: which value is in force for a site and item at a moment. Asks the fold; records real entries."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from projections.policy import DEFAULTS, PROFILES, policy, replaced
from tests.on_disk import OnDisk, rows
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


def test_a_profile_sets_every_value_of_one_plan_for_a_scope_and_shipped_takes_it_back() -> None:
    """(D6) Where plans disagree: hospitals 20 days of normal running, or 30 at full load; schools 14."""
    later = "2020-01-30T00:00:00+08:00"
    world = given(
        ruled("profile", "hospital_normal_running", site="H1"), ruled("profile", "school", district="Jiangan"),
        ruled("profile", "hospital_full_load", since=later, site="H1"),
    )  # fmt: skip
    assert in_force(world, "cover_target_days", site="H1") == 20
    assert in_force(world, "cover_target_days", at=TOMORROW, site="H1") == 30
    assert in_force(world, "cover_target_days", site="S1", district="Jiangan") == 14
    assert in_force(world, "cover_target_days", site="other") == 0
    world.when(ruled("profile", "shipped", since=later, site="H1"))
    assert in_force(world, "cover_target_days", at=TOMORROW, site="H1") == 0
    assert all(key in DEFAULTS for values in PROFILES.values() for key in values)


def test_a_profile_nobody_knows_changes_nothing() -> None:
    assert in_force(given(ruled("profile", "somebody_elses")), "cover_target_days") == 0


def test_a_recorded_value_says_who_recorded_it_and_what_it_replaced() -> None:
    """(J)"""
    world = given(ruled("safety_stock", 10), ruled("safety_stock", 20).but(recorded_by="head-2"))
    policies = world.folds.policy
    first, second = policies.rulings["safety_stock"]
    assert (first.by, second.by) == ("keeper-1", "head-2")
    assert (replaced(policies, "safety_stock", first), replaced(policies, "safety_stock", second)) == (None, 10)


def test_sql_reads_policy_at_a_moment_as_the_fold_does(tmp_path: Path) -> None:
    """(J) Every scope, a profile, a value of a later day, a site nobody described."""
    disk = OnDisk(tmp_path / "book")
    later = "2020-01-30T00:00:00+08:00"
    disk.admit(
        described("KN95", "只").but(family="masks"), described("gown", "件"),
        document("site_described", "*", "desk.t1", describes="H1", name="1", district="Jiangan", site_kind="hospital"),
        ruled("cover_target_days", 3), ruled("cover_target_days", 5, district="Jiangan"),
        ruled("profile", "hospital_full_load", since=later, site="H1"), ruled("cover_target_days", 9, family="masks"),
        ruled("cover_target_days", 8, since=later, item="KN95", site="H1"), ruled("cover_target_days", 4, since=later),
    )  # fmt: skip
    lake = disk.lake()
    asked = [(site, item, at) for site in ("H1", "H2") for item in ("KN95", "gown", "x") for at in (NOON, TOMORROW)]
    for site, item, at in asked:
        folded = policy(disk.book.folds.policy, "cover_target_days", at, site=site, item=item)
        (stored,) = rows(lake, "SELECT policy_at('cover_target_days', '0', $1, $2, $3) AS v", [site, item, at])
        assert int(stored["v"]) == folded, (site, item, at)
    replaced_in_sql = rows(lake, "SELECT replaces FROM policies WHERE key = 'cover_target_days' AND value = 4")
    assert replaced_in_sql == [{"replaces": "3"}]
    named = rows(lake, "SELECT profile, key, value FROM profiles")
    assert {(r["profile"], r["key"], r["value"]) for r in named} == {
        (name, key, str(value)) for name, values in PROFILES.items() for key, value in values.items()
    }
