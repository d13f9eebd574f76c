"""Real input through the shipped mappings: every row accounted for, and the figures others worked out come out."""

import csv
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ledger.book import Book
from ledger.imports.doors import BookDoor, DryDoor
from ledger.imports.mapping import read_mapping
from ledger.imports.running import Import, Tally
from ledger.lake import Lake
from ledger.lake.writer import catch_up
from projections.catalogue import lookup_key
from schemas.page import Sender
from tests.conftest import ROOT

MAPPINGS = ROOT / "examples" / "mappings"
BEFORE_IT_ALL = datetime(2020, 1, 1, tzinfo=UTC)
TAIWAN_ROWS = 306_621
LATE_SNAPSHOT_ROWS = 6_179


def new_book(folder: Path) -> Book:
    """Open a rehearsal book whose clock starts before the first row of any file."""
    return Book.create(folder / "book", nature="rehearsal", opened_at=BEFORE_IT_ALL)


def run_import(book: Book, name: str, file: Path, *, dry: bool = False) -> Tally:
    """Run a shipped mapping over a file; dry: by the same judge, without writing."""
    mapping = read_mapping(MAPPINGS / f"{name}.toml")
    assert mapping.entries is not None
    sender = Sender(name="import")
    door = DryDoor(book, sender) if dry else BookDoor(book, sender)
    run = Import(mapping, file, door, MAPPINGS / mapping.entries, real=False)
    return run.run(lambda done, of: None, keep_problems=True)


def sums(tally: Tally) -> tuple[int, int, int, int]:
    """Return rows, admitted, already admitted, quarantined."""
    return tally.rows, tally.admitted, tally.already_admitted, tally.quarantined


def read_csv(path: Path) -> list[dict[str, str]]:
    """Read a CSV file with headings."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


# -- Wuhan Red Cross


@pytest.fixture(scope="module")
def redcross_file(shared_data: Path) -> Path:
    return shared_data / "wuhan_redcross" / "wuhan_redcross_goods_movements.csv"


@pytest.fixture(scope="module")
def redcross(tmp_path_factory: pytest.TempPathFactory, redcross_file: Path) -> tuple[Book, Tally]:
    book = new_book(tmp_path_factory.mktemp("redcross"))
    return book, run_import(book, "wuhan_redcross", redcross_file)


@pytest.fixture(scope="module")
def redcross_stock(redcross: tuple[Book, Tally]) -> dict[str, tuple[str, int]]:
    """Unit and on hand of every item by SQL over the lake, by the key of the item's name."""
    book, _ = redcross
    catch_up(book)
    with Lake.connect(book.path) as lake:
        rows = lake.sql("SELECT item, unit, on_hand FROM stock WHERE site = 'WHRC'").fetchall()
    return {lookup_key(item): (unit, on_hand) for item, unit, on_hand in rows}


def test_all_815_rows_of_the_red_cross_are_in_the_book_or_in_quarantine(redcross: tuple[Book, Tally]) -> None:
    _, tally = redcross
    rows, admitted, already, quarantined = sums(tally)
    assert rows == admitted + already + quarantined == 815
    assert already == 0
    assert admitted >= 627
    assert tally.catalogue.refused == []


def test_no_row_without_a_quantity_is_counted(redcross: tuple[Book, Tally], redcross_file: Path) -> None:
    silent = {n for n, row in enumerate(read_csv(redcross_file), start=2) if not row["qty_raw"].strip()}
    assert len(silent) == 20
    assert silent <= {problem.row for problem in redcross[1].problems}


def test_what_is_quarantined_is_so_only_for_want_of_a_pack_size_or_of_content(redcross: tuple[Book, Tally]) -> None:
    codes = {problem.reason.code for problem in redcross[1].problems if problem.reason}
    assert codes == {"unit_unconvertible", "field_empty"}


def case_names() -> dict[str, str]:
    """Name the item of each known case as the notices do, where the case says it in other words."""
    return {
        "RC02": "带阀口罩KN95", "RC04": "HLT-640 20001型照明车", "RC12": "病人监护仪B125", "RC14": "病人监护仪B450",
    }  # fmt: skip


def test_every_known_balance_comes_out_exactly_by_sql_and_by_fold(
    redcross: tuple[Book, Tally], redcross_stock: dict[str, tuple[str, int]], shared_data: Path
) -> None:
    cases = read_csv(shared_data / "wuhan_redcross" / "known_balances.csv")
    folds = redcross[0].folds
    expected, by_sql, by_fold = {}, {}, {}
    for case in cases:
        name = case_names().get(case["case_id"], case["item_family"])
        facts = folds.admission.catalogue.find(name)
        assert facts is not None, name
        expected[case["case_id"]] = (case["base_unit"], int(case["expected_balance_from_disclosed_rows"]))
        by_sql[case["case_id"]] = redcross_stock[lookup_key(facts.item)]
        by_fold[case["case_id"]] = (facts.base_unit, folds.stock.totals["WHRC", facts.item].on_hand)
    assert len(expected) == 15
    assert by_sql == expected
    assert by_fold == expected


