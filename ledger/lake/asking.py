"""Doors for readers of a lake: a connection with every view, one locked down, and one question within limits."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from duckdb import DuckDBPyConnection

from ledger.errors import WrongUse
from ledger.lake import files
from ledger.lake.clocks import WHOLE, Clocks, lay_over
from ledger.lake.compiled import open_views
from ledger.lake.shared import text
from ledger.lake.views import published

QUESTION_SECONDS_MAX = 30
QUESTION_ROWS_MAX = 100_000
QUESTION_MEMORY = "512MB"
TABLE_FUNCTIONS = frozenset({"range", "generate_series", "unnest", "json_each", "json_tree"})
"""Table functions a question may call, beside the book's own macros.

Others open files (sqlite_scan does so past DuckDB's own guard) or run strings.
"""


@dataclass(frozen=True, slots=True)
class Reply:
    """Columns and rows of one question. `cut` when there were more rows than the limit."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    cut: bool = False


class Lake:
    """Doors for readers of a book's lake."""

    @staticmethod
    def connect(
        book: Path, *, read_only: bool = True, clocks: Clocks | None = None, still: bool = False
    ) -> DuckDBPyConnection:
        """Return a DuckDB connection with every published view and macro; with clocks, as of then and as known then.

        `still` is for whoever asks many questions at once: of a small lake the answers are those of this moment, and
        quick. Raises `BrokenEnvironment` or `Damage`.
        """
        connection = files.connect()
        folder = files.folder_of(book)
        overlaid = still or clocks is not None
        files.attach(connection, folder, writable=not read_only, name=WHOLE if overlaid else "lake")
        with files.reading(folder):
            if overlaid:
                lay_over(connection, clocks or Clocks(), still=still)
            open_views(connection, folder)
        return connection

    @staticmethod
    def connect_locked(book: Path, *, clocks: Clocks | None = None) -> DuckDBPyConnection:
        """Return a connection for SQL we do not trust: no file or network beside the lake, few resources."""
        connection = Lake.connect(book, clocks=clocks, still=True)
        within = text(files.files_of(files.folder_of(book)))
        connection.execute(f"""
            SET memory_limit = '{QUESTION_MEMORY}';
            SET temp_directory = '';
            SET allowed_directories = [{within}];
            SET enable_external_access = false;
            SET lock_configuration = true;
        """)
        return connection


def ask(connection: DuckDBPyConnection, sql: str, *, seconds: int = QUESTION_SECONDS_MAX) -> Reply:
    """Answer one SELECT within limits of time and rows. Raises `WrongUse` for anything else, in words for who asked."""
    try:
        statements = duckdb.extract_statements(sql)
    except duckdb.Error as error:
        raise WrongUse("question_not_understood", found=_first_line(error)) from error
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise WrongUse("question_not_one_select", found=str(len(statements)))
    allowed = TABLE_FUNCTIONS | {view.name for view in published() if view.is_macro}
    for name in _table_functions(connection, sql):
        if name.lower() not in allowed:
            raise WrongUse("question_calls", found=name, expected=", ".join(sorted(allowed)))
    clock = threading.Timer(seconds, connection.interrupt)
    clock.start()
    try:
        found = connection.execute(sql)
        columns = tuple(c[0] for c in found.description or ())
        rows = found.fetchmany(QUESTION_ROWS_MAX + 1)
    except duckdb.InterruptException as error:
        raise WrongUse("question_too_long", expected=seconds) from error
    except duckdb.Error as error:
        raise WrongUse("question_not_understood", found=_first_line(error)) from error
    finally:
        clock.cancel()
    return Reply(columns, rows[:QUESTION_ROWS_MAX], cut=len(rows) > QUESTION_ROWS_MAX)


def _table_functions(connection: DuckDBPyConnection, sql: str) -> Iterator[str]:
    row = connection.execute("SELECT json_serialize_sql($1::VARCHAR)", [sql]).fetchone()
    assert row is not None, "a function gives one row"
    tree = json.loads(row[0])
    if tree["error"]:
        raise WrongUse("question_not_understood", found=tree["error_message"])
    yield from _calls(tree)


def _calls(tree: object) -> Iterator[str]:
    if isinstance(tree, dict):
        if tree.get("type") == "TABLE_FUNCTION":
            yield tree["function"]["function_name"]
        for part in tree.values():
            yield from _calls(part)
    elif isinstance(tree, list):
        for part in tree:
            yield from _calls(part)


def _first_line(error: duckdb.Error) -> str:
    return str(error).splitlines()[0]
