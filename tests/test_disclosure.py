"""The public list of gifts (公示): as it came, both values where it was corrected, and the notices of 2020 again."""

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from duckdb import DuckDBPyConnection

from ledger.book import Book
from ledger.imports.running import Tally
from ledger.lake import Lake, catch_up
from ledger.tracing import traced_to, traces
from projections.catalogue import lookup_key
from schemas.page import Sender
from tests.audit_steps import day
from tests.on_disk import OnDisk, rows
from tests.spec import Doc, described, document, donated, issued, line, received, reversal
from tests.test_real_inputs import new_book, read_csv, run_import


def listed(lake: DuckDBPyConnection, *columns: str) -> list[tuple[Any, ...]]:
    return lake.sql(f"SELECT {', '.join(columns)} FROM disclosure_list ORDER BY seq, line").fetchall()


def gift(quantity: int, item: str = "KN95", disclosure: str = "notice 7 row 3", donor: str = "donor-1") -> Doc:
    return received(quantity, item=item, origin="donated", donation={"donor": donor, "disclosure": disclosure})


@pytest.fixture
def disk(tmp_path: Path) -> OnDisk:
    made = OnDisk(tmp_path / "book")
    made.admit(described(箱=700), described("N95"))
    return made


def test_the_list_says_who_gave_what_and_where_it_goes(disk: OnDisk) -> None:
    """(B8, B3, B7) Common stock, a named receiver, straight on, nobody known; and what was issued of gifts."""
    straight = document("gift_passed_on", donation={"donor": "donor-3"}, receiver="Hospital C", lines=[line(3)])
    nameless = received(4, origin="donated", donation={})
    disk.admit(donated(1, "donor-1"), donated(2, "donor-2", "Hospital B"), straight, nameless, issued(1, "Hospital A"))
    disk.admit(received(5, item="N95"), issued(5, "Hospital A", item="N95"))
    assert listed(disk.lake(), "direction", "donor", "quantity", "destination") == [
        ("received", "donor-1", 1, "WH-01"), ("received", "donor-2", 2, "Hospital B"),
        ("straight on", "donor-3", 3, "Hospital C"), ("received", "anonymous/匿名", 4, "WH-01"),
        ("issued", None, 1, "Hospital A"),
    ]  # fmt: skip


