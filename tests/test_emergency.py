"""State of emergency and zones as entries: what holds where and when, and what is suggested (K1, K2)."""

from datetime import datetime, timedelta

from projections.chapters import due
from projections.chapters.emergency import on_duty, steps_down
from projections.chapters.standing import level_at, response_ended_at, zone_at
from schemas.page import Result
from tests.spec import NOON, Doc, World, document, given, reversal


def state(level: str, area: str = "江岸", since: datetime = NOON, **fields: object) -> Doc:
    return document(
        "state_declared", "*", "hq.t1", area=area, level=level, directive="No. 1", authority="headquarters",
        effective_from=since.isoformat(), **fields,
    )  # fmt: skip


def zone(grade: str, since: datetime = NOON, **fields: object) -> Doc:
    return document(
        "zone_set", "*", "hq.t1", area="江岸", zone=grade, authority="headquarters",
        effective_from=since.isoformat(), **fields,
    )  # fmt: skip


def local_cases(at: datetime = NOON, area: str = "江岸") -> Doc:
    return document("local_cases_reported", "*", "hq.t1", area=area, cases=2, authority="CDC").at(at)


def site(name: str = "WH-01", district: str = "江岸", **fields: object) -> Doc:
    return document(
        "site_described", "*", "desk.t1", describes=name, name=name, district=district, site_kind="store", **fields
    )


def pending(world: World, now: datetime) -> list[str]:
    return [a.alert for a in due(world.folds.chapters, now) if a.kind == "switch_pending"]


def test_the_state_of_a_site_is_that_of_its_narrowest_area_at_the_moment_asked() -> None:
    """(K1) District over city; before it began and after it ended the wider one holds."""
    world = given(
        site(), site("WH-02", "武昌"), state("regional_testing", area="*", since=NOON - timedelta(days=1)),
        state("lockdown", ends_at=(NOON + timedelta(days=5)).isoformat()),
    )  # fmt: skip
    standing = world.folds.chapters.standing
    hours = {hours: level_at(standing, "WH-01", NOON + timedelta(hours=hours)) for hours in (-30, -1, 0, 24, 121)}
    assert hours == {
        -30: "normal", -1: "regional_testing", 0: "lockdown", 24: "lockdown", 121: "regional_testing"
    }  # fmt: skip
    assert level_at(standing, "WH-02", NOON) == "regional_testing"


def test_a_state_recorded_late_holds_from_the_day_it_took_effect() -> None:
    """(K1, A10)"""
    early, late = given(site(), state("lockdown"), state("normal", since=NOON + timedelta(days=3))), None
    late = given(state("normal", since=NOON + timedelta(days=3)), state("lockdown"), site())
    for at in (NOON, NOON + timedelta(days=4)):
        assert level_at(early.folds.chapters.standing, "WH-01", at) == level_at(
            late.folds.chapters.standing, "WH-01", at
        )


def test_the_response_ends_when_the_level_is_normal_again() -> None:
    """(K1, F12)"""
    world = given(site(), state("lockdown"), state("regional_testing", since=NOON + timedelta(days=3)))
    standing = world.folds.chapters.standing
    assert response_ended_at(standing, "WH-01", NOON) is None
    world.when(state("normal", since=NOON + timedelta(days=9)))
    assert response_ended_at(standing, "WH-01", NOON) == NOON + timedelta(days=9)
    assert response_ended_at(standing, "WH-01", NOON - timedelta(days=2)) == NOON - timedelta(days=2)


def test_one_local_case_shows_the_switch_as_pending_until_a_directive_is_recorded() -> None:
    """(K1)"""
    world = given(site(), local_cases())
    assert pending(world, NOON - timedelta(minutes=1)) == []
    assert pending(world, NOON) == ["switch_pending/江岸"]
    world.when(state("regional_testing", since=NOON + timedelta(hours=2)))
    assert pending(world, NOON + timedelta(hours=1)) == ["switch_pending/江岸"]
    assert pending(world, NOON + timedelta(hours=2)) == []


def test_cases_during_a_response_make_no_switch_pending() -> None:
    """(K1)"""
    world = given(site(), state("lockdown", area="*", since=NOON - timedelta(days=1)), local_cases())
    assert pending(world, NOON + timedelta(days=1)) == []


def test_a_zone_holds_from_its_moment_and_a_step_down_is_only_suggested() -> None:
    """(K2) High to medium after 7 clear days and a negative screening; then to low after 3 more."""
    world = given(site(), zone("high"), local_cases(NOON + timedelta(days=2)))
    standing = world.folds.chapters.standing
    assert zone_at(standing, "WH-01", NOON - timedelta(hours=1)) == "none"
    assert steps_down(standing, NOON + timedelta(days=10)) == ()
    world.when(zone("high", NOON + timedelta(days=8), screening_negative=True))
    assert steps_down(standing, NOON + timedelta(days=8, hours=23)) == ()
    (step,) = steps_down(standing, NOON + timedelta(days=9))
    assert (step.zone, step.suggested) == ("high", "medium")
    assert zone_at(standing, "WH-01", NOON + timedelta(days=30)) == "high"
    world.when(zone("medium", NOON + timedelta(days=9)))
    assert steps_down(standing, NOON + timedelta(days=11)) == ()
    assert [s.suggested for s in steps_down(standing, NOON + timedelta(days=12))] == ["low"]


def test_an_area_first_graded_medium_may_be_low_after_seven_days() -> None:
    """(K2)"""
    standing = given(site(), zone("medium")).folds.chapters.standing
    assert steps_down(standing, NOON + timedelta(days=6)) == ()
    assert [s.suggested for s in steps_down(standing, NOON + timedelta(days=7))] == ["low"]


def test_a_duty_roster_names_who_may_decide_and_a_reversed_one_names_nobody() -> None:
    """(F12, A9) In either order."""
    roster = document(
        "duty_rostered", officer="duty-7", number=5, from_moment=NOON.isoformat(),
        until=(NOON + timedelta(days=1)).isoformat(),
    )  # fmt: skip
    world = given(roster)
    rosters = world.folds.chapters.emergency
    assert on_duty(rosters, "WH-01", "duty-7", NOON)
    assert not on_duty(rosters, "WH-01", "duty-7", NOON + timedelta(days=1))
    assert not on_duty(rosters, "WH-02", "duty-7", NOON)
    world.when(reversal(roster)).then(Result.ADMITTED)
    assert not on_duty(world.folds.chapters.emergency, "WH-01", "duty-7", NOON)
    before = given(reversal(roster), roster.but(source="dev-1.t1"))
    assert not on_duty(before.folds.chapters.emergency, "WH-01", "duty-7", NOON)
