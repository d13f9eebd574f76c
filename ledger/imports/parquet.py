"""Rows of a Parquet file, read through DuckDB. The only reader of that format; every value comes as text."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb

from ledger.errors import BrokenEnvironment

_ROWS_A_FETCH = 10_000


class ParquetFile:
    """One Parquet file open for reading. Raises `BrokenEnvironment` when it is none."""

    def __init__(self, path: Path) -> None:
        """Open the file and read its headings."""
        self.path = path
        self.connection = duckdb.connect()
        try:
            nothing = self.connection.sql("SELECT * FROM read_parquet(?) LIMIT 0", params=[str(path)])
        except duckdb.Error as error:
            raise BrokenEnvironment("import_file_unreadable", path=path, found=error) from error
        self.headings = list(nothing.columns)

    def rows(self, order_by: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
        """Yield the rows with their number in the file (from 1), ordered by these headings and then as in the file."""
        columns = ", ".join(f"coalesce(CAST({_quoted(name)} AS VARCHAR), '')" for name in self.headings)
        order = ", ".join([*(_quoted(name) for name in order_by), "file_row_number"])
        query = f"SELECT file_row_number + 1, {columns} FROM read_parquet(?, file_row_number = true) ORDER BY {order}"  # noqa: S608 - headings are quoted identifiers, the path is a parameter
        try:
            cursor = self.connection.execute(query, [str(self.path)])
            while fetched := cursor.fetchmany(_ROWS_A_FETCH):
                for number, *cells in fetched:
                    yield number, cells
        except duckdb.Error as error:
            raise BrokenEnvironment("import_file_unreadable", path=self.path, found=error) from error
        finally:
            self.connection.close()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
