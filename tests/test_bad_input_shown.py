"""What is odd is admitted and shown: every kind in one book, asked of the audits before and after other ends come."""

import json
import re
from datetime import datetime, timedelta
from typing import Any, get_args

import pytest

from ledger import publishing
from schemas.document import EntryRef
from schemas.entry import type_of_kind
from schemas.page import Result
from tests.bad_papers import KINDS, Said, known, paper, written
from tests.on_disk import OnDisk, rows
from tests.spec import dispatched, document, issued

APPROVED = [kind for kind in KINDS if "approved_by" in type_of_kind[kind].model_fields]
OF_A_SITE = [kind for kind in KINDS if json.loads(publishing.example_of(kind))["site"] != "*"]
RECORDED = datetime.fromisoformat("2020-03-01T12:00:00+08:00")
OTHER = {"site": "X-other", "source": "late.b1", "number": 1}
REFERS: dict[str, Said] = {
    "stock_adjusted.v1": {"answers": OTHER}, "papers_completed.v1": {"completes": OTHER},
    "approval_given.v1": {"approves": OTHER}, "goods_signed_for.v1": {"signs_for": OTHER},
    "damage_settled.v1": {"settles": OTHER}, "register_checked.v1": {"follows": OTHER},
    "money_gift_spent.v1": {"receipt": OTHER}, "entry_reversed.v1": {"corrected_by": OTHER},
    "settlement_answered.v1": {"settlement": "T-late"}, "settlement_closed.v1": {"settlement": "T-late"},
    "transfer_difference_explained.v1": {"transfer": "T-late"},
    "gift_assessed.v1": {"gift": "G-late"}, "gift_identified.v1": {"gift": "G-late"},
    "equipment_accepted.v1": {"gift": "G-late"}, "goods_issued.v1": {"gift": "G-late"},
}  # fmt: skip
"""What a document of a kind names that the book does not have yet."""
NAMES_SITE: dict[str, Said] = {
    "transfer_dispatched.v1": {"to_site": "Y-sent"}, "transfer_arrived.v1": {"from_site": "Y-came"},
    "dispatch_ordered.v1": {"to_site": "Y-ordered"}, "goods_passed_through.v1": {"from_site": "Y-upper"},
    "transfer_difference_explained.v1": {"to_site": "Y-differs"}, "policy_set.v1": {"scope": {"site": "Y-ruled"}},
    "site_described.v1": {"describes": "WH-09", "fetches_from": "Y-fetched"},
}  # fmt: skip
"""Sites a document names besides its own."""
Found = dict[str, list[Said]]
AUDITS = (
    "impossible_date",
    "unknown_site",
    "dangling_reference",
    "reversal_mismatch",
    "hands_not_apart",
    "self_approved",
)


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Found, Found]:
    """Give what the audits say of one book with a paper of every kind, before and after the other ends arrived."""
    disk = OnDisk(tmp_path_factory.mktemp("bad") / "book")
    soon, late = (RECORDED + timedelta(minutes=minutes) for minutes in (9, 11))
    sent = []
    for kind in KINDS:
        at = {"site": f"X-{kind}"} if kind in OF_A_SITE else {}
        sent += [paper(kind, "near", happened_at=soon.isoformat(), **at)]
        sent += [paper(kind, "ahead", happened_at=late.isoformat(), **at)]
        sent += [paper(kind, "refers", **at, **REFERS[kind])] if kind in REFERS else []
        sent += [paper(kind, "names", **at, **NAMES_SITE[kind])] if kind in NAMES_SITE else []
        sent += [paper(kind, "self", **at, **_approved_by_oneself(kind))] if kind in APPROVED else []
    answers = disk.submit(*known(), *map(written, sent), recorded=RECORDED.isoformat())
    assert {a.result for a in answers} == {Result.ADMITTED}, [a for a in answers if a.reason]
    before = _ask(disk)
    mask = paper("stock_counted.v1")["lines"][0]["item"]
    ends = [issued(1, item=mask, **OTHER), dispatched(1, "T-late", "X-other", item=mask)]
    disk.admit(*ends, *(_site(row["site"]) for row in before["unknown_site"]))
    disk.submit(written(paper("gift_offered.v1", "late", donation={"gift": "G-late"})))
    return before, _ask(disk)


