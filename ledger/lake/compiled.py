"""The published views made once and kept in a file of the lake: making them takes a second, opening them a twentieth.

A cache. Its name is a digest of the views and of DuckDB's version, so any other build makes its own; where it cannot be
kept or read the views are made in memory.
"""

import hashlib
import os
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from ledger.lake import files
from ledger.lake.views import define, definitions

PUBLISHED = "published"
"""The database the views are in, beside the lake they read."""


def open_views(connection: DuckDBPyConnection, folder: Path) -> None:
    """Give a connection that has the lake attached every published view and macro."""
    path = folder / f"views-{_digest()}.duckdb"
    try:
        if not path.exists():
            _make(folder, path)
        connection.execute(f"ATTACH '{files.quoted(path)}' AS {PUBLISHED} (READ_ONLY)")
    except (OSError, duckdb.Error):
        define(connection)  # a cache that cannot be kept or read costs time and nothing else
    else:
        connection.execute(f"SET search_path = '{PUBLISHED}.main,memory.main'")


def _make(folder: Path, path: Path) -> None:
    """Make the file beside its place and move it there whole; remove those of other builds."""
    folder.mkdir(exist_ok=True)  # of a shared lake nothing else lies in it
    draft = path.with_suffix(f".{os.getpid()}.new")
    connection = files.connect()
    try:
        files.attach(connection, folder, writable=False)
        connection.execute(f"ATTACH '{files.quoted(draft)}' AS {PUBLISHED}; USE {PUBLISHED}")
        define(connection)
        connection.execute(f"CHECKPOINT {PUBLISHED}")
        connection.close()
        for old in folder.glob("views-*.duckdb"):
            old.unlink(missing_ok=True)
        draft.rename(path)
    finally:
        connection.close()
        draft.unlink(missing_ok=True)


def _digest() -> str:
    return hashlib.sha256(f"{duckdb.__version__}\n{definitions()}".encode()).hexdigest()[:16]
