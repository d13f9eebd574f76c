"""Verification finds a changed byte in log, snapshot or lake, or the byte changes no figure; it never crashes."""

import random
import shutil
import sqlite3
from pathlib import Path

import pytest

from ledger import snapshots
from ledger.book import Book
from ledger.errors import LedgerError
from ledger.lake import Lake, LakeWriter, catch_up, files, rebuild
from ledger.verification import verify
from ledger.verification.rows import Report
from projections.cases import AlertState
from tests.on_disk import OnDisk
from tests.spec import (
    ANYONE,
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

FLIPS = 12


def written(path: Path) -> OnDisk:
    """Write a book with every kind of entry, refused documents, and a lake with Parquet and inlined rows."""
    disk = OnDisk(path)
    disk.admit(described(箱=700), synonym("party", "同济医院", "Tongji"))
    wrong = disk.number(received(3, unit="箱", lot="A", expires_on="2020-06-01"))
    count = disk.number(counted(10_000, lot="A"))
    disk.admit(
        wrong, count, adjusted(-2, count, lot="A"), issued(500, lot="A"), issued(9_999),
        returned(5, "damaged", lot="A"),
        dispatched(50, lot="A"), arrived(40, lot="A"), donated(9, designated="同济医院"), released(4, "Tongji"),
        received(40, lot="B", awaiting_disinfection=True), released(40, lot="B"), issued(1, "Tongji"),
    )  # fmt: skip
    disk.admit(reversal(wrong, [{"line": 1, "item": "KN95", "factor": 700}]))
    disk.submit(issued(3, unit="桶"), b"junk", wrong)
    disk.admit(*[received(i, lot=f"L{i}") for i in range(1, 60)])
    catch_up(disk.book)
    disk.admit(issued(1, lot="B"))
    catch_up(disk.book)
    disk.book.close()
    return disk


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a closed, sound book with its lake."""
    return written(tmp_path_factory.mktemp("sound") / "book").path


@pytest.fixture
def copy(sound: Path, tmp_path: Path) -> Path:
    """Give a copy of the sound book, to be damaged."""
    return Path(shutil.copytree(sound, tmp_path / "book"))


def differing(report: Report) -> set[str]:
    """Return the names of the comparisons that differ."""
    return {row.name for row in report.rows if row.differing}


def test_a_sound_book_verifies_key_by_key(sound: Path) -> None:
    told: list[tuple[int, int]] = []
    report = verify(sound, lambda done, of: told.append((done, of)))
    assert report.ok, [row for row in report.rows if row.differing]
    compared = {row.name: row.compared for row in report.rows}
    assert compared["seals_and_chain"] == 7
    assert compared["refused_documents"] == 2
    drawn = ("sql_lots", "sql_totals", "sql_designations", "sql_transfers", "sql_sources", "live_alerts_stock_sites")
    assert min(compared[name] for name in drawn) > 0
    assert told[-1] == (7, 7)


def test_a_lake_behind_its_log_is_compared_where_it_is(copy: Path) -> None:
    book = Book.open(copy, writable=True)
    book.submit([received(7).but(number=900).bytes()], ANYONE)
    book.close()
    report = verify(copy)
    assert report.ok
    assert {r.name: r.compared for r in report.rows}["lake_rows_page"] == 7


def test_a_missing_lake_is_said_and_rebuilt(copy: Path) -> None:
    shutil.rmtree(files.folder_of(copy))
    assert differing(verify(copy)) == {"lake"}
    rebuild(copy)
    assert verify(copy).ok


CHANGES = [
    ("UPDATE lake.line SET quantity = quantity + 1 WHERE seq = 4", {"lake_rows_line"}),
    ("UPDATE lake.line SET delta = delta + 1 WHERE seq = 6", {"lake_rows_line", "sql_lots", "sql_totals"}),
    ("DELETE FROM lake.entry WHERE seq = 5", {"lake_rows_entry"}),
    ("UPDATE lake.entry SET document = document || ' ' WHERE seq = 7", {"lake_rows_entry"}),
    ("UPDATE lake.refused SET document = 'x'::BLOB WHERE code IS NOT NULL", {"lake_rows_refused"}),
    ("UPDATE lake.page SET sender = 'someone' WHERE page = 2", {"lake_rows_page"}),
    ("DELETE FROM lake.page WHERE page = 7", {"lake_rows_entry", "lake_rows_line"}),
    ("UPDATE lake.page SET seal = repeat('0', 64) WHERE page = 7", {"lake_position"}),
]


@pytest.mark.parametrize(("sql", "found"), CHANGES, ids=[sql[:40] for sql, _ in CHANGES])
def test_a_row_changed_in_the_lake_is_found(sql: str, found: set[str], copy: Path) -> None:
    connection = Lake.connect(copy, read_only=False)
    connection.execute(sql)
    connection.close()
    report = verify(copy)
    assert found <= differing(report), report.rows
    assert all(row.first_difference for row in report.rows if row.differing)


def test_a_changed_refused_document_is_found(copy: Path) -> None:
    log = sqlite3.connect(copy / "log.sqlite3")
    log.execute("UPDATE refused SET document = CAST('junl' AS BLOB) WHERE document = CAST('junk' AS BLOB)")
    log.commit()
    log.close()
    assert differing(verify(copy)) == {"refused_documents", "lake_rows_refused"}


def test_a_changed_page_is_found_and_nothing_is_judged_by_it(copy: Path) -> None:
    log = sqlite3.connect(copy / "log.sqlite3")
    log.execute("UPDATE pages SET stored = CAST(replace(CAST(stored AS TEXT), '500', '501') AS BLOB) WHERE page = 3")
    log.commit()
    log.close()
    report = verify(copy)
    assert differing(report) == {"seals_and_chain"}
    assert "3" in next(row.first_difference for row in report.rows if row.name == "seals_and_chain")


def test_a_live_fold_that_went_astray_is_found(copy: Path) -> None:
    path = copy / "snapshots" / "alerts.0.snapshot"
    alerts = snapshots.load(path, AlertState)
    assert alerts is not None
    alerts.stock.balances["WH-01", "KN95", "A"].on_hand += 1
    snapshots.save(path, alerts)
    report = verify(copy)
    assert differing(report) == {"live_alerts_stock_sites"}
    assert "WH-01 shelves KN95 lots A on_hand" in next(row.first_difference for row in report.rows if row.differing)


def _files(book: Path) -> list[str]:
    return sorted(str(p.relative_to(book)) for p in book.rglob("*") if p.is_file() and p.stat().st_size)


@pytest.mark.drill
@pytest.mark.parametrize("seed", range(FLIPS))
def test_a_flipped_byte_in_the_lake_is_found_or_harmless(seed: int, sound: Path, copy: Path) -> None:
    chance = random.Random(seed)
    names = [name for name in _files(copy) if name.startswith("lake/")]
    file = copy / names[seed % len(names)]
    damaged = bytearray(file.read_bytes())
    damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
    file.write_bytes(damaged)
    try:
        report = verify(copy)
    except LedgerError as error:
        pytest.fail(f"a lake is never needed to read the book: {error}")
    if report.ok:
        assert _figures(copy) == _figures(sound)
    assert not {name for name in differing(report) if not name.startswith(("lake", "sql"))}


def _figures(book: Path) -> list[list[tuple[object, ...]]]:
    lake = Lake.connect(book)
    return [lake.execute(f"FROM {view} ORDER BY ALL").fetchall() for view in ("lots", "lines", "entries", "quarantine")]


@pytest.mark.drill
def test_a_cut_lake_file_is_found_and_rebuild_mends_it(copy: Path) -> None:
    parquet = next(p for p in files.folder_of(copy).rglob("*.parquet") if "/line/" in str(p))
    parquet.write_bytes(parquet.read_bytes()[:100])
    assert "lake_rows_line" in differing(verify(copy))
    rebuild(copy)
    assert verify(copy).ok


def test_a_writer_may_go_on_while_the_book_is_verified(tmp_path: Path) -> None:
    disk = OnDisk(tmp_path / "book")
    disk.admit(described(箱=700), received(5))
    with LakeWriter(disk.book) as writer:
        writer.catch_up()
        assert verify(disk.path, lambda *_: disk.admit(received(1))).ok
        writer.catch_up()
        assert verify(disk.path).ok
