"""The SQL of the lake: files under projections/sql, read once. It runs nothing."""

from functools import cache
from pathlib import Path

SQL = Path(__file__).resolve().parent.parent / "projections" / "sql"


@cache
def read_sql(name: str) -> str:
    """Return the text of one file under projections/sql."""
    return (SQL / name).read_text(encoding="utf-8")
