"""Badly written papers of watching (C1, C4, D1, D2, D5, D7): refused by name, or admitted and shown; never lost."""

import json
from typing import Any

import pytest

from ledger import publishing
from schemas.entry import type_of_kind
from schemas.page import Result
from tests.spec import World, described

KINDS = [
    "requisition_made.v1", "approval_given.v1", "goods_ordered.v1", "price_observed.v1", "sales_observed.v1",
    "driver_observed.v1", "class_inputs_reported.v1",
]  # fmt: skip
LINED = [kind for kind in KINDS if "lines" in type_of_kind[kind].model_fields]
NOTHING_MAY_BE_SAID = {"sales_observed.v1", "class_inputs_reported.v1"}
"""A day without sales and an item without demand are figures."""
Said = dict[str, Any]


def example(kind: str) -> Said:
    said: Said = json.loads(publishing.example_of(kind))
    return said


def answer(said: Said) -> tuple[Result, str]:
    """Send one document to a book that knows the masks; return what became of it and why."""
    world = World()
    world.submit(described("mask-kn95-valve", "只", 箱=700))
    page = world.submit(json.dumps(said, ensure_ascii=False).encode())
    refused = page.header.refused
    return world.results[0], refused[0].reason.code if refused and refused[0].reason else ""


def on_line(said: Said, **fields: Any) -> Said:
    return {**said, "lines": [{**said["lines"][0], **fields}]}


@pytest.mark.parametrize("kind", KINDS)
def test_the_paper_as_documented_is_admitted(kind: str) -> None:
    assert answer(example(kind)) == (Result.ADMITTED, "")


@pytest.mark.parametrize(
    ("kind", "field"),
    [(kind, name) for kind in KINDS for name, field in type_of_kind[kind].model_fields.items() if field.is_required()],
)
def test_a_missing_field_is_named(kind: str, field: str) -> None:
    said = example(kind)
    del said[field]
    assert answer(said) == (Result.UNREADABLE, "field_missing")


@pytest.mark.parametrize("kind", LINED)
def test_an_item_or_unit_nobody_described_is_never_guessed(kind: str) -> None:
    """(A11)"""
    assert answer(on_line(example(kind), item="nobody's")) == (Result.UNCONVERTIBLE, "item_unknown")
    assert answer(on_line(example(kind), unit="吨")) == (Result.UNCONVERTIBLE, "unit_unconvertible")


@pytest.mark.parametrize("kind", LINED)
def test_a_negative_or_fractional_quantity_is_unreadable(kind: str) -> None:
    """(A11)"""
    assert answer(on_line(example(kind), quantity=-1)) == (Result.UNREADABLE, "field_too_small")
    assert answer(on_line(example(kind), quantity=1.5)) == (Result.UNREADABLE, "field_not_whole")
    expected = (Result.ADMITTED, "") if kind in NOTHING_MAY_BE_SAID else (Result.UNREADABLE, "field_too_small")
    assert answer(on_line(example(kind), quantity=0)) == expected


@pytest.mark.parametrize(
    ("kind", "fields", "code"),
    [
        ("driver_observed.v1", {"value": -1}, "field_too_small"),
        ("driver_observed.v1", {"on_day": "2020-01-30"}, "day_to_come"),
        ("sales_observed.v1", {"on_day": "2020-01-30"}, "day_to_come"),
        ("sales_observed.v1", {"on_day": "30/01/2020"}, "day_badly_written"),
        ("requisition_made.v1", {"headcount": 0}, "field_too_small"),
        ("requisition_made.v1", {"rounds": 2.5}, "field_not_whole"),
        ("approval_given.v1", {"authority": "my cousin"}, "field_not_a_choice"),
        ("approval_given.v1", {"act": "whatever"}, "field_not_a_choice"),
        ("goods_ordered.v1", {"due_on": "soon"}, "day_badly_written"),
    ],
)
def test_a_field_that_cannot_be_is_refused(kind: str, fields: Said, code: str) -> None:
    assert answer(example(kind) | fields) == (Result.UNREADABLE, code)


@pytest.mark.parametrize(
    ("kind", "fields", "code"),
    [
        ("price_observed.v1", {"price_fen": -1}, "field_too_small"),
        ("price_observed.v1", {"price_fen": 12.5}, "field_not_whole"),
        ("sales_observed.v1", {"stock": -1}, "field_too_small"),
        ("requisition_made.v1", {"left": -1}, "field_too_small"),
        ("class_inputs_reported.v1", {"cycle_days": -1}, "field_too_small"),
        ("class_inputs_reported.v1", {"capacity_sufficient": True}, "capacity_not_said_once"),
        ("class_inputs_reported.v1", {"capacity": None}, "capacity_not_said_once"),
        ("class_inputs_reported.v1", {"evidence": ""}, "field_empty"),
    ],
)
def test_a_figure_on_a_line_that_cannot_be_is_refused(kind: str, fields: Said, code: str) -> None:
    """(C3)"""
    assert answer(on_line(example(kind), **fields)) == (Result.UNREADABLE, code)
