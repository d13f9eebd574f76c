"""Reversals (红冲, A9): one entry, once, carried whole; never more or less than the book read of it."""

import pytest

from schemas.page import Result
from tests.spec import Doc, World, counted, described, given, received, returned, reversal

ADMITTED, CONFLICTING = Result.ADMITTED, Result.CONFLICTING


def reason(world: World, index: int = 0) -> str:
    found = next(r for r in world.pages[-1][0].header.refused if r.index == index).reason
    assert found is not None
    return found.code


def undo(doc: Doc, readings: list[dict[str, object]] | None = None) -> Doc:
    return reversal(doc, readings, source="desk.t1")


def test_an_entry_is_reversed_once() -> None:
    doc = received(5).but(number=1)
    world = given().when(doc).when(undo(doc)).then(ADMITTED, on_hand=0)
    world.when(undo(doc)).then(CONFLICTING, on_hand=0)
    assert reason(world) == "reversed_already"
    world.when(undo(doc), undo(doc)).then(CONFLICTING, CONFLICTING)


def test_two_reversals_of_one_entry_in_one_submission_undo_it_once() -> None:
    doc = received(5).but(number=1)
    given().when(doc).when(undo(doc), undo(doc)).then(ADMITTED, CONFLICTING, on_hand=0)


def reversal_of_something_else(kind: str) -> Doc:
    doc, other = received(5).but(number=1), received(6).but(number=2)
    match kind:
        case "reversal_differs":
            return undo(received(9).but(number=1))
        case "reversal_of_another":
            return undo(doc).but(original=other.bytes().decode())
        case "reversal_unreadable":
            return undo(doc).but(original="{}")
        case "not_reversible":
            return undo(doc).but(original=described().but(number=1).bytes().decode())
        case _:
            twice = doc.bytes().decode().replace('"quantity":5', '"quantity":1,"quantity":5')
            return undo(doc).but(original=twice)


@pytest.mark.parametrize(
    "kind", ["reversal_differs", "reversal_of_another", "reversal_unreadable", "not_reversible", "a field said twice"]
)
def test_a_reversal_must_carry_the_very_entry_it_names(kind: str) -> None:
    world = given().when(received(5).but(number=1)).when(reversal_of_something_else(kind)).then(CONFLICTING, on_hand=5)
    assert reason(world) == (kind if " " not in kind else "reversal_unreadable")


def test_an_entry_of_another_site_is_not_reversed_from_here() -> None:
    doc = received(5).but(number=1)
    world = given().when(doc).when(undo(doc).but(site="WH-02")).then(CONFLICTING, on_hand=5)
    assert reason(world) == "not_reversible"


def test_a_reversal_that_comes_before_its_entry_nets_to_nothing_when_the_entry_comes() -> None:
    doc = received(5).but(number=9)
    given().when(undo(doc)).then(ADMITTED, on_hand=-5).when(doc).then(ADMITTED, on_hand=0)


@pytest.mark.parametrize(
    ("doc", "readings"),
    [
        (received(2, unit="箱"), []),
        (received(2, unit="箱"), [{"line": 2, "item": "KN95", "factor": 700}]),
        (received(2, unit="箱"), [{"line": 1, "item": "nobody knows", "factor": 700}]),
        (received(2, unit="箱"), [{"line": 1, "item": "KN95", "factor": 10**10}]),
        (received(2, awaiting_disinfection=True), []),
        (returned(2, condition="damaged"), []),
    ],
)
def test_a_reversal_cannot_undo_more_or_less_than_the_book_read(doc: Doc, readings: list[dict[str, object]]) -> None:
    first = doc.but(number=1)
    world = given().when(first).then(ADMITTED).when(undo(first, readings)).then(CONFLICTING)
    assert reason(world) == "reversal_unread"


def test_a_reversal_of_a_count_is_admitted_and_moves_nothing() -> None:
    doc = counted(5).but(number=1)
    given().when(doc).when(undo(doc)).then(ADMITTED, on_hand=0)
