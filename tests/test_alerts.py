"""Alerts in business sentences: what raises a case, keeps it one case, clears it. Real entries, real folds."""

from datetime import timedelta
from typing import Any

from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from ledger import snapshots
from ledger.alert_words import say_alert, say_title
from projections.alerts import AlertState, changes_after, due, evolve, open_alerts
from projections.cases import identity
from tests.spec import NOON, World, arrived, counted, dispatched, given, issued, received, returned, reversal
from tests.watching import EARLIER, EXPIRING, acknowledged, changes, known, only, policy_set


def test_an_issue_from_an_empty_shelf_raises_one_alert_and_a_receipt_clears_it() -> None:
    world = given(issued(500))
    alert = only(world, "negative_book")
    assert (alert.facts["on_hand"], alert.alert, alert.rule) == (-500, "negative_book/WH-01/KN95", "A1")
    world.when(received(500))
    assert changes(world) == [("negative_book", "raised"), ("negative_book", "cleared")]
    assert not open_alerts(world.folds.alerts)


def test_ten_further_lines_that_keep_it_negative_raise_nothing_new_but_show_the_new_figure() -> None:
    world = given(issued(500))
    for _ in range(10):
        world.when(issued(1))
    assert changes(world) == [("negative_book", "raised")]
    assert only(world, "negative_book").facts["on_hand"] == -510


def test_a_reversed_issue_clears_the_negative_book() -> None:
    wrong = issued(500, **known(1))
    assert changes(given(wrong).when(reversal(wrong)))[-1] == ("negative_book", "cleared")


def test_a_gap_in_a_sources_numbers_is_one_alert_until_every_lost_document_has_come() -> None:
    world = given(received(1, number=1), received(1, number=4), received(1, number=7))
    alert = only(world, "number_gap")
    assert (alert.facts["missing"], alert.facts["first"], alert.facts["source"]) == (4, 2, "dev-1.t1")
    world.when(received(1, number=2), received(1, number=3), received(1, number=5))
    assert only(world, "number_gap").facts["missing"] == 1
    world.when(received(1, number=6))
    assert changes(world) == [("number_gap", "raised"), ("number_gap", "cleared")]


def test_an_alert_is_taken_on_by_someone_of_its_site_and_stays_until_its_cause_is_gone() -> None:
    world = given(issued(5)).when(acknowledged("negative_book/WH-01/KN95"))
    alert = only(world, "negative_book")
    assert (alert.state, alert.acknowledged_by) == ("acknowledged", "keeper-2")
    world.when(issued(5)).when(received(100))
    assert [state for _, state in changes(world)] == ["raised", "acknowledged", "cleared"]


def test_another_site_cannot_take_on_an_alert() -> None:
    world = given(issued(5)).when(acknowledged("negative_book/WH-01/KN95", site="WH-02"))
    assert only(world, "negative_book").state == "raised"


def test_an_acknowledged_alert_that_grows_more_severe_is_raised_again() -> None:
    world = given(policy_set("reorder_point", 100), received(50)).when(acknowledged("reorder_point/WH-01/KN95"))
    world.when(issued(50))
    assert [state for _, state in changes(world)] == ["raised", "acknowledged", "raised"]


def test_a_follower_resumes_where_it_stopped_and_one_too_far_behind_is_told_so() -> None:
    world = given(issued(5)).when(received(5)).when(issued(1))
    state = world.folds.alerts
    resumed = changes_after(state, 2)
    assert resumed is not None
    assert [(a.number, a.state) for a in resumed] == [(3, "raised")]
    assert changes_after(state, 3) == ()
    del state.changes[:2]
    assert changes_after(state, 1) is None


def test_parts_of_a_name_that_look_like_separators_never_make_two_cases_one() -> None:
    world = given(received(1, lot="a/b").at(EARLIER), received(1, lot="*").at(EARLIER))
    world.when(counted(9, lot="a/b")).when(counted(9, lot="*")).when(counted(9))
    assert len(open_alerts(world.folds.alerts)) == 3
    assert identity("expired", "WH-01", "a/b", "c") != identity("expired", "WH-01", "a", "b/c")


