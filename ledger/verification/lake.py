"""The lake against the log: its position, every row of every table, and the figures SQL draws from them.

Rows are decoded once more from the log, in memory, and compared by hash; figures are compared with a replay.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from duckdb import DuckDBPyConnection

from ledger.errors import Damage, LedgerError
from ledger.folds import Folds
from ledger.lake import files
from ledger.lake.rows import TABLES, batches, make_tables, write_rows
from ledger.lake.views import define, read_sql
from ledger.lake.writer import positions
from ledger.logs.embedded import EmbeddedLog
from ledger.verification.rows import Compared, broken, compare

_BATCH_BYTES = 16_000_000


@dataclass(slots=True)
class FoundLake:
    """A lake as it stood in one snapshot of its own."""

    connection: DuckDBPyConnection
    folder: Path
    page: int
    seal: str


@contextmanager
def look(book: Path) -> Iterator[FoundLake | Compared]:
    """Give the lake in one unmoving snapshot, or the row that says why there is none to look at."""
    folder = files.folder_of(book)
    connection = files.connect()
    try:
        yield _found(connection, folder)
    except LedgerError as error:
        yield broken("lake", error)
    finally:
        connection.close()


def _found(connection: DuckDBPyConnection, folder: Path) -> FoundLake:
    files.attach(connection, folder, writable=False)
    with files.reading(folder):
        define(connection)
        connection.execute("BEGIN")
    page, seal = positions(connection, folder).get(0, (0, ""))
    return FoundLake(connection, folder, page, seal)


def position(lake: FoundLake, log: EmbeddedLog) -> Compared:
    """Compare the lake's position with the log: behind it is well, ahead of it or of another chain is not."""
    if not lake.page:
        return Compared("lake_position", 1, 0)
    stored = log.page(0, lake.page)
    found = stored.stored[-64:].decode() if stored else None
    return compare("lake_position", {f"page {lake.page}": lake.seal}, {f"page {lake.page}": found}, "lake|log")


def content(lake: FoundLake, log: EmbeddedLog) -> list[Compared]:
    """Compare every row of every table, page by page, with what the log gives again."""
    again = files.connect()
    again.execute("ATTACH ':memory:' AS lake")
    make_tables(again)
    expected: dict[str, dict[Any, Any]] = {table: {} for table in TABLES}
    for pages in batches(islice(log.pages(), lake.page), _BATCH_BYTES):
        write_rows(again, pages, lambda digest: _kept(log, digest))
        for table in TABLES:
            expected[table].update(_hashes(again, table))
            again.execute(f"TRUNCATE lake.{table}")
    again.close()
    return [_compare_table(lake, table, expected[table]) for table in TABLES]


def _kept(log: EmbeddedLog, digest: str) -> bytes | None:
    """Return the bytes of a refused document; None when they are damaged, which is a finding about the log."""
    try:
        return log.refused(digest)
    except Damage:
        return None


def _compare_table(lake: FoundLake, table: str, expected: dict[Any, Any]) -> Compared:
    name = f"lake_rows_{table}"
    try:
        with files.reading(lake.folder):
            found = _hashes(lake.connection, table)
    except LedgerError as error:
        return broken(name, error)
    return compare(name, found, expected, "lake|log")


def _hashes(connection: DuckDBPyConnection, table: str) -> dict[Any, Any]:
    """Give of every page how many rows it has and the sum of their hashes, which knows no order."""
    rows = connection.execute(read_sql("verify/hashes.sql").replace("lake.page", f"lake.{table}")).fetchall()
    return {f"volume {volume} page {page}": (count, total) for volume, page, count, total in rows}


def figures(lake: FoundLake, replayed: Folds) -> list[Compared]:
    """Compare what SQL says of the lake with a replay to the same page, key by key."""
    stock = replayed.stock
    wanted: dict[str, dict[Any, Any]] = {
        "sql_lots": {k: (b.on_hand, b.held, b.expires_on, b.seq) for k, b in stock.balances.items()},
        "sql_totals": {k: (t.on_hand, t.negative_moments) for k, t in stock.totals.items()},
        "sql_designations": {k: (p.designated, p.issued, p.reserved()) for k, p in stock.parties.items()},
        "sql_transfers": {k: (leg.dispatched, leg.arrived) for k, leg in replayed.transfers.legs.items()},
        "sql_sources": {k: n.last for k, n in replayed.admission.sources.items()},
    }
    return [_compare_figures(lake, name, expected) for name, expected in wanted.items()]


def _compare_figures(lake: FoundLake, name: str, expected: dict[Any, Any]) -> Compared:
    try:
        with files.reading(lake.folder):
            rows = lake.connection.execute(read_sql(f"verify/{name}.sql")).fetchall()
    except Damage as error:
        return broken(name, error)
    keys = {"sql_totals": 2, "sql_sources": 2}.get(name, 3)
    found = {row[:keys]: row[keys:] if len(row) > keys + 1 else row[keys] for row in rows}
    return compare(name, found, expected, "sql|replay")
