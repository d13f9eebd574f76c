"""Tracing gifts: every donated unit from donor to receiver and back, through lots, kits, transfers (B5, B4)."""

import json
import os
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from duckdb import DuckDBPyConnection
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from ledger.tracing import gifts_of_day, traced_from, traced_to
from projections.tracing import GiftDay, Moved, Trace, trace
from tests.audit_steps import day
from tests.on_disk import OnDisk
from tests.spec import (
    Doc,
    arrived,
    described,
    dispatched,
    document,
    donated,
    issued,
    line,
    received,
    released,
    returned,
    reversal,
)

Kept = tuple[str, int, str, str]
"""Donor, quantity, end, and receiver or place."""


@pytest.fixture
def disk(tmp_path: Path) -> OnDisk:
    made = OnDisk(tmp_path / "book")
    made.admit(described(箱=700))
    return made


def play(disk: OnDisk, *documents: Doc) -> DuckDBPyConnection:
    """Admit documents as happened an hour apart; return the lake of them."""
    for hour, sent in enumerate(documents):
        moment = day(1 + hour // 12, 6 + hour % 12)
        disk.admit(sent.at(moment), recorded=moment)
    return disk.lake()


def from_donor(lake: DuckDBPyConnection, donor: str) -> list[Kept]:
    rows = traced_from(lake, donor)
    return [(r["donor"], r["quantity"], r["end"], r["receiver"] or r["where"]) for r in rows]


def to_receiver(lake: DuckDBPyConnection, receiver: str) -> list[tuple[str | None, int]]:
    return [(r["donor"], r["quantity"]) for r in traced_to(lake, receiver)]


def test_every_unit_is_traced_from_donor_to_receiver_and_back(disk: OnDisk) -> None:
    """(B5) What came first is taken first."""
    lake = play(disk, donated(10, "donor-1"), donated(10, "donor-2"), issued(15, "Hospital A"))
    assert from_donor(lake, "donor-1") == [("donor-1", 10, "issued", "Hospital A")]
    assert from_donor(lake, "donor-2") == [
        ("donor-2", 5, "in_stock", "WH-01"), ("donor-2", 5, "issued", "Hospital A")
    ]  # fmt: skip
    assert to_receiver(lake, "Hospital A") == [("donor-1", 10), ("donor-2", 5)]


def test_a_named_lot_is_taken_of_that_lot_and_of_stock_without_a_lot_before_any_other(disk: OnDisk) -> None:
    """(B5) Lot splits."""
    lake = play(
        disk, donated(10, "donor-1", lot="A"), donated(10, "donor-2", lot="B"), donated(10, "donor-3"),
        issued(12, "Hospital B", lot="B"), issued(9, "Hospital A"),
    )  # fmt: skip
    assert to_receiver(lake, "Hospital B") == [("donor-2", 10), ("donor-3", 2)]
    assert to_receiver(lake, "Hospital A") == [("donor-1", 1), ("donor-3", 8)]


def test_what_is_kept_for_a_receiver_is_what_it_gets_and_is_given_to_others_last(disk: OnDisk) -> None:
    """(B3, B5)"""
    lake = play(
        disk, donated(10, "donor-1", "Hospital A"), donated(10, "donor-2"), issued(10, "Hospital B"),
        issued(10, "Hospital A"), donated(10, "donor-3", "Hospital A"),
        released(4, "Hospital A"), issued(4, "Hospital C"),
    )  # fmt: skip
    assert to_receiver(lake, "Hospital B") == [("donor-2", 10)]
    assert to_receiver(lake, "Hospital A") == [("donor-1", 10)]
    assert to_receiver(lake, "Hospital C") == [("donor-3", 4)]


def kits(name: str, change: int, **fields: Any) -> Doc:
    lines = [
        {"line": 1, "item": "kit", "unit": "套", "quantity_change": change},
        {"line": 2, "item": "KN95", "unit": "只", "quantity_change": -2 * change},
        {"line": 3, "item": "gown", "unit": "件", "quantity_change": -change},
    ]
    return document(name, kit="kit", lines=lines, **fields)


def test_a_gift_is_traced_through_the_kits_it_went_into_and_out_of_them_again(disk: OnDisk) -> None:
    """(B5, G7)"""
    bill = [{"item": "KN95", "quantity": 2}, {"item": "gown", "quantity": 1}]
    disk.admit(described("kit", "套"), described("gown", "件"))
    disk.admit(document("kit_described", "*", kit="kit", level="level_1", colour="blue", components=bill))
    lake = play(
        disk, donated(20, "donor-1"), received(10, item="gown", unit="件"), kits("kits_packed", 10),
        issued(3, "Point 1", item="kit", unit="套"), kits("kits_unpacked", -2), issued(4, "Ward 1"),
    )  # fmt: skip
    assert from_donor(lake, "donor-1") == [
        ("donor-1", 10, "in_stock", "WH-01"), ("donor-1", 6, "issued", "Point 1"), ("donor-1", 4, "issued", "Ward 1")
    ]  # fmt: skip
    assert to_receiver(lake, "Point 1") == [("donor-1", 6), (None, 3)]


def test_a_gift_is_traced_through_a_transfer_and_what_is_on_the_way_is_said_so(disk: OnDisk) -> None:
    """(B5, F9) The way is named."""
    lake = play(
        disk, donated(10, "donor-1"), dispatched(8), arrived(6), issued(5, "Hospital A", site="WH-02"),
    )  # fmt: skip
    rows = [(r["quantity"], r["end"], r["where"], r["via"]) for r in traced_from(lake, "donor-1")]
    assert rows == [
        (2, "in_stock", "WH-01", ()), (1, "in_stock", "WH-02", ("T1",)), (2, "in_transit", "T1", ("T1",)),
        (5, "issued", "WH-02", ("T1",)),
    ]  # fmt: skip


def test_what_comes_back_is_stock_of_the_same_donor_again_and_a_reversed_entry_never_was(disk: OnDisk) -> None:
    """(B5, H1, A9)"""
    wrong = disk.number(issued(3, "Hospital B").at(day(1, 7)))
    lake = play(
        disk,
        donated(10, "donor-1"),
        wrong,
        issued(5, "Hospital A"),
        returned(2, returned_by="Hospital A"),
        reversal(wrong),
    )
    assert from_donor(lake, "donor-1") == [
        ("donor-1", 7, "in_stock", "WH-01"), ("donor-1", 3, "issued", "Hospital A")
    ]  # fmt: skip


def test_a_gift_of_nobody_known_and_one_that_went_straight_are_traced_too(disk: OnDisk) -> None:
    """(B7, B3, B5)"""
    straight = document("gift_passed_on", donation={}, receiver="Hospital A", lines=[line(7)])
    nameless = received(5, origin="donated", donation={"handover": "sheet-1"})
    lake = play(disk, nameless, straight, issued(5, "Hospital A", approval="A-1"))
    assert sorted(from_donor(lake, "anonymous")) == [
        ("anonymous/匿名", 5, "issued", "Hospital A"), ("anonymous/匿名", 7, "passed_on", "Hospital A")
    ]  # fmt: skip


def test_the_file_of_a_gift_names_its_handover_sheet_the_approval_of_the_issue_and_who_signed(disk: OnDisk) -> None:
    """(B5) Handover sheet, receipt, issue approval, sign-off."""
    gift = received(5, origin="donated", donation={"donor": "donor-1", "handover": "sheet-1"})
    out = disk.number(issued(5, "Hospital A", approval="A-1"))
    signed = document(
        "goods_signed_for", signs_for={k: out.fields[k] for k in ("site", "source", "number")}, signed_by="nurse-1"
    )
    lake = play(disk, gift, out, signed)
    (row,) = traced_from(lake, "donor-1")
    assert (row["handover"], row["gift_entry"], row["approval"], row["signed_by"]) == (
        "sheet-1", "WH-01/dev-1.t1/2", "A-1", "nurse-1"
    )  # fmt: skip


def test_a_day_of_gifts_says_received_issued_and_left_per_donor_and_item(disk: OnDisk) -> None:
    """(B4) As known at a moment too."""
    disk.admit(donated(10, "donor-1").at(day(1)), donated(10, "donor-2").at(day(1)), recorded=day(1))
    disk.admit(issued(12, "Hospital A").at(day(2)), recorded=day(4))
    lake = disk.lake()
    assert gifts_of_day(lake, date(2020, 2, 1)) == [GiftDay("donor-1", "KN95", 10, 0, 10),
                                                    GiftDay("donor-2", "KN95", 10, 0, 10)]  # fmt: skip
    assert gifts_of_day(lake, date(2020, 2, 2)) == [GiftDay("donor-1", "KN95", 0, 10, 0),
                                                    GiftDay("donor-2", "KN95", 0, 2, 8)]  # fmt: skip
    then = gifts_of_day(lake, date(2020, 2, 2), datetime.fromisoformat(day(3)))
    assert then == [GiftDay("donor-1", "KN95", 0, 0, 10), GiftDay("donor-2", "KN95", 0, 0, 10)]


MOVES = st.lists(
    st.tuples(
        st.sampled_from(["goods_received", "goods_issued", "goods_returned", "transfer_dispatched", "transfer_arrived",
                         "stock_adjusted"]),
        st.sampled_from(["WH-01", "WH-02"]), st.sampled_from(["", "A", "B"]), st.integers(1, 9),
        st.sampled_from(["", "Hospital A", "Hospital B"]),
    ), max_size=25,
)  # fmt: skip


@drawn(MOVES)
@settings(max_examples=200, deadline=None)
def test_no_unit_of_a_gift_is_lost_or_doubled_on_the_way(moves: list[tuple[str, str, str, int, str]]) -> None:
    """(B5) Whatever happens, the traces of a gift add up to it."""
    at = datetime.fromisoformat(day(1))
    lines = [
        Moved(at, at.date(), 0, n, 1, f"e{n}", kind, site, "KN95", lot, quantity, quantity, party, "T", "donor-1")
        for n, (kind, site, lot, quantity, party) in enumerate(moves)
    ]
    came = {m.entry: m.quantity for m in lines if m.kind == "goods_received"}
    found: dict[str, int] = {}
    for one in trace(lines):
        assert one.quantity > 0
        found[one.source.entry] = found.get(one.source.entry, 0) + one.quantity
    assert {entry: quantity for entry, quantity in found.items() if entry} == came
    assert isinstance(trace(lines)[0], Trace) if came else True


def test_a_user_asks_from_either_end_and_for_a_day_by_command(disk: OnDisk) -> None:
    """(B4, B5) Both ends at once are wrong use."""
    play(disk, donated(10, "donor-1"), issued(4, "Hospital A"))
    disk.book.close()
    traced = baogong(disk, "trace", "--receiver", "Hospital A")
    assert [(r["donor"], r["quantity"]) for r in json.loads(traced.stdout)] == [("donor-1", 4)]
    daily = baogong(disk, "report", "gifts", "--day", "2020-02-01")
    assert json.loads(daily.stdout) == [{"donor": "donor-1", "item": "KN95", "received": 10, "issued": 4, "left": 6}]
    both = baogong(disk, "trace", "--receiver", "Hospital A", "--donor", "donor-1")
    assert (both.returncode, "one of them" in both.stderr) == (2, True)


def baogong(disk: OnDisk, *words: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "baogong"), *words, "--book", str(disk.path), "--format", "json"]
    env = {**os.environ, "BAOGONG_LANG": "en", "COLUMNS": "200"}
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)
