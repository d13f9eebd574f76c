"""How commands read the lake: brought up to date first, unless the book's own writer is doing that."""

from pathlib import Path
from typing import Any

from duckdb import DuckDBPyConnection

from ledger.cli.language import t
from ledger.cli.output import notes, progress
from ledger.errors import BrokenEnvironment
from ledger.lake import Clocks, Lake, catch_up


def open_lake(book: Path, *, locked: bool = False, clocks: Clocks | None = None) -> DuckDBPyConnection:
    """Open the lake of a book, over two clocks if asked (A10). Says so when it may be a second behind its writer."""
    if not book.is_dir():
        raise BrokenEnvironment("book_missing", path=book)
    try:
        with progress(t("更新数据湖", "Bringing the lake up to date")) as bar:
            catch_up(book, bar)
    except BrokenEnvironment as error:
        if error.code not in ("book_held", "lake_held", "lake_busy"):
            raise
        notes.print(
            t("账本正在运行,数据湖可能晚约一秒。", "The book is running; the lake may be a second behind."), style="dim"
        )
    return Lake.connect_locked(book, clocks=clocks) if locked else Lake.connect(book, clocks=clocks, still=True)


def rows_of(connection: DuckDBPyConnection, sql: str, values: list[object] | None = None) -> list[dict[str, Any]]:
    """Run one query of ours and return its rows by column name."""
    found = connection.execute(sql, values or [])
    names = [c[0] for c in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
