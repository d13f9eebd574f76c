"""The lake against the log: its position, every row of every table, and the figures SQL draws from them.

Rows are decoded once more from the log, in memory, and compared by hash; figures are compared with a replay.
"""

from collections.abc import Callable, Iterator, Sequence
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
from ledger.logs.embedded import StoredPage
from ledger.logs.opening import PageLog
from ledger.verification.rows import Compared, broken, compare
from projections.transfers import joined

_BATCH_BYTES = 16_000_000


@dataclass(slots=True)
class FoundLake:
    """A lake as it stood in one snapshot of its own."""

    connection: DuckDBPyConnection
    folder: Path
    positions: dict[int, tuple[int, str]]
    """Last page and its seal, by volume."""

    def page(self, volume: int) -> int:
        """Return the last page of a volume that is in the lake."""
        return self.positions.get(volume, (0, ""))[0]


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
    return FoundLake(connection, folder, positions(connection, folder))


def position(lake: FoundLake, log: PageLog) -> Compared:
    """Compare the lake's position with the log: behind it is well, ahead of it or of another chain is not."""
    stored = {volume: log.page(volume, page) for volume, (page, _) in lake.positions.items() if volume < log.volumes}
    found = {v: (s.page, s.stored[-64:].decode()) for v, s in stored.items() if s is not None}
    compared = compare("lake_position", lake.positions, found, "lake|log", "volume ")
    return Compared("lake_position", max(1, compared.compared), compared.differing, compared.first_difference)


def content(lake: FoundLake, log: PageLog) -> list[Compared]:
    """Compare every row of every table, page by page, with what the log gives again."""
    again = files.connect()
    again.execute("ATTACH ':memory:' AS lake")
    make_tables(again)
    expected: dict[str, dict[Any, Any]] = {table: {} for table in TABLES}
    for pages in _pages(lake, log):
        write_rows(again, pages, lambda digest: _kept(log, digest))
        for table in TABLES:
            expected[table].update(_hashes(again, table))
            again.execute(f"TRUNCATE lake.{table}")
    again.close()
    return [_compare_table(lake, table, expected[table]) for table in TABLES]


def _pages(lake: FoundLake, log: PageLog) -> Iterator[list[StoredPage]]:
    for volume, (page, _) in sorted(lake.positions.items()):
        yield from batches(islice(log.pages(volume), page), _BATCH_BYTES)


def _kept(log: PageLog, digest: str) -> bytes | None:
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


def figures(lake: FoundLake, replayed: Sequence[Folds]) -> list[Compared]:
    """Compare what SQL says of the lake with a replay of every volume to the same page, key by key."""
    wanted: dict[str, dict[Any, Any]] = {name: {} for name in _FIGURES}
    for folds in reversed(replayed):  # of what stands in every volume the lake has that of the first
        for name, of_volume in _FIGURES.items():
            wanted[name].update(of_volume(folds))
    legs = joined([folds.transfers for folds in replayed])
    wanted["sql_transfers"] = {k: (leg.dispatched, leg.arrived) for k, leg in legs.items()}
    return [_compare_figures(lake, name, expected) for name, expected in wanted.items()]


_FIGURES: dict[str, Callable[[Folds], dict[Any, Any]]] = {
    "sql_lots": lambda f: {k: (b.on_hand, b.held, b.expires_on, b.seq) for k, b in f.stock.balances.items()},
    "sql_totals": lambda f: {k: (t.on_hand, t.negative_moments) for k, t in f.stock.totals.items()},
    "sql_designations": lambda f: {
        k: (p.designated, p.issued, p.reserved()) for k, p in f.stock.parties.items()
    },
    "sql_sources": lambda f: {k: n.last for k, n in f.admission.sources.items()},
}  # fmt: skip


def _compare_figures(lake: FoundLake, name: str, expected: dict[Any, Any]) -> Compared:
    try:
        with files.reading(lake.folder):
            rows = lake.connection.execute(read_sql(f"verify/{name}.sql")).fetchall()
    except Damage as error:
        return broken(name, error)
    keys = {"sql_totals": 2, "sql_sources": 2}.get(name, 3)
    found = {row[:keys]: row[keys:] if len(row) > keys + 1 else row[keys] for row in rows}
    return compare(name, found, expected, "sql|replay")
