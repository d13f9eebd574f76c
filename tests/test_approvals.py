"""Approvals of classed goods: how many, by whom, in which order, before the goods left (C4). Facts are not refused."""

from pathlib import Path
from typing import Any

import pytest

from schemas.page import Result
from tests.on_disk import OnDisk, rows
from tests.spec import Doc, described, document, given, issued, line, received, reversal
from tests.watching import day, policy_set


def approval(by: str, authority: str, hour: int = 9, number: str = "A-1", **fields: Any) -> Doc:
    said = {"approval": number, "act": "issue", "approved_by": by, "authority": authority} | fields
    return document("approval_given", **said).at(day(2, hour))


def inputs(demand: int, area: str = "*", **fields: Any) -> Doc:
    said = line(demand, normal_demand=100, cycle_days=9, capacity=0, evidence="register")
    return document("class_inputs_reported", area=area, lines=[said], **fields).at(day(1))


DEPARTMENT, GROUP = approval("head-1", "department", 8), approval("group-1", "supplies_group")
OUT = issued(5, approval="A-1").at(day(2, 12))
CLASS_1, CLASS_2, NO_CLASS = inputs(200), inputs(101), inputs(1)
Case = tuple[list[Doc], tuple[int, int] | None]
CASES: dict[str, Case] = {
    "both in order": ([CLASS_1, DEPARTMENT, GROUP, OUT], None),
    "one of two": ([CLASS_1, DEPARTMENT, OUT], (1, 2)),
    "none of two": ([CLASS_1, OUT], (0, 2)),
    "one person twice": ([CLASS_1, DEPARTMENT, approval("head-1", "supplies_group"), OUT], (1, 2)),
    "group first": ([CLASS_1, approval("head-1", "department", 10), GROUP, OUT], (2, 2)),
    "after it left": ([CLASS_1, DEPARTMENT, approval("group-1", "supplies_group", 13), OUT], (1, 2)),
    "refused": ([CLASS_1, DEPARTMENT, approval("group-1", "supplies_group", decision="refused"), OUT], (1, 2)),
    "of another paper": ([CLASS_1, DEPARTMENT, approval("group-1", "supplies_group", number="A-2"), OUT], (1, 2)),
    "class II, one": ([CLASS_2, DEPARTMENT, OUT], None),
    "class II, none": ([CLASS_2, OUT], (0, 1)),
    "no class": ([NO_CLASS, OUT], None),
    "written off": ([CLASS_1, issued(5, approval="A-1", use="write_off").at(day(2, 12))], None),
    "policy asks for one": ([policy_set("class_1_approvals", 1), CLASS_1, DEPARTMENT, OUT], None),
}


def played_at(site: str, said: Doc) -> Doc:
    """Return a document as it is at a site of its own, with numbers of its own."""
    if said.fields["site"] == "*":
        return said.but(scope={"site": site})
    own = {"approval": f"{said.fields['approval']} {site}"} if "approval" in said.fields else {}
    return said.but(site=site, **own, **({"area": site} if "area" in said.fields else {}))


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, int]]:
    """Give what the audit finds in a book in which every case was played at a site of its own; elsewhere, class I."""
    disk = OnDisk(tmp_path_factory.mktemp("approvals") / "book")
    disk.admit(described(箱=700), inputs(900))
    for place, (documents, _) in enumerate(CASES.values()):
        disk.admit(*[played_at(f"S{place}", said) for said in documents], recorded=day(3).isoformat())
    listed = rows(disk.lake(), "SELECT site, given, needed FROM audit_class_approvals")
    return {row["site"]: (row["given"], row["needed"]) for row in listed}


@pytest.mark.parametrize("name", CASES)
def test_an_issue_of_a_classed_item_had_its_approvals_or_is_a_row(name: str, found: dict[str, tuple[int, int]]) -> None:
    """(C4) Class I two people, department first; class II one; before the goods left; the narrowest class counts."""
    assert found.get(f"S{list(CASES).index(name)}") == CASES[name][1]


def test_goods_that_left_without_approval_have_left() -> None:
    """(C4, A5)"""
    given(CLASS_1, received(100)).when(OUT).then(Result.ADMITTED, on_hand=95)


def test_an_approval_may_name_an_entry_that_has_not_come_and_a_reversed_one_counts_for_nothing(tmp_path: Path) -> None:
    """(C4, A9)"""
    disk = OnDisk(tmp_path / "book")
    asked = {"site": "WH-01", "source": "desk-7.t1", "number": 1}
    wrong = disk.number(approval("head-2", "department", number="A-9"))
    early = approval("head-1", "department", approves=asked, act="requisition")
    disk.admit(described(箱=700), early, wrong, reversal(wrong), approval("head-1", "office", approves="paper 7"))
    found = "SELECT approves, dangling FROM approvals ORDER BY approves"
    expected = [{"approves": "WH-01/desk-7.t1/1", "dangling": True}, {"approves": "paper 7", "dangling": False}]
    assert rows(disk.lake(), found) == expected
    fields = {"requisition": "R-1", "department": "ICU", "requested_by": "nurse-1", "lines": [line(1)]}
    disk.admit(document("requisition_made", **fields, **{k: asked[k] for k in ("source", "number")}))
    assert [r["dangling"] for r in rows(disk.lake(), found)] == [False, False]