@pytest.mark.parametrize(
    ("item", "unit", "on_hand"),
    [
        ("医用检查手套 S小号", "箱", 200 - 5 - 7 * 7),
        ("医用检查手套 M中号", "箱", 800 - 20 * 8),
        ("乳胶检查手套", "箱", 356 - 11 * 8),
        ("手术手套", "箱", 59 - 3 - 4 - 4 - 2 - 2 - 2 - 2),
        ("连花清瘟胶囊", "盒", (507 - 15 * 8) * 400 - 400),
        ("复方甘草片", "瓶", 36_000 - 8 * 70 * 450),
        ("注射用阿奇霉素", "箱", 462 + 16 - 14 * 8),
        ("巧白84消毒液20KG", "桶", 800 - 2),
        ("一次性检查手套", "支", 632 * 100 - 2000 * 2),
        ("84消毒液", "瓶", 5 + 914 * 30 - 20 * 30 * 11 - 600 - 1800),
    ],
)
def test_other_items_tie_by_the_same_rules(
    redcross_stock: dict[str, tuple[str, int]], item: str, unit: str, on_hand: int
) -> None:
    assert redcross_stock[lookup_key(item)] == (unit, on_hand)


def test_designated_gifts_reached_the_receivers_they_were_meant_for(redcross: tuple[Book, Tally]) -> None:
    parties = redcross[0].folds.stock.parties
    meant = {(item, party): (p.designated, p.issued) for (_, item, party), p in parties.items() if p.designated}
    assert meant == {
        ("带阀口罩KN95", "同济医院"): (10_500, 10_500),
        ("口罩（定向捐赠江夏红十字）", "江夏区红十字会"): (200_000, 200_000),
    }


def test_a_courier_is_no_donor_and_a_split_name_is_one_receiver(redcross: tuple[Book, Tally]) -> None:
    entries = [json.loads(e.raw) for page, _ in redcross[0].pages() for e in page.entries]
    donors = {e["donation"].get("donor") for e in entries if "donation" in e}
    assert not donors & {"顺丰快递", "顺丰速运", "邮寄", "爱心人士", "爱心企业（个人）"}
    assert any("顺丰快递" in e.get("note", "") for e in entries)
    receivers = {e["receiver"] for e in entries if e["kind"] == "goods_issued.v1"}
    assert {"武汉市第七医院", "江夏区红十字会", "汉阳市政建设集团有限公司"} <= receivers
    assert "第七医院" not in receivers


def test_a_shipment_disclosed_twice_is_imported_as_it_stands(redcross: tuple[Book, Tally]) -> None:
    stock = redcross[0].folds.stock.totals
    assert stock["WHRC", "榄菊84除菌液"].on_hand == 150 + 144
    assert stock["WHRC", "榄菊洁厕液"].on_hand == 39 + 40


def test_the_red_cross_file_again_admits_nothing(tmp_path: Path, redcross_file: Path) -> None:
    book = new_book(tmp_path)
    first = run_import(book, "wuhan_redcross", redcross_file)
    again = run_import(book, "wuhan_redcross", redcross_file)
    assert sums(again) == (815, 0, first.admitted, first.quarantined)
    assert again.catalogue.recorded == 0


def test_a_user_imports_the_red_cross_file_with_two_commands(tmp_path: Path, redcross_file: Path) -> None:
    mapping = MAPPINGS / "wuhan_redcross.toml"
    baogong(tmp_path, "init", "--rehearsal")
    dry = json.loads(baogong(tmp_path, "import", str(mapping), str(redcross_file), "--dry-run", "--format", "json"))
    real = json.loads(baogong(tmp_path, "import", str(mapping), str(redcross_file), "--format", "json"))
    again = json.loads(baogong(tmp_path, "import", str(mapping), str(redcross_file), "--format", "json"))
    counts = ("rows", "admitted", "already_admitted", "quarantined")
    first, repeated = (815, 627, 0, 188), (815, 0, 627, 188)
    assert [tuple(run[count] for count in counts) for run in (dry, real, again)] == [first, first, repeated]
    assert len(dry["problems"]) == dry["quarantined"]


