"""The reorder point (D5): what is available, what is expected to be wanted, and who is told (D6)."""

from typing import Any

import pytest

from projections.alerts import open_alerts
from tests.spec import arrived, dispatched, donated, given, issued, received, returned, reversal
from tests.watching import changes, day, known, on, only, policy_set


def test_stock_at_the_recorded_reorder_point_raises_and_a_rise_in_severity_raises_again() -> None:
    world = given(policy_set("reorder_point", 100, item="KN95"), received(101)).when(issued(1))
    assert only(world, "reorder_point").severity == "warning"
    world.when(issued(50)).when(issued(50))
    assert only(world, "reorder_point").severity == "urgent"
    assert changes(world, "reorder_point") == [("reorder_point", "raised")] * 2
    assert changes(world.when(received(500)), "reorder_point")[-1] == ("reorder_point", "cleared")


@pytest.mark.parametrize(
    "not_available",
    [
        [received(100, awaiting_disinfection=True)],
        [donated(100, designated="Hospital 5")],
        [received(100, lot="old", expires_on="2020-01-28")],
    ],
    ids=["held", "designated", "expired"],
)
def test_held_designated_and_expired_stock_is_not_available(not_available: list[Any]) -> None:
    world = given(policy_set("reorder_point", 50), *not_available)
    assert only(world, "reorder_point").facts["available"] == 0
    assert not open_alerts(given(policy_set("reorder_point", 50), received(100)).folds.alerts)


def test_a_designation_is_used_up_by_issues_to_its_receiver_and_lost_returns_do_not_restore_it() -> None:
    world = given(policy_set("reorder_point", 1), received(10), donated(100, designated="H5"))
    world.when(issued(60, receiver="H5"), returned(20, condition="lost", returned_by="H5"))
    assert world.folds.stock.reserved("WH-01", "KN95") == 40


def test_goods_in_transit_to_a_site_count_before_they_arrive_and_once() -> None:
    world = given(policy_set("reorder_point", 50, site="WH-02"), received(500))
    world.when(received(10, site="WH-02"))
    assert only(world, "reorder_point").site == "WH-02"
    world.when(dispatched(60))
    assert changes(world)[-1] == ("reorder_point", "cleared")
    world.when(arrived(60), issued(60, site="WH-02"))
    assert only(world, "reorder_point").facts["in_transit"] == 0


def test_the_reorder_point_is_expected_demand_over_the_cycle_plus_safety_stock() -> None:
    """Ten a day for five days, a cycle of 7 days, 5 in safety: 75."""
    world = on(given(policy_set("safety_stock", 5)), 1)
    world.when(received(127).at(day(1)))
    for number in range(1, 6):
        on(world, number).when(issued(10).at(day(number)))
    on(world, 6).when(issued(1).at(day(6)))
    assert not [a for a in open_alerts(world.folds.alerts) if a.kind == "reorder_point"]
    world.when(issued(1).at(day(6)))
    assert only(world, "reorder_point").facts["reorder_point"] == 75


def test_days_out_of_stock_are_not_days_of_low_demand() -> None:
    """Ten a day for two days, then nothing on the shelf for ten: the mean stays ten a day."""
    world = on(given(), 1).when(received(30).at(day(1)), issued(10).at(day(1)))
    on(world, 2).when(issued(10).at(day(2)))
    on(world, 3).when(issued(10).at(day(3)))
    on(world, 14).when(received(71).at(day(14)))
    assert world.folds.alerts.sites["WH-01"].shelves["KN95"].reorder_at == 70


def test_a_reversed_or_written_off_issue_is_no_demand() -> None:
    wrong = issued(90, **known(1)).at(day(1))
    world = on(given(), 1).when(received(1000).at(day(1)), wrong, issued(10, use="write_off").at(day(1)))
    on(world, 2).when(reversal(wrong).at(day(2)), issued(1).at(day(2)))
    assert world.folds.alerts.sites["WH-01"].shelves["KN95"].reorder_at == 0


def test_a_low_stock_alert_goes_to_those_who_use_the_item() -> None:
    world = given(policy_set("reorder_point", 100), received(101)).when(issued(1, receiver="Ward 7"))
    assert only(world, "reorder_point").audience == ("storekeeper", "Ward 7")


def test_a_policy_recorded_for_a_later_day_takes_effect_with_the_first_page_of_that_day() -> None:
    later = policy_set("reorder_point", 100).but(effective_from="2020-02-03T00:00:00+08:00")
    world = given(received(50), later)
    assert not open_alerts(world.folds.alerts)
    on(world, 3).when(received(1, item="gown", site="WH-09"))
    assert only(world, "reorder_point")
