"""Badly written papers about gifts (B1, B2, B3, B6, B9): refused with a reason that names the field, and kept."""

import json
from typing import Any

import pytest

from ledger import publishing
from schemas.entry import type_of_kind
from schemas.page import Result
from tests.spec import World, described

KINDS = [
    "gift_offered.v1", "gift_assessed.v1", "gift_matched.v1", "gift_identified.v1", "gift_passed_on.v1",
    "money_gift_received.v1", "money_gift_spent.v1", "equipment_accepted.v1",
]  # fmt: skip
LINED = [kind for kind in KINDS if "lines" in type_of_kind[kind].model_fields]
MONEY = ["money_gift_received.v1", "money_gift_spent.v1"]


def example(kind: str) -> dict[str, Any]:
    """Read the documented example of a kind, about masks."""
    said: dict[str, Any] = json.loads(publishing.example_of(kind))
    return said


def answer(said: dict[str, Any]) -> Result:
    """Send one document to a book that knows the masks; return what became of it."""
    world = World()
    world.submit(described("mask-kn95-valve", "只", 箱=700))
    world.submit(json.dumps(said, ensure_ascii=False).encode())
    return world.results[0]


def with_line(said: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {**said, "lines": [{**said["lines"][0], **fields}]}


@pytest.mark.parametrize("kind", KINDS)
def test_a_paper_about_a_gift_as_documented_is_admitted(kind: str) -> None:
    """(B1, B2, B3, B6, B9)"""
    assert answer(example(kind)) is Result.ADMITTED


@pytest.mark.parametrize(
    ("kind", "missing"),
    [(k, name) for k in KINDS for name in publishing.schema_of(k)["required"] if name != "kind"],
)
def test_a_paper_about_a_gift_that_lacks_a_field_is_kept_in_quarantine(kind: str, missing: str) -> None:
    """(B1)"""
    said = example(kind)
    del said[missing]
    assert answer(said) is Result.UNREADABLE


@pytest.mark.parametrize("quantity", [-1, 0, 1.5, "12件", 100_000_000_000_000])
@pytest.mark.parametrize("kind", LINED)
def test_a_quantity_that_cannot_be_is_kept_in_quarantine(kind: str, quantity: object) -> None:
    """(A11, B1)"""
    assert answer(with_line(example(kind), quantity=quantity)) is Result.UNREADABLE


@pytest.mark.parametrize("written", [{"unit": "桶"}, {"item": "nobody-described-it"}])
@pytest.mark.parametrize("kind", LINED)
def test_goods_of_a_gift_that_cannot_be_converted_wait_for_someone_who_knows(
    kind: str, written: dict[str, str]
) -> None:
    """(A11, B1)"""
    assert answer(with_line(example(kind), **written)) is Result.UNCONVERTIBLE


@pytest.mark.parametrize("amount", [-1, 0, 12.5, "1000元"])
@pytest.mark.parametrize("kind", MONEY)
def test_money_is_whole_fen_and_more_than_nothing(kind: str, amount: object) -> None:
    """(B9)"""
    assert answer({**example(kind), "amount_fen": amount}) is Result.UNREADABLE


@pytest.mark.parametrize("moment", ["2020-02-30T09:00:00+08:00", "2020-01-29T09:00:00", "yesterday"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_date_that_cannot_be_is_kept_in_quarantine(kind: str, moment: str) -> None:
    """(A10, B1)"""
    assert answer({**example(kind), "happened_at": moment}) is Result.UNREADABLE
