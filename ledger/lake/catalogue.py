"""How a lake comes to be, goes, and is held by one writer: in its folder, or in PostgreSQL for many machines.

A lake is made beside its place and moved there whole: no reader ever sees one without its tables.
"""

import shutil
import zlib
from contextlib import closing, suppress
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from ledger.errors import BookHeld, BrokenEnvironment
from ledger.lake import files
from ledger.lake.rows import make_tables
from ledger.lake.shared import CATALOGUE_SECRET, SharedLake, text
from ledger.settings import lake_of

_SCHEMA = "SELECT 1 FROM pg_namespace WHERE nspname = :schema"
_TAKE = "SELECT pg_try_advisory_lock(:key)"
_HOLDER = """
    SELECT coalesce(host(client_addr), '-'), backend_start::text FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'advisory' AND granted AND classid = 0 AND objid = :key LIMIT 1
"""


def exists(folder: Path) -> bool:
    """Whether there is a lake."""
    shared = lake_of(folder.parent)
    if shared is None:
        return files.catalogue_of(folder).exists()
    with closing(_catalogue(shared, folder)) as asked:
        return asked.execute(_query(_SCHEMA.replace(":schema", text(shared.schema)))).fetchone() is not None


def open_to_write(folder: Path) -> DuckDBPyConnection:
    """Return a connection to the lake in a folder; an empty one is made when there is none. Raises `LedgerError`."""
    made = not exists(folder)
    if made:
        _make(folder)
    connection = files.connect()
    files.attach(connection, folder, writable=True)
    if made and lake_of(folder.parent):
        with files.reading(folder):  # what an earlier lake left in the store
            connection.execute("CALL ducklake_delete_orphaned_files('lake', cleanup_all => true)")
    return connection


def remove(folder: Path) -> None:
    """Throw the lake away, if there is one. Files in a store go when the next one is made."""
    shared = lake_of(folder.parent)
    if shared is not None:
        with closing(_catalogue(shared, folder)) as asked:
            asked.execute(_order(f"DROP SCHEMA IF EXISTS {_named(shared.schema)} CASCADE"))
    if folder.exists():
        shutil.rmtree(folder)


def _make(folder: Path) -> None:
    shared = lake_of(folder.parent)
    if shared is not None:
        _make_shared(shared, folder)
        return
    draft = folder.with_name(folder.name + ".new")
    for left in (draft, folder):
        if left.exists():
            shutil.rmtree(left)
    (draft / "files").mkdir(parents=True)
    with closing(files.connect()) as connection:
        files.attach(connection, draft, writable=True)
        with files.reading(draft):
            make_tables(connection)
    draft.rename(folder)


def _make_shared(shared: SharedLake, folder: Path) -> None:
    draft, place = _named(shared.schema + ".new"), _named(shared.schema)
    with closing(_catalogue(shared, folder)) as connection, files.reading(folder):
        connection.execute(_order(f"DROP SCHEMA IF EXISTS {draft} CASCADE; CREATE SCHEMA {draft}"))
        files.attach_shared(connection, shared, shared.schema + ".new", writable=True)
        make_tables(connection)
        connection.execute("DETACH lake")
        connection.execute(_order(f"ALTER SCHEMA {draft} RENAME TO {place}"))


class Held:
    """The catalogue held by one writer of all machines: a lock of PostgreSQL, which ends with its connection."""

    def __init__(self, shared: SharedLake, folder: Path) -> None:
        """Take the lock. Raises `BookHeld`, saying from where it is held."""
        key = str(zlib.crc32(shared.schema.encode()))
        self.at = shared.catalogue
        self.connection = _catalogue(shared, folder)
        self.connection.execute("BEGIN")  # so that every question goes through the one connection that has the lock
        if self.connection.execute(_query(_TAKE.replace(":key", key))).fetchone() != (True,):
            holder = self.connection.execute(_query(_HOLDER.replace(":key", key))).fetchone()
            self.connection.close()
            host, since = holder or ("?", "?")
            raise BookHeld("lake_held", path=self.at, host=host, since=since)
        # The lock outlives PostgreSQL's transaction; an open one would keep it from tidying its tables.
        self.connection.execute(_order("COMMIT"))

    def check(self) -> None:
        """Raise `BrokenEnvironment` if the connection that has the lock is gone: another may be writing."""
        try:
            self.connection.execute(_query("SELECT 1"))
        except duckdb.Error as error:
            raise BrokenEnvironment("lake_unreachable", path=self.at, found=str(error).splitlines()[0]) from error

    def release(self) -> None:
        """Let another writer have it."""
        with suppress(duckdb.Error):  # a connection that is gone holds nothing any more
            self.connection.execute("ROLLBACK")
        self.connection.close()


def hold(folder: Path) -> Held | None:
    """Hold a shared catalogue; of a lake in a folder the lock of its writer is enough."""
    shared = lake_of(folder.parent)
    return Held(shared, folder) if shared else None


def _catalogue(shared: SharedLake, folder: Path) -> DuckDBPyConnection:
    """Open DuckDB with the catalogue's database attached as `catalogue`."""
    connection = files.connect()
    files.prepare(connection, shared)
    with files.reading(folder):
        connection.execute(f"ATTACH '' AS catalogue (TYPE postgres, SECRET {CATALOGUE_SECRET})")
    return connection


def _query(sql: str) -> str:
    return f"FROM postgres_query('catalogue', {text(sql)})"


def _order(sql: str) -> str:
    return f"CALL postgres_execute('catalogue', {text(sql)})"


def _named(schema: str) -> str:
    return '"' + schema.replace('"', '""') + '"'
