"""Requisitions far above use or need: found at once, told to the superior department, closed by its answer (D1)."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from projections.chapters import due
from projections.chapters.requisitions import abnormal
from schemas.alerts import Alert
from tests.on_disk import OnDisk, rows
from tests.spec import NOON, Doc, World, described, document, given, issued, line, received, reversal
from tests.watching import acknowledged, policy_set

ALERT = "requisition_abnormal/WH-01/R-1/KN95"
TODAY = NOON + timedelta(days=20)


def asked(quantity: int, requisition: str = "R-1", left: int | None = None, **fields: Any) -> Doc:
    said = line(quantity) if left is None else line(quantity, left=left)
    fields = {"department": "ICU", "requested_by": "nurse-1", "superior": "medical office"} | fields
    return document("requisition_made", requisition=requisition, lines=[said], **fields).at(TODAY)


def drawn(quantity: int, days_ago: int, department: str = "ICU", **fields: Any) -> Doc:
    return issued(quantity, department=department, **fields).at(TODAY - timedelta(days=days_ago))


HABIT = [drawn(10, 2), drawn(12, 3), drawn(8, 5), drawn(10, 9)]


def alerts(world: World) -> list[Alert]:
    return [a for a in due(world.folds.chapters, TODAY + timedelta(hours=1)) if a.kind == "requisition_abnormal"]


@pytest.mark.parametrize(
    ("history", "quantity", "reasons"),
    [
        (HABIT, 14, ""),
        (HABIT, 15, "z > 3"),
        (HABIT, 31, "> 3 × 10, z > 3"),
        ([drawn(10, 2), drawn(10, 3), drawn(10, 4)], 30, ""),
        ([drawn(10, 2), drawn(10, 3), drawn(10, 4)], 31, "> 3 × 10"),
        (HABIT[:2], 900, ""),
        ([drawn(10, 15), drawn(10, 16), drawn(10, 17)], 900, ""),
        ([drawn(10, 2, "ward"), drawn(10, 3, "ward"), drawn(10, 4, "ward")], 900, ""),
    ],
)
def test_a_requisition_is_measured_by_the_departments_own_last_days(
    history: list[Doc], quantity: int, reasons: str
) -> None:
    """(D1) Above 3 × the median of the last 14 days, or z > 3; too few days say nothing."""
    world = given(received(1000), *history, asked(quantity))
    assert [a.facts["reasons"] for a in alerts(world)] == ([reasons] if reasons else [])


def test_a_requisition_is_measured_by_what_its_people_can_need() -> None:
    """(D1) Headcount × kit standard × rounds − left."""
    standard = policy_set("kit_standard", 2, item="KN95")
    assert alerts(given(standard, asked(100, headcount=30, rounds=2, left=20))) == []
    (alert,) = alerts(given(standard, asked(101, headcount=30, rounds=2, left=20)))
    assert alert.facts["reasons"] == "> 30 × 2 × 2 − 20"
    assert alerts(given(asked(10**6, headcount=1))) == []


def test_the_superior_department_is_told_and_its_answer_closes_the_case() -> None:
    """(D1, D6) Looking into it does not: an outcome does."""
    world = given(received(1000), *HABIT, asked(500))
    (alert,) = alerts(world)
    assert (alert.alert, alert.rule, alert.state) == (ALERT, "D1", "raised")
    assert set(alert.audience) == {"superior_department", "medical office"}
    looking = acknowledged(ALERT).at(TODAY + timedelta(minutes=5))
    assert [a.state for a in alerts(world.when(looking))] == ["acknowledged"]
    answer = acknowledged(ALERT, outcome="explained", cause="new ward").at(TODAY + timedelta(minutes=9))
    assert alerts(world.when(answer)) == []


def test_items_outside_the_watched_set_are_left_alone_from_the_day_the_set_changed() -> None:
    """(D1)"""
    for since, found in ((TODAY, 0), (TODAY + timedelta(days=1), 1)):
        unwatched = policy_set("watched", 0, item="KN95").but(effective_from=since.isoformat())
        assert len(alerts(given(received(1000), *HABIT, unwatched, asked(500)))) == found


def test_what_was_reversed_is_neither_use_nor_asked_for() -> None:
    """(D1, A9)"""
    mistake = drawn(400, 4, number=7, source="dev-9.t1")
    assert alerts(given(received(9000), *HABIT[:3], mistake, asked(33))) == []
    assert len(alerts(given(received(9000), *HABIT[:3], mistake, asked(33), reversal(mistake)))) == 1
    wrong = asked(500, number=8, source="dev-9.t1")
    assert alerts(given(received(9000), *HABIT, wrong, reversal(wrong))) == []


def test_papers_in_another_order_raise_the_same_alerts_and_use_of_more_than_a_year_ago_is_forgotten() -> None:
    """(D1)"""
    papers = [*HABIT, drawn(9, 366), asked(31), asked(12, "R-2")]
    told = [given(received(1000), *order) for order in (papers, papers[::-1], papers[3:] + papers[:3])]
    assert [alerts(world) for world in told] == [alerts(told[0])] * 3
    kept = [world.folds.chapters.requisitions.used["WH-01", "ICU"] for world in told]
    assert kept == [kept[0]] * 3
    assert (TODAY - timedelta(days=366)).toordinal() in kept[0]
    for world in told:
        world.when(drawn(1, 0))
    assert [(TODAY - timedelta(days=366)).toordinal() in days for days in kept] == [False] * 3


def test_the_audit_finds_the_requisitions_the_fold_alerts_and_keeps_them_with_their_answer(tmp_path: Path) -> None:
    """(D1)"""
    disk = OnDisk(tmp_path / "book")
    wrong = disk.number(drawn(400, 4, source="dev-9.t1"))
    disk.admit(
        described(箱=700), policy_set("kit_standard", 2), policy_set("requisition_times_median", 4, item="KN95"),
        received(9000), *HABIT, wrong, reversal(wrong), asked(31), asked(41, "R/2"), asked(14, "R-3"),
        asked(5, "R-4", headcount=1, left=1, department="ward"), asked(2, "R-5", headcount=1, department="ward"),
        acknowledged("requisition_abnormal/WH-01/R%2F2/KN95", outcome="confirmed"),
    )  # fmt: skip
    state = disk.book.folds.chapters
    folded = {
        (f.asked.requisition, any("median" in r or "> 4" in r for r in f.reasons), "z > 3" in f.reasons, f.median)
        for f in abnormal(state.requisitions, state.standing, TODAY)
    }
    found = rows(
        disk.lake(),
        "SELECT requisition, above_median, above_z, coalesce(a.drawn_median, 0) AS median, outcome"
        " FROM audit_requisition_above_use AS a JOIN requisitions USING (entry)",
    )
    assert {(r["requisition"], r["above_median"], r["above_z"], r["median"]) for r in found} == folded
    assert {r["requisition"]: r["outcome"] for r in found} == {"R-1": None, "R/2": "confirmed", "R-4": None}


def test_the_daily_flow_of_the_watched_set_is_what_came_in_and_went_out(tmp_path: Path) -> None:
    """(D1) An item leaves the set from a day on."""
    disk = OnDisk(tmp_path / "book")
    out = policy_set("watched", 0, item="KN95").but(effective_from=(NOON + timedelta(days=1)).isoformat())
    wrong = disk.number(issued(9, source="dev-9.t1"))
    disk.admit(described(箱=700), received(100), issued(30), issued(5), wrong, reversal(wrong), out)
    disk.admit(issued(7).at(NOON + timedelta(days=2)))
    found = rows(disk.lake(), "SELECT item, on_day::VARCHAR AS day, came_in, went_out FROM watched_days")
    assert found == [{"item": "KN95", "day": "2020-01-29", "came_in": 100, "went_out": 35}]