def _approved_by_oneself(kind: str) -> Said:
    """Have the approver be who recorded the document; of an approval, who asked for what it approves."""
    if kind != "approval_given.v1":
        return {"approved_by": paper(kind)["recorded_by"]}
    asked_for = paper("requisition_made.v1", "near", site="X-requisition_made.v1")
    ref = {name: asked_for[name] for name in ("site", "source", "number")}
    return {"approves": ref, "approved_by": asked_for["requested_by"]}


def _site(name: str) -> Any:
    return document("site_described", "*", "sites.t1", describes=name, name=name, district="d", site_kind="store")


def _ask(disk: OnDisk) -> Found:
    lake = disk.lake()
    return {name: rows(lake, f"SELECT * FROM audit_{name}") for name in AUDITS}


def named(kind: str, desk: str) -> str:
    """Write the identity of the paper of a kind from a desk, as the audits show it."""
    said = paper(kind, desk)
    return f"{f'X-{kind}' if kind in OF_A_SITE else '*'}/{said['source']}/{said['number']}"


@pytest.mark.parametrize("kind", KINDS)
def test_what_happened_after_it_was_recorded_is_admitted_and_shown(kind: str, asked: tuple[Found, Found]) -> None:
    """(A10) Ten minutes of a clock ahead are tolerated."""
    shown = {row["entry"] for row in asked[0]["impossible_date"] if row["status"] == "ahead of its recording"}
    assert named(kind, "ahead") in shown and named(kind, "near") not in shown


@pytest.mark.parametrize("kind", OF_A_SITE)
def test_a_site_nobody_described_is_shown_until_somebody_does(kind: str, asked: tuple[Found, Found]) -> None:
    """(M6)"""
    before, after = ({row["site"] for row in found["unknown_site"]} for found in asked)
    assert f"X-{kind}" in before - after


@pytest.mark.parametrize("kind", NAMES_SITE)
def test_a_site_that_is_only_named_is_shown_until_somebody_describes_it(kind: str, asked: tuple[Found, Found]) -> None:
    """(M6)"""
    (name,) = re.findall(r"Y-\w+", json.dumps(NAMES_SITE[kind]))
    before, after = ({row["site"] for row in found["unknown_site"]} for found in asked)
    assert name in before - after


@pytest.mark.parametrize("kind", REFERS)
def test_a_reference_to_what_is_not_in_the_book_is_kept_and_shown_until_it_comes(
    kind: str, asked: tuple[Found, Found]
) -> None:
    """(A5, B1, B2, B8, B9, F9, F11, F12, H3)"""
    before, after = ({row["entry"] for row in found["dangling_reference"]} for found in asked)
    assert named(kind, "refers") in before - after


def test_every_field_that_names_an_entry_is_watched_for_entries_that_never_come(asked: tuple[Found, Found]) -> None:
    """(A5, A9) Reversals of nothing have an audit of their own."""
    referring = {
        (kind, name) for kind, model in type_of_kind.items()
        for name, field in model.model_fields.items() if EntryRef in (field.annotation, *get_args(field.annotation))
    }  # fmt: skip
    watched = {(kind, name) for kind, fields in REFERS.items() for name, value in fields.items() if value is OTHER}
    assert referring - watched == {("entry_reversed.v1", "reverses")}
    mismatched = {row["entry"]: row["status"] for row in asked[0]["reversal_mismatch"]}
    assert mismatched[named("entry_reversed.v1", "near")] == "not in the book"


@pytest.mark.parametrize("kind", APPROVED)
def test_who_approves_their_own_paper_is_shown(kind: str, asked: tuple[Found, Found]) -> None:
    """(F13, A5)"""
    audit = "self_approved" if kind == "approval_given.v1" else "hands_not_apart"
    shown = {row["entry"] for row in asked[0][audit] if row.get("roles", "approved, recorded") == "approved, recorded"}
    assert named(kind, "self") in shown and named(kind, "near") not in shown
