"""The lake: SQL sees what the book holds, while it is written, after kills, and in words of both languages."""

import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from random import Random

import duckdb
import pytest

from ledger.book import Book
from ledger.errors import BookHeld, BrokenEnvironment
from ledger.lake import Lake, LakeWriter, catch_up, files, rebuild
from ledger.lake.docs import document_audits, document_views
from ledger.lake.views import View, published
from tests.conftest import ROOT
from tests.on_disk import OnDisk, rows
from tests.spec import (
    NOON,
    adjusted,
    arrived,
    counted,
    described,
    dispatched,
    donated,
    issued,
    received,
    released,
    returned,
    reversal,
    synonym,
)  # fmt: skip


@pytest.fixture
def shelf(tmp_path: Path) -> OnDisk:
    """Give a book with KN95 described: 700 只 in a 箱."""
    disk = OnDisk(tmp_path / "book")
    disk.admit(described(箱=700), synonym("party", "同济医院", "Tongji"))
    return disk


def test_stock_is_the_sum_of_every_line(shelf: OnDisk) -> None:
    shelf.admit(
        received(15, unit="箱", lot="A", expires_on="2021-03-01"), received(40, lot="B", awaiting_disinfection=True),
        issued(500, lot="A"), returned(20, "lost"), returned(30, "damaged", lot="A"), dispatched(100, lot="A"),
        arrived(90, lot="A"), donated(300, designated="同济医院"), issued(100, "Tongji"),
    )  # fmt: skip
    stock = {r["site"]: r for r in rows(shelf.lake(), "FROM stock")}
    here = stock["WH-01"]
    assert (here["on_hand"], here["held"], here["designated"]) == (10_500 + 40 - 500 + 30 - 100 + 300 - 100, 70, 200)
    assert here["available"] == here["on_hand"] - here["held"] - here["designated"]
    assert (stock["WH-02"]["on_hand"], stock["WH-02"]["in_transit"]) == (90, 10)
    assert (here["item_name"], here["unit"]) == ("KN95", "只")


def test_a_reversal_takes_back_what_was_read_and_the_expiry_that_was_stated(shelf: OnDisk) -> None:
    wrong = shelf.number(received(15, unit="箱", lot="A", expires_on="2020-02-01"))
    shelf.admit(wrong, received(1, lot="A", expires_on="2021-01-01"))
    shelf.admit(described(箱=900))
    shelf.admit(reversal(wrong, [{"line": 1, "item": "KN95", "factor": 700}]))
    lake = shelf.lake()
    assert rows(lake, "SELECT on_hand, expires_on FROM lots") == [{"on_hand": 1, "expires_on": date(2021, 1, 1)}]
    assert rows(lake, "SELECT kind, sign, delta FROM lines WHERE sign = -1") == [
        {"kind": "goods_received", "sign": -1, "delta": -10_500}
    ]
    assert rows(lake, "SELECT reversed_by FROM entries WHERE number = 1 AND site = 'WH-01'") == [
        {"reversed_by": "WH-01/dev-1.t1/3"}
    ]


def test_expired_stock_is_judged_on_the_books_own_day(shelf: OnDisk) -> None:
    shelf.admit(received(10, lot="A", expires_on="2020-01-29"), received(5, lot="B", expires_on="2020-01-30"))
    assert rows(shelf.lake(), "SELECT expired, available FROM stock") == [{"expired": 0, "available": 15}]
    shelf.submit(recorded="2020-01-30T00:00:00+08:00")
    assert rows(shelf.lake(), "SELECT expired, available FROM stock") == [{"expired": 10, "available": 5}]


def test_a_count_is_compared_with_the_book_as_of_its_moment_and_as_known_then(shelf: OnDisk) -> None:
    count = shelf.number(counted(95).at("2020-01-29T18:00:00+08:00"))
    shelf.admit(received(100, lot="A").at("2020-01-29T08:00:00+08:00"), count)
    shelf.admit(issued(10, lot="A").at("2020-01-29T19:00:00+08:00"), issued(3, lot="A").at("2020-01-29T17:00:00+08:00"))
    shelf.admit(adjusted(-2, count, lot="A").at("2020-01-29T18:00:00+08:00"))
    found = rows(shelf.lake(), "SELECT book_at, book_known_then, difference, answered_by, lot_counted FROM counts")
    assert found == [
        {"book_at": 97, "book_known_then": 100, "difference": -2, "answered_by": "WH-01/dev-1.t1/5",
         "lot_counted": False}
    ]  # fmt: skip
    assert shelf.book.folds.stock.totals["WH-01", "KN95"].on_hand == 100 - 13 - 2


def test_a_count_of_one_lot_looks_at_that_lot_only(shelf: OnDisk) -> None:
    shelf.admit(received(100, lot="A"), received(7, lot="B"))
    shelf.admit(counted(7, lot="B"), counted(1, lot="C"))
    found = rows(shelf.lake(), "SELECT lot, difference FROM counts ORDER BY lot")
    assert found == [{"lot": "B", "difference": 0}, {"lot": "C", "difference": 1}]


