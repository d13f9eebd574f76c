"""Rows of a Parquet file, read through DuckDB. The only reader of that format; every value comes as text."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb

from ledger.errors import BrokenEnvironment

_ROWS_A_FETCH = 10_000


def read_parquet(path: Path, order_by: Sequence[str]) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    """Return the headings, and the rows with their number in the file (from 1), in the order asked for."""
    connection = duckdb.connect()
    try:
        nothing = connection.sql("SELECT * FROM read_parquet(?) LIMIT 0", params=[str(path)])
        headings = list(nothing.columns)
    except duckdb.Error as error:
        raise BrokenEnvironment("import_file_unreadable", path=path, found=error) from error
    columns = ", ".join(f"coalesce(CAST({_quoted(name)} AS VARCHAR), '')" for name in headings)
    order = ", ".join([*(_quoted(name) for name in order_by), "file_row_number"])
    query = f"SELECT file_row_number + 1, {columns} FROM read_parquet(?, file_row_number = true) ORDER BY {order}"  # noqa: S608 - headings are quoted identifiers, the path is a parameter
    return headings, _rows(connection, query, path)


def _rows(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> Iterator[tuple[int, list[str]]]:
    try:
        cursor = connection.execute(query, [str(path)])
        while fetched := cursor.fetchmany(_ROWS_A_FETCH):
            for number, *cells in fetched:
                yield number, cells
    except duckdb.Error as error:
        raise BrokenEnvironment("import_file_unreadable", path=path, found=error) from error
    finally:
        connection.close()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