def test_an_alert_says_its_figures_in_both_languages() -> None:
    alert = only(given(issued(500)), "negative_book")
    assert say_alert(alert, "zh").startswith("WH-01 的 KN95（KN95）账面为 −500 只")
    assert "stands at −500 只" in say_alert(alert, "en")
    assert say_title(alert, "en") == "[warning] WH-01: negative book"
    world = given(EXPIRING, policy_set("reorder_point", 1000), counted(1), received(1, number=99))
    late = world.clock + timedelta(days=150)
    said = (
        *open_alerts(world.folds.alerts),
        *due(world.folds.alerts, late),
        *due(world.folds.alerts, NOON + timedelta(365)),
    )
    assert {a.kind for a in said} == {
        "count_difference", "near_expiry", "expired", "reorder_point", "number_gap", "device_silent"
    }  # fmt: skip
    for told in said:
        for lang in ("zh", "en"):
            cleared = told.model_copy(update={"state": "cleared"})
            assert "?" not in say_alert(told, lang) + say_alert(cleared, lang) + say_title(told, lang)


def test_a_shelf_expects_what_was_dispatched_to_it_and_has_not_arrived() -> None:
    world = given(received(50)).when(dispatched(30), dispatched(5, transfer="T2", to_site="WH-01", site="WH-02"))
    world.when(arrived(12), arrived(9, transfer="T2", from_site="WH-02", site="WH-01"))
    legs = world.folds.transfers.legs.values()
    for site in ("WH-01", "WH-02"):
        inbound = world.folds.alerts.sites[site].shelves["KN95"].inbound
        assert inbound == sum(max(0, leg.in_transit()) for leg in legs if leg.to_site == site)
    assert inbound == 18


def test_an_open_alert_shows_the_figures_of_now_and_its_acknowledgement_those_of_its_moment() -> None:
    world = given(policy_set("reorder_point", 50), received(40)).when(issued(5, receiver="Ward 7"))
    found = only(world, "reorder_point")
    assert (found.facts["available"], found.audience) == (35, ("storekeeper", "Ward 7"))
    world.when(acknowledged("reorder_point/WH-01/KN95"), issued(1, receiver="Ward 8"))
    assert only(world, "reorder_point").facts["available"] == 34
    told = changes_after(world.folds.alerts, 0) or ()
    assert [(a.state, a.facts["available"]) for a in told] == [("raised", 40), ("acknowledged", 35)]
    world.when(received(100))
    cleared = (changes_after(world.folds.alerts, 0) or ())[-1]
    assert (cleared.facts["available"], cleared.audience) == (134, ("storekeeper", "Ward 7", "Ward 8"))


_STEPS = st.lists(
    st.tuples(st.sampled_from(["in", "out", "count", "back"]), st.integers(1, 9), st.integers(0, 5), st.integers(0, 2)),
    min_size=1,
    max_size=25,
)


def _document(what: str, quantity: int, hour: int, lot: int) -> Any:
    make = {"in": received, "out": issued, "count": counted, "back": returned}
    about = {"lot": "AB"[lot - 1]} if lot else {}
    return make[what](quantity, **about).at(NOON + timedelta(hours=hour))


@settings(max_examples=40, deadline=None)
@for_all(_STEPS, st.integers(1, 7))
def test_repeated_documents_and_other_pages_change_no_alert(steps: list[tuple[str, int, int, int]], size: int) -> None:
    one, many = given(policy_set("reorder_point", 5)), given(policy_set("reorder_point", 5))
    documents = [_document(*step) for step in steps]
    for doc in documents:
        one.submit(doc.numbered(one.numbers))
    numbered = [doc.numbered(many.numbers) for doc in documents]
    for start in range(0, len(numbered), size):
        many.submit(*numbered[start : start + size], times=2)

    def what(world: World) -> list[dict[str, Any]]:
        told = changes_after(world.folds.alerts, 0) or ()
        return [a.model_dump(exclude={"changed_at"}) for a in (*told, *open_alerts(world.folds.alerts))]

    assert what(one) == what(many)


def test_pages_taken_twice_change_nothing_and_a_snapshot_is_the_fold(tmp_path: Any) -> None:
    world = given(policy_set("reorder_point", 5), EXPIRING, counted(3), counted(2, lot="A"), received(5, number=50))
    world.when(issued(200), acknowledged("negative_book/WH-01/KN95"), dispatched(3), policy_set("safety_stock", 3))
    replayed = AlertState()
    for page, stored in [*world.pages, *world.pages]:
        replayed = evolve(replayed, page, stored[-64:].decode())
    assert replayed == world.folds.alerts
    snapshots.save(tmp_path / "alerts.snapshot", world.folds.alerts)
    assert snapshots.load(tmp_path / "alerts.snapshot", AlertState) == world.folds.alerts
