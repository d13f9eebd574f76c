"""Bad input of the record, packing and returns: what each document gets, and in whose words (A, G, H)."""

from typing import Any

import pytest

from ledger.words import known_codes
from schemas.page import Result
from tests.spec import NOON, Doc, described, document, given, line
from tests.test_packing import ITEMS, kit, packed, planned

REF = {"site": "WH-01", "source": "dev-9.t1", "number": 1}
U, N, C = Result.UNREADABLE, Result.UNCONVERTIBLE, Result.CONFLICTING


def used(**fields: Any) -> Doc:
    return document("usage_reported", receiver="Ward 1", lines=[line(5) | fields])


def passed(**fields: Any) -> Doc:
    lines = [line(5) | {"receiver": "C-1"} | fields]
    return document("goods_passed_through", origin="allocated", lines=lines)


def point(**fields: Any) -> Doc:
    return planned([{"point": "C-1", "desks": 1} | fields])


def settled(**fields: Any) -> Doc:
    said = {"settles": REF, "outcome": "scrap", "paper": "P", "approved_by": "head-1"}
    return document("damage_settled", **said | fields)


ROUND = document("round_announced", area="d", round=1, stage="opened")
NAMED = document(
    "registrars_named", receiver="W", may_request=["a"], may_register=["b"], effective_from=NOON.isoformat()
)  # fmt: skip
CHECK = document("register_checked", receiver="W", checked_by="a", finding="in_order")
FAMILY = document("family_described", "*", "desk.t1", family="f", name="f", group="medical")

BAD: dict[str, tuple[Doc, Result, str]] = {
    "use in a period backwards": (used().but(happened_since="2020-01-30T00:00:00+08:00"), U, "period_backwards"),
    "nobody may register": (NAMED.but(may_register=[]), U, "field_empty"),
    "a fault without its cure": (CHECK.but(finding="faulty"), U, "fault_not_described"),
    "a check that follows a number 0": (CHECK.but(follows=REF | {"number": 0}), U, "field_too_small"),
    "passed through to nobody": (passed(receiver=""), U, "field_empty"),
    "nothing passed through": (passed(quantity=0), U, "field_too_small"),
    "a round 0": (ROUND.but(round=0), U, "field_too_small"),
    "an unknown stage": (ROUND.but(stage="begun"), U, "field_not_a_choice"),
    "a point without a desk": (point(desks=0), U, "field_too_small"),
    "a point planned twice": (planned([{"point": "C", "desks": 1}] * 2), U, "point_planned_twice"),
    "a kit of unknown items": (kit("unheard-of"), N, "kit_of_unknown_item"),
    "a kit within itself": (kit("cap", cap=1), C, "kit_component_twice"),
    "a kit of none of a component": (kit("cap", gown=0), U, "field_too_small"),
    "an unknown kit packed": (packed(5).but(kit="gown"), N, "kit_unknown"),
    "kits packed away": (packed(5, "kits_unpacked").but(kind="kits_packed.v1"), C, "kits_wrong_way"),
    "kits against their bill": (packed(5, gloves=-9), C, "kit_bill_differs"),
    "a family of no group": (FAMILY.but(group="toys"), U, "field_not_a_choice"),
    "damage settled some other way": (settled(outcome="forgotten"), U, "field_not_a_choice"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_kept_with_a_reason_in_both_languages(case: str) -> None:
    """(A1, A6, A8, A11, A12, G1, G7, G8, H3, H4)"""
    doc, result, code = BAD[case]
    world = given(*ITEMS, described("kit-1", "套"), kit())
    page = world.submit(doc)
    (refused,), (kept,) = page.header.refused, page.quarantined
    assert (refused.result, refused.reason.code if refused.reason else "") == (result, code)
    assert kept.raw.startswith(b'{"kind":') and code in known_codes()


@pytest.mark.parametrize("doc", [used(), passed(), ROUND, NAMED, CHECK, point(), settled(), FAMILY, packed(5)])
def test_the_same_documents_without_the_fault_are_admitted(doc: Doc) -> None:
    """(A1) An unknown reference is kept too: it may still come."""
    given(*ITEMS, described("kit-1", "套"), kit()).when(doc).then(Result.ADMITTED)
