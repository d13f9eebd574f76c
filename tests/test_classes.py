"""Class I and II: graded by three inputs and the policy of their moment; what a class asks for is audited (C1-C4)."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from projections.chapters import due
from projections.chapters.classes import class_at, gradings
from schemas.page import Result
from tests.on_disk import OnDisk, rows
from tests.spec import NOON, Doc, World, described, document, given, line, reversal
from tests.watching import policy_set

WIDEN = "widen_channels/WH-01/%2A/KN95"


def inputs(demand: int, normal: int, cycle_days: int, *, sufficient: bool = False, **fields: Any) -> Doc:
    said = line(
        demand, normal_demand=normal, cycle_days=cycle_days, capacity_sufficient=sufficient, evidence="register"
    )
    return document("class_inputs_reported", lines=[said | fields.pop("on_line", {})], **fields)


def klass(world: World, at: datetime = NOON, site: str = "WH-01") -> str:
    return class_at(world.folds.chapters.classes, world.folds.chapters.standing, site, "KN95", at)


def tasks(world: World, now: datetime) -> dict[str, str]:
    return {a.alert: a.severity for a in due(world.folds.chapters, now) if a.kind == "widen_channels"}


@pytest.mark.parametrize(
    ("demand", "normal", "days", "sufficient", "expected"),
    [
        (200, 100, 5, False, "I"),
        (199, 100, 5, False, "II"),
        (200, 100, 4, False, "II"),
        (101, 100, 3, False, "II"),
        (100, 100, 30, False, "none"),
        (900, 100, 2, False, "none"),
        (900, 100, 30, True, "none"),
        (5, 0, 5, False, "I"),
        (0, 0, 30, False, "none"),
    ],
)
def test_a_class_needs_all_three_at_its_level(
    demand: int, normal: int, days: int, sufficient: bool, expected: str
) -> None:
    """(C1, C2, C3) Ratio 2, 5 days, insufficient; above 1, 3 days, insufficient; no base counts as twice it."""
    world = given(inputs(demand, normal, days, sufficient=sufficient))
    assert klass(world) == expected


def test_a_grading_keeps_its_inputs_evidence_thresholds_and_says_when_there_was_no_base() -> None:
    """(C3)"""
    world = given(described("KN95", "只", 箱=700), inputs(5, 0, 6, on_line={"unit": "箱"}))
    (grading,) = gradings(world.folds.chapters.classes, world.folds.chapters.standing, "KN95", "*")
    assert (grading.klass, grading.no_base, grading.changed) == ("I", True, True)
    assert (grading.inputs.epidemic_demand, grading.inputs.evidence) == (3500, "register")
    assert tuple(grading.thresholds) == ("all", 200, 5, 100, 3)


def test_a_switch_of_policy_reads_any_of_the_three() -> None:
    """(C3)"""
    assert klass(given(inputs(300, 100, 1, sufficient=True))) == "none"
    assert klass(given(policy_set("class_match", "any"), inputs(300, 100, 1, sufficient=True))) == "I"


def test_a_policy_of_a_later_day_leaves_the_class_of_the_past() -> None:
    """(C3) In whichever order they are recorded."""
    later = policy_set("class_1_ratio_percent", 150).but(effective_from=(NOON + timedelta(days=1)).isoformat())
    said = [inputs(160, 100, 6), later, inputs(160, 100, 6).at(NOON + timedelta(days=2))]
    for order in (said, said[::-1]):
        world = given(*order)
        assert [klass(world, NOON + timedelta(days=d)) for d in (-1, 0, 1, 2)] == ["none", "II", "II", "I"]


def test_the_narrowest_area_classes_an_item() -> None:
    """(C3)"""
    place = document(
        "site_described", "*", "desk.t1", describes="WH-01", name="One", district="江岸", site_kind="store"
    )  # fmt: skip
    world = given(place, inputs(300, 100, 6), inputs(110, 100, 3, area="江岸"))
    assert (klass(world), klass(world, site="WH-02")) == ("II", "I")
    assert klass(world.when(inputs(1, 100, 3, area="WH-01"))) == "none"


def test_widening_channels_is_a_task_until_capacity_meets_demand() -> None:
    """(C3) It outlives the class: only enough capacity closes it."""
    days = [NOON + timedelta(days=n) for n in range(5)]
    world = given(
        inputs(110, 100, 3), inputs(300, 100, 6).at(days[1]), inputs(90, 100, 6).at(days[2]),
        inputs(90, 100, 6, on_line={"capacity_sufficient": None, "capacity": 90}).at(days[3]),
    )  # fmt: skip
    assert tasks(world, NOON - timedelta(hours=1)) == {}
    assert [tasks(world, day) for day in days[:4]] == [{WIDEN: "warning"}, {WIDEN: "urgent"}, {WIDEN: "warning"}, {}]


def test_inputs_reversed_class_nothing_in_either_order() -> None:
    """(C3, A9)"""
    wrong = inputs(300, 100, 6, number=5)
    readings: list[dict[str, Any]] = []
    assert klass(given(wrong).when(reversal(wrong, readings)).then(Result.ADMITTED)) == "none"
    assert klass(given(reversal(wrong, readings), wrong.but(source="dev-1.t1"))) == "none"


def test_capacity_is_a_figure_or_a_word_and_never_both() -> None:
    both = inputs(300, 100, 6, on_line={"capacity": 5})
    given().when(both).then(Result.UNREADABLE)
    given().when(inputs(300, 100, 6, on_line={"capacity_sufficient": None})).then(Result.UNREADABLE)
    given().when(inputs(300, 100, 6, on_line={"item": "nobody's"})).then(Result.UNCONVERTIBLE)


def test_the_lake_classes_as_the_fold_does(tmp_path: Path) -> None:
    """(C3)"""
    disk = OnDisk(tmp_path / "book")
    wrong = disk.number(inputs(900, 100, 9, source="desk-2.t1").at(NOON + timedelta(days=3)))
    disk.admit(
        described(箱=700),
        document("site_described", "*", "desk.t1", describes="WH-01", name="1", district="江岸", site_kind="store"),
        policy_set("class_1_cycle_days", 7, district="江岸"),
        policy_set("class_match", "any", item="KN95", site="WH-09"),
        inputs(300, 100, 6), inputs(300, 100, 7).at(NOON + timedelta(days=1)), wrong, reversal(wrong),
        inputs(2, 0, 9, on_line={"unit": "箱"}, area="江岸"), inputs(5, 0, 1, site="WH-09", area="WH-09"),
        inputs(5, 100, 9, area="江岸").at(NOON + timedelta(days=2)),
    )  # fmt: skip
    state = disk.book.folds.chapters
    asked = [g for area in ("*", "江岸", "WH-09") for g in gradings(state.classes, state.standing, "KN95", area)]
    folded = {
        (g.inputs.area, g.inputs.at, g.klass, g.changed, g.no_base, g.inputs.epidemic_demand, *g.thresholds, g.entry)
        for g in asked
    }
    columns = "area, happened_at, class, changed, no_base, epidemic_demand, match, class_1_ratio_percent, "
    columns += "class_1_cycle_days, class_2_ratio_percent, class_2_cycle_days, entry"
    stored = {tuple(row.values()) for row in rows(disk.lake(), f"SELECT {columns} FROM classes")}
    assert stored == folded
    assert {g.klass for g in asked} == {"I", "II", "none"}
