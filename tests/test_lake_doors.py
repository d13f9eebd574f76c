"""Doors for readers of a lake: SQL we do not trust, a lake of one moment, limits."""

from pathlib import Path

import pytest

from ledger.errors import WrongUse
from ledger.lake import Lake, ask, catch_up, clocks
from tests.on_disk import OnDisk
from tests.spec import described, issued, received


@pytest.fixture
def shelf(tmp_path: Path) -> OnDisk:
    """Give a book with KN95 described."""
    disk = OnDisk(tmp_path / "book")
    disk.admit(described())
    return disk


FORBIDDEN = [
    "SELECT * FROM read_text('/etc/passwd')", "FROM '/etc/passwd'", "FROM sqlite_scan('{log}', 'pages')",
    "SELECT * FROM query('SELECT 1')", "COPY (SELECT 1) TO '{book}/x.csv'", "ATTACH '{book}/x.db'", "SET threads = 1",
    "SELECT 1; SELECT 2", "DROP VIEW stock", "SELEC", "SELECT * FROM glob('/*')",
    "SELECT (SELECT max(file) FROM glob('/*'))",
    "FROM ducklake_snapshots('lake')", "DELETE FROM lake.line", "INSTALL httpfs", "PRAGMA version", "",
]  # fmt: skip


def test_untrusted_sql_can_select_from_the_book_and_do_nothing_else(shelf: OnDisk) -> None:
    shelf.admit(*[received(10) for _ in range(60)])
    shelf.lake()
    locked = Lake.connect_locked(shelf.path)
    for sql in FORBIDDEN:
        with pytest.raises(WrongUse):
            ask(locked, sql.format(book=shelf.path, log=shelf.path / "log.sqlite3"))
    assert ask(locked, "WITH s AS (FROM stock) SELECT on_hand FROM s").rows == [(600,)]
    assert ask(locked, "SELECT on_hand FROM stock_as_of(now(), now())").columns == ("on_hand",)


def test_a_small_lake_asked_still_is_that_of_one_moment_and_asked_live_is_not(shelf: OnDisk) -> None:
    shelf.admit(received(10))
    catch_up(shelf.book)
    still, live = (Lake.connect(shelf.path, still=still) for still in (True, False))
    shelf.admit(issued(4))
    catch_up(shelf.book)
    found = [lake.execute("SELECT on_hand FROM stock").fetchall() for lake in (still, live)]
    assert found == [[(10,)], [(6,)]]


def test_a_large_lake_is_not_read_into_memory(shelf: OnDisk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clocks, "ROWS_IN_MEMORY_MAX", 2)
    shelf.admit(received(10), issued(4))
    catch_up(shelf.book)
    lake = Lake.connect(shelf.path, still=True)
    assert lake.execute("SELECT on_hand FROM stock").fetchall() == [(6,)]
    assert lake.execute("SELECT count(*) FROM duckdb_tables() WHERE database_name = 'lake'").fetchone() == (0,)


def test_a_question_that_takes_too_long_is_stopped(shelf: OnDisk) -> None:
    shelf.lake()
    locked = Lake.connect_locked(shelf.path)
    with pytest.raises(WrongUse, match="more than 1 seconds"):
        ask(locked, "SELECT sum(a.range * b.range) FROM range(10000000) AS a, range(10000000) AS b", seconds=1)
