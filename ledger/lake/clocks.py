"""What a connection sees of a lake: all of it, or only what two clocks let through (A10); a small one from memory.

The tables every view stands on are laid over by others of their own, so each view, audit and macro answers for what is
seen without knowing it. It changes nothing in the lake.
"""

from datetime import datetime
from typing import NamedTuple

from duckdb import DuckDBPyConnection

WHOLE = "whole"
"""The name under which the lake itself is attached; `lake` is what can be seen of it."""
ROWS_IN_MEMORY_MAX = 100_000
"""Entries and lines of a lake that is read into memory whole: with 98,000 a quarter of a second and 30 to 90 MB.

In a lake every mention of a table costs a hundredth of a second before a row of it is read, and the larger views
mention tables a hundred times.
"""
_BY_RECORDING = ("page", "refused")
_BY_BOTH = ("entry", "line")
_IN_MEMORY = ("page", "entry", "line")
"""What was refused may be long, and few views look at it."""


class Clocks(NamedTuple):
    """What had happened by a moment, as known at another; None: no bound. Moments with their offset."""

    happened_by: datetime | None = None
    known_by: datetime | None = None


def lay_over(connection: DuckDBPyConnection, clocks: Clocks, *, still: bool) -> None:
    """Make `lake` what can be seen of the lake attached as `whole`; the book's clock stands still at those moments.

    With `still` what is seen of a small lake is what stands there now, whatever is written later.
    """
    connection.execute("ATTACH ':memory:' AS lake")
    for name, moment in clocks._asdict().items():
        if moment is not None:
            connection.execute(f"SET VARIABLE {name} = TIMESTAMPTZ '{moment.isoformat()}'")
    known = _bound("recorded_at", clocks.known_by)
    happened = _bound("happened_at", clocks.happened_by)
    seen = dict.fromkeys(_BY_RECORDING, known) | dict.fromkeys(_BY_BOTH, f"{known} AND {happened}")
    kept = dict.fromkeys(_IN_MEMORY, "TABLE") if still and _is_small(connection) else {}
    made = (
        f"CREATE {kept.get(table, 'VIEW')} lake.{table} AS FROM {WHOLE}.{table} WHERE {bound};"
        for table, bound in seen.items()
    )
    connection.execute(f"BEGIN; {''.join(made)} COMMIT")  # one transaction: all tables as of one page


def _is_small(connection: DuckDBPyConnection) -> bool:
    tables = (connection.table(f"{WHOLE}.{name}") for name in _BY_BOTH)
    return bool(sum(table.count("*").fetchall()[0][0] for table in tables) <= ROWS_IN_MEMORY_MAX)


def _bound(column: str, moment: datetime | None) -> str:
    return f"{column} <= TIMESTAMPTZ '{moment.isoformat()}'" if moment is not None else "true"