def corrected(lake: DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return listed(lake, "item", "quantity", "corrected_from", "corrected_at IS NOT NULL")


def test_a_corrected_line_shows_both_values_and_when_it_changed(disk: OnDisk) -> None:
    """(B8, A9) The row of the notice, or the donor and item, lead from the reversed line to the right one."""
    wrong = disk.number(gift(150))
    disk.admit(wrong, recorded=day(1))
    disk.admit(reversal(wrong), gift(144, donor="donor one"), recorded=day(3))
    lake = disk.lake()
    assert corrected(lake) == [("KN95", 144, "150 只", True)]
    ((changed,),) = listed(lake, "corrected_at")
    assert changed.isoformat()[:10] == "2020-02-03"


def test_a_correction_of_the_item_shows_the_item_it_was(disk: OnDisk) -> None:
    """(B8) N95 was KN95."""
    wrong = disk.number(gift(100, "N95"))
    disk.admit(wrong)
    disk.admit(reversal(wrong), gift(100, "KN95"))
    assert corrected(disk.lake()) == [("KN95", 100, "100 只 N95", True)]


def test_a_reversal_names_the_line_that_is_right_even_when_that_came_before(disk: OnDisk) -> None:
    """(B8) One shipment disclosed twice, with another count."""
    first, second = disk.number(gift(150)), disk.number(gift(144, disclosure="notice 8 row 9", donor="donor 1"))
    disk.admit(first, second)
    right = {key: second.fields[key] for key in ("site", "source", "number")}
    disk.admit(reversal(first, corrected_by=right), gift(150, disclosure="notice 9 row 1"))
    assert corrected(disk.lake()) == [("KN95", 144, "150 只", True), ("KN95", 150, None, False)]


# -- Wuhan Red Cross


@pytest.fixture(scope="module")
def redcross(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> tuple[Book, Tally, list[dict[str, str]]]:
    book = new_book(tmp_path_factory.mktemp("redcross"))
    file = shared_data / "wuhan_redcross" / "wuhan_redcross_goods_movements.csv"
    return book, run_import(book, "wuhan_redcross", file), read_csv(file)


def asked(book: Book) -> DuckDBPyConnection:
    catch_up(book)
    return Lake.connect(book.path)


def test_the_notices_come_out_of_the_book_again_row_by_row(
    redcross: tuple[Book, Tally, list[dict[str, str]]],
) -> None:
    """(B8) Every row in the book is on the list: day, direction, quantity and item as disclosed."""
    book, tally, file = redcross
    refused = {problem.row for problem in tally.problems}
    admitted = [row for number, row in enumerate(file, start=2) if number not in refused]
    received_rows = {
        f"{row['source_file']} row {row['sheet_row']}": (last_day(row["date"]), int(row["qty_num"]))
        for row in admitted
        if row["direction"] == "donation_received"
    }
    came = listed(asked(book), "disclosure", "happened_on", "quantity", "direction")
    assert {d: (on, quantity) for d, on, quantity, how in came if how == "received"} == received_rows
    given_out = Counter((on, quantity) for _, on, quantity, how in came if how == "issued")
    issues = [row for row in admitted if row["direction"] == "issued"]
    assert given_out == Counter((last_day(row["date"]), int(row["qty_num"])) for row in issues)
    assert len(came) == tally.admitted


def last_day(written: str) -> date:
    return date.fromisoformat(written.rsplit("/", 1)[-1])


def test_designated_gifts_are_listed_with_their_receiver_and_none_was_diverted(
    redcross: tuple[Book, Tally, list[dict[str, str]]],
) -> None:
    """(B3, B8)"""
    lake = asked(redcross[0])
    found = lake.sql("SELECT destination, quantity, unit FROM disclosure_list WHERE destination <> site"
                     " AND direction = 'received' ORDER BY ALL").fetchall()  # fmt: skip
    assert found == [("同济医院", 15, "箱"), ("江夏区红十字会", 100, "箱")]
    assert lake.sql("FROM audit_designated_diverted").fetchall() == []


def test_every_unit_the_red_cross_was_given_is_traced_to_where_it_is(
    redcross: tuple[Book, Tally, list[dict[str, str]]],
) -> None:
    """(B5) The traces of each gift add up to it, and RC02 and RC03 reached whom they were meant for."""
    lake = asked(redcross[0])
    given = lake.sql("SELECT entry, line, base_quantity FROM donations").fetchall()
    items = [item for (item,) in lake.sql("SELECT DISTINCT item FROM donations").fetchall()]
    found: Counter[tuple[str, int]] = Counter()
    for one in traces(lake, items):
        found[one.source.entry, one.source.line] += one.quantity * (one.source.donor is not None)
    assert +found == {(entry, number): quantity for entry, number, quantity in given}
    (masks,) = traced_to(lake, "同济医院")
    assert (masks["donor"], masks["quantity"]) == ("中国医学装备协会病理分会", 10_500)
    assert [row["quantity"] for row in traced_to(lake, "江夏区红十字会")] == [200_000]


def test_a_shipment_disclosed_twice_is_corrected_once_and_the_list_shows_both_counts(
    redcross: tuple[Book, Tally, list[dict[str, str]]],
) -> None:
    """(B8) 150 bottles became 144, and 39 became 40; the goods are counted once from then on."""
    book = redcross[0]
    twice = rows(asked(book), "SELECT entry, item, quantity, earlier_entry, earlier_quantity"
                 " FROM audit_duplicate_disclosure WHERE status = 'quantity changed' ORDER BY item")  # fmt: skip
    assert [(lookup_key(r["item"]), r["earlier_quantity"], r["quantity"]) for r in twice] == [
        (lookup_key("榄菊84除菌液"), 150, 144), (lookup_key("榄菊洁厕液"), 39, 40)
    ]  # fmt: skip
    by_name = {f"{e.entry.site}/{e.entry.source}/{e.entry.number}": e for page, _ in book.pages() for e in page.entries}
    for number, row in enumerate(twice, 1):
        wrong, right = by_name[row["earlier_entry"]], by_name[row["entry"]].entry
        sent = document(
            "entry_reversed", "WHRC", "desk.t1", number=number, reason="disclosed twice", original=wrong.raw.decode(),
            reverses={k: getattr(wrong.entry, k) for k in ("site", "source", "number")},
            readings=[r.written() for r in wrong.readings],
            corrected_by={k: getattr(right, k) for k in ("site", "source", "number")},
        ).at("2020-02-02T12:00:00+08:00")  # fmt: skip
        (answer,) = book.submit([sent.bytes()], Sender(name="desk"))
        assert answer.reason is None
    lake = asked(book)
    shown = rows(lake, "SELECT quantity, corrected_from FROM disclosure_list WHERE corrected_from IS NOT NULL")
    assert sorted((r["quantity"], r["corrected_from"].split()[0]) for r in shown) == [(40, "39"), (144, "150")]
    stock = book.folds.stock.totals
    assert stock["WHRC", twice[0]["item"]].on_hand == 144
    assert stock["WHRC", twice[1]["item"]].on_hand == 40
    assert lake.sql("FROM audit_duplicate_disclosure WHERE status = 'quantity changed'").fetchall() == []
