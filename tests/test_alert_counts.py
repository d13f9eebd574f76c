"""Counts that differ from the book: raised, re-judged by late entries, answered, counted anew (A1)."""

from projections.alerts import open_alerts
from projections.stocktakes import MOVES_KEPT
from tests.spec import adjusted, counted, given, issued, received, reversal
from tests.watching import EARLIER, LATER, changes, known, only, policy_set


def test_a_count_that_differs_raises_an_alert_with_its_figures() -> None:
    alert = only(given(received(100).at(EARLIER), counted(90)), "count_difference")
    assert (alert.facts["counted"], alert.facts["book"], alert.facts["difference"]) == (90, 100, -10)
    assert alert.severity == "warning"


def test_a_count_is_compared_with_the_book_as_of_its_moment_while_goods_keep_moving() -> None:
    assert not open_alerts(
        given(received(100).at(EARLIER), issued(30).at(LATER), counted(100)).folds.alerts
    )  # fmt: skip


def test_a_late_entry_that_explains_the_difference_clears_it() -> None:
    world = given(received(100).at(EARLIER), counted(90)).when(issued(10).at(EARLIER))
    assert changes(world) == [("count_difference", "raised"), ("count_difference", "cleared")]


def test_what_happened_at_the_very_moment_of_a_count_belongs_before_it() -> None:
    world = given(received(100).at(EARLIER), counted(90)).when(issued(10))
    assert changes(world)[-1] == ("count_difference", "cleared")


def test_a_late_entry_can_make_a_count_differ_that_matched() -> None:
    world = given(received(100).at(EARLIER), counted(100)).when(issued(10).at(EARLIER))
    assert only(world, "count_difference").facts["difference"] == 10


def test_an_adjustment_that_answers_the_count_clears_the_alert_and_its_reversal_raises_it_again() -> None:
    count = counted(90, **known(1))
    answer = adjusted(-10, answers=count, **known(2)).at(LATER)
    world = given(received(100).at(EARLIER), count).when(answer).then(on_hand=90)
    assert changes(world)[-1] == ("count_difference", "cleared")
    assert only(world.when(reversal(answer).at(LATER)), "count_difference").facts["difference"] == -10


def test_an_adjustment_that_answers_another_count_leaves_this_one_open() -> None:
    other = counted(100, **known(1)).at(EARLIER)
    world = given(received(100).at(EARLIER), other, counted(90)).when(adjusted(-10, answers=other).at(LATER))
    assert only(world, "count_difference").facts["difference"] == -10


def test_an_adjustment_may_come_before_the_count_it_answers() -> None:
    count = counted(90, **known(1))
    world = given(received(100).at(EARLIER), adjusted(-10, answers=count).at(LATER), count)
    assert changes(world, "count_difference") == []


def test_an_adjustment_that_answers_half_leaves_the_other_half_open() -> None:
    count = counted(90, **known(1))
    world = given(received(100).at(EARLIER), count).when(adjusted(-4, answers=count).at(LATER))
    assert only(world, "count_difference").facts["difference"] == -6


def test_a_new_count_that_matches_clears_the_alert() -> None:
    world = given(received(100).at(EARLIER), counted(90)).when(counted(100).at(LATER))
    assert changes(world)[-1] == ("count_difference", "cleared")


def test_an_older_count_that_comes_late_does_not_replace_the_newer_one() -> None:
    world = given(received(100).at(EARLIER), counted(100)).when(counted(7).at(EARLIER))
    assert not open_alerts(world.folds.alerts)


def test_a_reversed_count_is_compared_with_nothing_in_whichever_order_they_come() -> None:
    count = counted(90, **known(1))
    world = given(received(100).at(EARLIER), count).when(reversal(count))
    assert changes(world)[-1] == ("count_difference", "cleared")
    world = given(received(100).at(EARLIER)).when(reversal(count)).when(count)
    assert changes(world, "count_difference") == []


def test_reversing_the_receipt_that_was_wrong_clears_the_difference_it_made() -> None:
    wrong = received(10, **known(1)).at(EARLIER)
    world = given(received(90).at(EARLIER), wrong, counted(90)).when(reversal(wrong).at(LATER))
    assert changes(world)[-1] == ("count_difference", "cleared")


def test_lots_and_all_lots_are_counted_as_cases_of_their_own() -> None:
    world = given(received(100, lot="A").at(EARLIER), received(50, lot="").at(EARLIER))
    world.when(counted(90, lot="A")).when(counted(140)).when(counted(50, lot=""))
    assert [a.alert for a in open_alerts(world.folds.alerts)] == [
        "count_difference/WH-01/KN95/A", "count_difference/WH-01/KN95/*",
    ]  # fmt: skip


def test_a_count_older_than_what_is_remembered_is_left_to_the_audit() -> None:
    world = given(received(3 * MOVES_KEPT).at(EARLIER))
    lines = [{"line": n, "item": "KN95", "unit": "只", "lot": "", "quantity": 1} for n in range(1, MOVES_KEPT + 1)]
    for _ in range(2):
        world.when(issued(1).but(lines=lines).at(LATER))
    assert not open_alerts(world.when(counted(7)).folds.alerts)
    assert only(world.when(counted(7).at("2020-01-29T16:00:00+08:00")), "count_difference")


def test_a_difference_within_the_recorded_tolerance_raises_nothing() -> None:
    tolerant = policy_set("count_tolerance", 10, item="KN95")
    assert not open_alerts(given(tolerant, received(100).at(EARLIER), counted(90)).folds.alerts)
    assert only(given(tolerant, received(100).at(EARLIER), counted(89)), "count_difference")


def test_a_tolerance_recorded_later_clears_what_it_covers() -> None:
    world = given(received(100).at(EARLIER), counted(90)).when(policy_set("count_tolerance", 10))
    assert changes(world)[-1] == ("count_difference", "cleared")
