"""Usage registers: what departments report, who may, and what a spot check finds (A6)."""

from datetime import datetime, timedelta
from typing import Any

from projections.chapters import due
from schemas.page import Result
from tests.spec import NOON, Doc, World, document, given, issued, received, reversal

DAY = timedelta(days=1)


def used(quantity: int, receiver: str = "Ward 1", **fields: Any) -> Doc:
    lines = [{"line": 1, "item": "KN95", "unit": fields.pop("unit", "只"), "quantity": quantity}]
    return document("usage_reported", receiver=receiver, lines=lines, **fields)


def checked(finding: str = "faulty", **fields: Any) -> Doc:
    said = {"found": "two days missing", "follow_up": "register them"} if finding == "faulty" else {}
    return document("register_checked", receiver="Ward 1", checked_by="auditor-1", finding=finding, **said | fields)


def named(**fields: Any) -> Doc:
    return document(
        "registrars_named", receiver="Ward 1", may_request=["head-nurse-1"], may_register=["nurse-1"],
        effective_from=(NOON - DAY).isoformat(), **fields,
    )  # fmt: skip


def faulty(world: World, now: datetime) -> list[tuple[str, str]]:
    return [(a.alert, a.severity) for a in due(world.folds.chapters, now) if a.kind == "register_faulty"]


def test_reported_use_moves_nothing_and_nothing_used_is_a_report_too() -> None:
    """(A6)"""
    given(received(100), issued(60)).when(used(50), used(0), named()).then(*[Result.ADMITTED] * 3, on_hand=40)


def test_use_is_reported_in_packs_the_book_can_convert() -> None:
    """(A6, A11)"""
    given(received(2, unit="箱")).when(used(1, unit="箱")).then(Result.ADMITTED, on_hand=1400)
    given().when(used(1, unit="桶")).then(Result.UNCONVERTIBLE)


def test_a_faulty_register_stays_open_until_a_later_check_finds_it_mended() -> None:
    """(A6) Spot checks are entries with finding and follow-up."""
    first = checked(number=8, follow_up_due_at=(NOON + 2 * DAY).isoformat())
    world = given(first)
    (open_,) = faulty(world, NOON)
    assert open_ == ("register_faulty/WH-01/WH-01%2Fdev-1.t1%2F8", "warning")
    assert faulty(world, NOON + 2 * DAY) == [(open_[0], "urgent")]
    follows = {"site": "WH-01", "source": "dev-1.t1", "number": 8}
    world.when(checked("in_order", follows=follows, source="desk.t1").at(NOON + DAY))
    assert faulty(world, NOON + 2 * DAY) == []


def test_a_second_faulty_check_takes_the_place_of_the_first() -> None:
    """(A6) One case at a time."""
    follows = {"site": "WH-01", "source": "dev-1.t1", "number": 8}
    world = given(checked(number=8), checked(number=9, follows=follows).at(NOON + DAY))
    assert [name for name, _ in faulty(world, NOON + DAY)] == ["register_faulty/WH-01/WH-01%2Fdev-1.t1%2F9"]


def test_a_spot_check_recorded_by_mistake_is_reversed() -> None:
    """(A6, A9)"""
    wrong = checked(number=8)
    assert faulty(given(wrong, reversal(wrong, source="desk.t1")), NOON) == []


def test_a_fault_without_what_is_to_be_done_cannot_be_read() -> None:
    """(A6)"""
    bare = document("register_checked", receiver="Ward 1", checked_by="auditor-1", finding="faulty")
    given().when(bare).then(Result.UNREADABLE)