def baogong(folder: Path, *arguments: str) -> str:
    """Run the command as a user would; return what it printed."""
    environment: dict[str, Any] = os.environ | {"BAOGONG_BOOK": str(folder / "book"), "BAOGONG_LANG": "en"}
    run = subprocess.run(
        [sys.executable, "-c", "from ledger.cli import main; main()", *arguments],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    return run.stdout


# -- Italy


@pytest.fixture(scope="module")
def italy(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> tuple[Book, Tally, Tally]:
    book = new_book(tmp_path_factory.mktemp("italy"))
    file = shared_data / "italy_vaccine" / "consegne-vaccini-latest.csv"
    return book, run_import(book, "italy_vaccine", file), run_import(book, "italy_vaccine", file)


def test_the_totals_of_all_21_regions_tie_with_the_official_ones(
    italy: tuple[Book, Tally, Tally], shared_data: Path
) -> None:
    official = read_csv(shared_data / "italy_vaccine" / "vaccini-summary-latest.csv")
    catch_up(italy[0])
    with Lake.connect(italy[0].path) as lake:
        found = dict(lake.sql("SELECT site, sum(on_hand)::BIGINT FROM stock GROUP BY site").fetchall())
    assert found == {row["area"]: int(row["dosi_consegnate"]) for row in official}
    assert len(found) == 21


def test_deliveries_of_nothing_are_quarantined_and_a_second_run_admits_nothing(
    italy: tuple[Book, Tally, Tally],
) -> None:
    _, first, second = italy
    assert sums(first) == (7_690, 7_668, 0, 22)
    assert sums(second) == (7_690, 0, 7_668, 22)
    assert all(p.reason is not None and p.reason.facts["found"] == "0" for p in first.problems)


def test_the_transfers_between_regions_are_found_with_ends_that_differ(italy: tuple[Book, Tally, Tally]) -> None:
    legs = italy[0].folds.transfers.legs.items()
    assert {(t[:10], leg.from_site, leg.to_site): leg.in_transit() for (t, _, _), leg in legs} == {
        ("2021-05-13", "SIC", "PUG"): -91, ("2021-05-27", "LAZ", "VEN"): -212, ("2021-08-16", "CAM", "LAZ"): 0,
        ("2021-11-30", "SIC", "LAZ"): -2, ("2022-02-14", "LAZ", "TOS"): -3, ("2022-02-23", "LAZ", "PIE"): -9,
        ("2022-10-26", "PAT", "PAB"): 0, ("2023-04-03", "PAT", "PAB"): 0, ("2023-05-30", "PAB", "PAT"): 0,
    }  # fmt: skip


# -- Taiwan


def slice_of_taiwan(shared_data: Path, to: Path, where: str) -> Path:
    """Write some snapshots of the file to a file of their own."""
    source = shared_data / "tw_mask_stock" / "snapshots.parquet"
    duckdb.sql(f"COPY (SELECT * FROM read_parquet('{source}') WHERE {where}) TO '{to}' (FORMAT parquet)")
    return to


def test_a_snapshot_that_came_a_week_late_is_seen_as_late_and_changes_no_stock(
    tmp_path: Path, shared_data: Path
) -> None:
    days = "captured_at[:10] IN ('2020-02-15', '2020-02-18')"
    file = slice_of_taiwan(shared_data, tmp_path / "a.parquet", days)
    book = new_book(tmp_path)
    tally = run_import(book, "tw_mask_stock", file)
    assert tally.rows == tally.admitted
    assert (tally.late_rows, tally.clock_kept) == (LATE_SNAPSHOT_ROWS, 0)
    assert book.folds.stock.totals == {}


def test_the_same_reading_in_two_snapshots_is_one_count(tmp_path: Path, shared_data: Path) -> None:
    one = slice_of_taiwan(shared_data, tmp_path / "one.parquet", "source_commit = '522e604'")
    twice = tmp_path / "twice.parquet"
    again = "SELECT * REPLACE ('2020-02-14T15:00:00+08:00' AS captured_at, 'another' AS source_repo)"
    duckdb.sql(f"COPY (FROM '{one}' UNION ALL {again} FROM '{one}') TO '{twice}' (FORMAT parquet)")
    tally = run_import(new_book(tmp_path), "tw_mask_stock", twice)
    assert (tally.rows, tally.admitted, tally.already_admitted) == (2 * 6_008, 6_008, 6_008)
    assert tally.repeated_rows == 6_008


def test_all_306621_readings_would_be_counts_and_none_repeats(tmp_path: Path, shared_data: Path) -> None:
    file = shared_data / "tw_mask_stock" / "snapshots.parquet"
    tally = run_import(new_book(tmp_path), "tw_mask_stock", file, dry=True)
    assert sums(tally) == (TAIWAN_ROWS, TAIWAN_ROWS, 0, 0)
    assert (tally.repeated_rows, tally.late_rows, tally.clock_kept) == (0, LATE_SNAPSHOT_ROWS, 0)
