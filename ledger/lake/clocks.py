"""A lake seen through two clocks (A10): only what had happened by one moment and was recorded by another.

The tables every view stands on are laid over by views of their own, so each view, audit and macro answers for then
without knowing it. It changes nothing in the lake.
"""

from datetime import datetime
from typing import NamedTuple

from duckdb import DuckDBPyConnection

WHOLE = "whole"
"""The name under which the lake itself is attached, when `lake` is what can be seen of it."""
_BY_RECORDING = ("page", "refused")
_BY_BOTH = ("entry", "line")


class Clocks(NamedTuple):
    """What had happened by a moment, as known at another; None: no bound. Moments with their offset."""

    happened_by: datetime | None = None
    known_by: datetime | None = None


def lay_over(connection: DuckDBPyConnection, clocks: Clocks) -> None:
    """Make `lake` what can be seen of the lake attached as `whole`; the book's clock stands still at those moments."""
    connection.execute("ATTACH ':memory:' AS lake")
    for name, moment in clocks._asdict().items():
        if moment is not None:
            connection.execute(f"SET VARIABLE {name} = TIMESTAMPTZ '{moment.isoformat()}'")
    known = _bound("recorded_at", clocks.known_by)
    happened = _bound("happened_at", clocks.happened_by)
    seen = dict.fromkeys(_BY_RECORDING, known) | dict.fromkeys(_BY_BOTH, f"{known} AND {happened}")
    for table, bound in seen.items():
        connection.execute(f"CREATE VIEW lake.{table} AS FROM {WHOLE}.{table} WHERE {bound}")


def _bound(column: str, moment: datetime | None) -> str:
    return f"{column} <= TIMESTAMPTZ '{moment.isoformat()}'" if moment is not None else "true"
