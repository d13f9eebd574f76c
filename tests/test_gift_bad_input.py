"""Papers about gifts that say too little (B1): what only these can get wrong. The rest is in test_bad_input.py."""

import json
from typing import Any

import pytest

from ledger import publishing
from schemas.page import Result
from tests.spec import World, described


def answer(kind: str, **fields: Any) -> tuple[Result, str]:
    """Send the documented example of a kind with some fields changed; return what became of it and why."""
    said = json.loads(publishing.example_of(kind)) | fields
    world = World()
    world.submit(described("mask-kn95-valve", "只", 箱=700))
    refused = world.submit(json.dumps(said, ensure_ascii=False).encode()).header.refused
    return world.results[0], refused[0].reason.code if refused and refused[0].reason else ""


def test_an_offer_without_a_number_is_kept_in_quarantine() -> None:
    """(B1) Nothing later could be tied to it."""
    assert answer("gift_offered.v1", donation={"donor": "爱心企业"}) == (Result.UNREADABLE, "gift_not_numbered")


@pytest.mark.parametrize(
    "unfinished", [{"decision": "declined"}, {"first_allocation": None}], ids=["no reason", "no first allocation"]
)
def test_an_unfinished_answer_to_an_offer_is_kept_in_quarantine(unfinished: dict[str, Any]) -> None:
    """(B1) The donor of a declined gift is told why; an accepted one says where it goes first."""
    assert answer("gift_assessed.v1", **unfinished) == (Result.UNREADABLE, "gift_answer_unfinished")


def test_a_quantity_nobody_stated_is_no_fault() -> None:
    """(B1, A11) It is unknown: neither 0 nor 1."""
    line = {"line": 1, "item": "mask-kn95-valve", "unit": "箱"}
    assert answer("gift_offered.v1", lines=[line]) == (Result.ADMITTED, "")
