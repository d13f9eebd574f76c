"""Badly written papers of watching: what only these kinds can get wrong. The rest is in test_bad_input.py."""

import json
from typing import Any

import pytest

from ledger import publishing
from schemas.page import Result
from tests.spec import World, described

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


@pytest.mark.parametrize("kind", ["sales_observed.v1", "class_inputs_reported.v1"])
def test_a_day_without_sales_and_an_item_without_demand_are_figures(kind: str) -> None:
    """(A11)"""
    assert answer(on_line(example(kind), quantity=0)) == (Result.ADMITTED, "")


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