def test_counts_of_a_random_book_are_what_adding_up_its_lines_one_by_one_gives(shelf: OnDisk) -> None:
    chance, docs, told = Random(1), [shelf.number(counted(5))], [("WH-01", "", NOON, 0, -1)]
    for at in range(1, 200):
        site, lot, n = chance.choice(["WH-01", "WH-02"]), chance.choice("AB"), chance.randint(1, 9)
        asked = chance.choice([i for i, d in enumerate(docs) if "counted_by" in d.fields])
        doc, site, lot, change, answered = chance.choice([
            (received(n, site=site, lot=lot), site, lot, n, -1), (issued(n, site=site, lot=lot), site, lot, -n, -1),
            (counted(n, site=site, lot=lot), site, lot, 0, -1), (counted(n, site=site), site, "", 0, -1),
            (adjusted(n, docs[asked], site=told[asked][0], lot=lot), told[asked][0], lot, n, asked),
        ])  # fmt: skip
        if at % 10 == 9:  # undo what was said five documents before, which was no reversal
            doc, answered = reversal(docs[at - 5], [{"line": 1, "item": "KN95", "factor": 1}]), -1
            site, lot, change = *told[at - 5][:2], -told[at - 5][3]
        told.append((site, lot, NOON + timedelta(hours=at // 3 - chance.choice([0, 0, 1, 90])), change, answered))
        docs.append(shelf.number(doc.at(told[at][2])))
    shelf.admit(*docs)
    assert shelf.lake().execute("SELECT book_at, book_known_then FROM counts ORDER BY seq").fetchall() == [
        tuple(sum(c for s, of, m, c, a in told[:known] if s == site and of.startswith(lot) and m <= by and a != i)
              for known in (None, i))
        for i, (site, lot, by, _, _) in enumerate(told) if "counted_by" in docs[i].fields
    ]  # fmt: skip


def test_stock_can_be_asked_as_of_one_clock_and_as_known_at_the_other(shelf: OnDisk) -> None:
    shelf.admit(received(10).at("2020-02-01T00:00:00+08:00"), recorded="2020-02-01T01:00:00+08:00")
    shelf.admit(issued(4).at("2020-02-01T06:00:00+08:00"), recorded="2020-02-03T00:00:00+08:00")
    lake = shelf.lake()
    asked = "SELECT on_hand FROM stock_as_of('2020-02-02 00:00:00+08', $1)"
    assert lake.execute(asked, ["2020-02-02 00:00:00+08"]).fetchall() == [(10,)]
    assert lake.execute(asked, ["2020-02-03 00:00:00+08"]).fetchall() == [(6,)]


def test_a_release_of_a_designation_frees_the_gift(shelf: OnDisk) -> None:
    shelf.admit(donated(300, designated="同济医院"), released(100, "Tongji"))
    found = rows(shelf.lake(), "SELECT receiver, designated, reserved FROM designations")
    assert found == [{"receiver": "Tongji", "designated": 200, "reserved": 200}]


def test_quarantine_shows_every_refused_document_once_until_a_right_one_replaces_it(shelf: OnDisk) -> None:
    wrong = issued(3, unit="桶").but(number=9)
    shelf.submit(wrong, b"\xff not text")
    shelf.submit(wrong)
    digest = shelf.submit(wrong)[0].digest
    found = {r["result"]: r for r in rows(shelf.lake(), "FROM quarantine")}
    assert found["unconvertible"]["times"] == 3
    assert (found["unconvertible"]["number"], found["unconvertible"]["status"]) == (9, "waiting")
    assert found["unreadable"]["document"] == b"\xff not text".hex().upper()
    shelf.admit(issued(3).but(number=9, replaces=digest))
    assert rows(shelf.lake(), "SELECT replaced_by FROM quarantine WHERE status = 'replaced'") == [
        {"replaced_by": "WH-01/dev-1.t1/9"}
    ]


def test_a_corrected_gift_is_disclosed_with_what_it_was(shelf: OnDisk) -> None:
    wrong = shelf.number(donated(30, "donor-1"))
    shelf.admit(wrong, reversal(wrong), donated(13, "donor-1"), donated(2).but(donation={}))
    assert rows(shelf.lake(), "SELECT donor, quantity, corrected_from FROM donations ORDER BY seq") == [
        {"donor": "donor-1", "quantity": 13, "corrected_from": "30 只"},
        {"donor": "anonymous/匿名", "quantity": 2, "corrected_from": None},
    ]


def test_what_a_later_description_leaves_out_stays(shelf: OnDisk) -> None:
    shelf.admit(described("84", "瓶", 箱=12).but(requires="registration", hazardous=True), described("84", "瓶", 件=24))
    found = rows(shelf.lake(), "SELECT requires, hazardous, packs FROM items WHERE item = '84'")
    assert found == [{"requires": "registration", "hazardous": True, "packs": '{"箱":12,"件":24}'}]


def test_the_lake_is_written_page_by_page_and_resumes_where_it_was(shelf: OnDisk) -> None:
    shelf.admit(received(10))
    with LakeWriter(shelf.book) as writer:
        assert (writer.rebuilt, writer.catch_up()) == (None, 3)
        pages = list(shelf.book.log.pages())
        writer.commit(pages)
        with pytest.raises(BookHeld):
            LakeWriter(shelf.book)
    shelf.admit(issued(4))
    with LakeWriter(shelf.book) as writer:
        assert writer.page() == 3
        writer.catch_up()
        writer.compact()
    assert Lake.connect(shelf.path).execute("SELECT on_hand FROM stock").fetchall() == [(6,)]


def test_a_reader_in_another_process_sees_commits_while_the_writer_writes(shelf: OnDisk) -> None:
    asking = (
        "import sys, pathlib; from ledger.lake import Lake; lake = Lake.connect(pathlib.Path(sys.argv[1]))\n"
        "for line in sys.stdin: print(*lake.execute('SELECT sum(on_hand) FROM stock').fetchone(), flush=True)"
    )
    with LakeWriter(shelf.book) as writer:
        writer.catch_up()
        command = [sys.executable, "-c", asking, str(shelf.path)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as reader:
            assert reader.stdin is not None
            assert reader.stdout is not None
            for times in range(1, 6):
                shelf.admit(received(60 if times % 2 else [_line(i) for i in range(1, 61)]))
                writer.catch_up()
                reader.stdin.write("ask\n")
                reader.stdin.flush()
                assert reader.stdout.readline() == f"{60 * times}\n"
            reader.stdin.close()


def _line(number: int) -> dict[str, object]:
    return {"line": number, "item": "KN95", "unit": "只", "quantity": 1, "lot": f"L{number}"}


def test_a_lake_of_another_book_or_ahead_of_its_log_is_built_anew(shelf: OnDisk, tmp_path: Path) -> None:
    shelf.admit(received(10))
    catch_up(shelf.book)
    other = OnDisk(tmp_path / "other")
    other.admit(described())
    files.folder_of(shelf.path).rename(files.folder_of(other.path))
    with LakeWriter(other.book) as writer:
        assert writer.rebuilt == "lake_ahead"
        writer.catch_up()
    assert Lake.connect(other.path).execute("SELECT count(*) FROM stock").fetchone() == (0,)
    other.admit(described("84", "瓶"))
    files.folder_of(other.path).rename(files.folder_of(shelf.path))
    with LakeWriter(shelf.book) as writer:
        assert writer.rebuilt == "lake_of_another_chain"


def test_a_moved_book_brings_its_lake_along(shelf: OnDisk, tmp_path: Path) -> None:
    shelf.admit(*[received(10) for _ in range(60)])
    catch_up(shelf.book)
    shelf.book.close()
    shelf.path.rename(tmp_path / "elsewhere")
    assert Lake.connect(tmp_path / "elsewhere").execute("SELECT on_hand FROM stock").fetchall() == [(600,)]


def test_a_rebuilt_lake_gives_the_same_rows(shelf: OnDisk) -> None:
    shelf.admit(received(10, lot="A"), issued(3, lot="A"))
    before = shelf.lake().execute("FROM lines").fetchall()
    assert rebuild(shelf.book) == shelf.book.folds.admission.page
    assert Lake.connect(shelf.path).execute("FROM lines").fetchall() == before


def test_a_book_without_a_lake_says_so(tmp_path: Path) -> None:
    Book.create(tmp_path / "book", nature="rehearsal").close()
    with pytest.raises(BrokenEnvironment, match="rebuild"):
        Lake.connect(tmp_path / "book")


def test_every_view_and_column_has_a_comment_in_both_languages(shelf: OnDisk) -> None:
    lake = shelf.lake()
    made = "SELECT view_name, comment FROM duckdb_views() WHERE NOT internal AND database_name = 'published'"
    views = dict(lake.execute(made).fetchall())
    assert {v.name for v in published() if not v.is_macro} == set(views)
    asked = "SELECT table_name, column_name, comment FROM duckdb_columns() WHERE database_name = 'published'"
    columns = lake.execute(f"{asked} AND NOT internal").fetchall()
    said = [*views.items(), *((f"{view}.{column}", comment) for view, column, comment in columns)]
    assert [name for name, comment in said if not comment or " · " not in comment] == []


@pytest.mark.parametrize("view", [v for v in published() if not v.is_macro], ids=lambda v: v.name)
def test_a_view_documents_its_columns_in_order_and_its_example_runs(
    view: View, empty: duckdb.DuckDBPyConnection
) -> None:
    found = empty.execute(f"SELECT * FROM {view.name}")
    assert [c[0] for c in found.description or ()] == list(view.columns)
    empty.execute(view.example)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """Give the lake of a book with nothing but its first page."""
    return OnDisk(tmp_path_factory.mktemp("empty") / "book").lake()


def test_the_documents_are_those_the_view_files_make() -> None:
    assert (ROOT / "docs/sql.md").read_text(encoding="utf-8") == document_views()
    assert (ROOT / "docs/audits.md").read_text(encoding="utf-8") == document_audits()
