"""Alerts of time (D8): near expiry, expired, silent devices, asked of the fold with a moment."""

from datetime import datetime, timedelta

import pytest

from projections.alerts import due, transitions
from tests.spec import given, issued, received, reversal
from tests.watching import EXPIRING, acknowledged, known, on, policy_set


@pytest.mark.parametrize(
    ("now", "wanted"),
    [
        ("2020-03-31", None),
        ("2020-04-01", ("near_expiry", "notice", 90)),
        ("2020-05-31", ("near_expiry", "warning", 30)),
        ("2020-06-23", ("near_expiry", "urgent", 7)),
        ("2020-06-30", ("near_expiry", "urgent", 0)),
        ("2020-07-01", ("expired", "urgent", -1)),
    ],
)
def test_expiry_is_told_at_90_30_and_7_days_and_when_it_has_passed(now: str, wanted: tuple[str, str, int]) -> None:
    found = due(given(EXPIRING).folds.alerts, datetime.fromisoformat(f"{now}T12:00:00+08:00"))
    found = tuple(a for a in found if a.kind != "device_silent")
    assert [(a.kind, a.severity, a.facts["days_left"]) for a in found] == ([wanted] if wanted else [])


def test_a_lot_that_is_gone_or_was_never_received_expires_for_nobody() -> None:
    summer = datetime.fromisoformat("2020-06-29T12:00:00+08:00")
    receipt = received(100, lot="A", expires_on="2020-06-30", **known(1))
    for world in (given(receipt, issued(100, lot="A")), given(receipt, reversal(receipt)), given(receipt, issued(100))):
        assert not [a for a in due(world.folds.alerts, summer) if a.kind != "device_silent"]


def test_an_expiry_typed_wrong_and_corrected_warns_nobody() -> None:
    wrong = received(100, lot="A", expires_on="2020-06-30", **known(1))
    world = given(wrong, reversal(wrong), received(100, lot="A", expires_on="2021-06-30"))
    assert not [a for a in due(world.folds.alerts, datetime.fromisoformat("2020-06-29T12:00:00+08:00")) if a.lot]


def test_warning_days_are_recorded_policy() -> None:
    world = given(EXPIRING, policy_set("expiry_warning_days", [10], item="KN95"))
    days = {day: datetime.fromisoformat(f"2020-06-{day}T12:00:00+08:00") for day in (19, 20, 27)}
    found = {day: [a.severity for a in due(world.folds.alerts, now) if a.lot] for day, now in days.items()}
    assert found == {19: [], 20: ["notice"], 27: ["notice"]}


def test_near_expiry_taken_on_stays_so_until_it_is_nearer() -> None:
    world = given(EXPIRING)
    name = "near_expiry/WH-01/KN95/A"
    on(world, 1).when(acknowledged(name).at("2020-04-02T12:00:00+08:00"))

    def seen(now: str) -> tuple[str, str]:
        return next((a.state, a.severity) for a in due(world.folds.alerts, datetime.fromisoformat(now)) if a.lot)

    assert seen("2020-04-03T12:00:00+08:00") == ("acknowledged", "notice")
    assert seen("2020-06-01T12:00:00+08:00") == ("raised", "warning")


def test_a_device_not_heard_of_for_a_day_is_silent_but_a_desk_is_not() -> None:
    world = given(received(1), received(1, source="desk-2.a1"))
    last = world.clock
    assert not due(world.folds.alerts, last + timedelta(hours=24))
    silent = due(world.folds.alerts, last + timedelta(hours=30))
    assert [(a.alert, a.facts["hours"]) for a in silent] == [("device_silent/WH-01/dev-1", 30)]


def test_a_device_that_was_set_up_anew_is_the_same_device() -> None:
    world = given(received(1))
    world.clock += timedelta(days=3)
    world.when(received(1, source="dev-1.t2"))
    assert not due(world.folds.alerts, world.clock + timedelta(hours=1))


def test_what_changed_between_two_answers_of_a_timer_is_told_once() -> None:
    state = given(EXPIRING).folds.alerts
    at = [datetime.fromisoformat(f"2020-{d}T12:00:00+08:00") for d in ("04-01", "04-02", "05-31", "07-01")]
    held = [tuple(a for a in due(state, now) if a.lot) for now in at]
    told = [
        [(a.kind, a.state, a.severity) for a in transitions(before, now, moment)]
        for before, now, moment in zip(((), *held), held, at, strict=False)
    ]
    assert told == [
        [("near_expiry", "raised", "notice")],
        [],
        [("near_expiry", "raised", "warning")],
        [("near_expiry", "cleared", "warning"), ("expired", "raised", "urgent")],
    ]
