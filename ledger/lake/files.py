"""Where the lake lies and how DuckDB is brought to it: extensions, catalogue, Parquet. It knows no table and no view.

book/lake/catalogue.sqlite   what is in the lake      book/lake/files/   Parquet
book/lake.lock               who writes it
With a table `lake` in the book's settings catalogue and files are elsewhere (`ledger.lake.shared`); the folder then
holds only the cache of the views.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from ledger.errors import BrokenEnvironment, Damage
from ledger.lake import shared as sharing
from ledger.lake.shared import SharedLake
from ledger.settings import lake_of

TIME_ZONE = "Asia/Shanghai"
"""The zone in which moments are shown and the book's day begins."""
INLINED_ROWS_MAX = 40
"""Rows a commit may add to a table and stay in the catalogue: below that a Parquet file costs more than its rows."""
THREADS = 2
"""Cores a connection may use: a writer and its readers share the machine."""
_EXTENSIONS = ("sqlite_scanner", "ducklake")
_BUSY_MS = 10_000
_OUT_OF_REACH = ("connect to Postgres", "server closed the connection", "Could not connect to server", "HTTP Error")
"""What DuckDB says when catalogue or store do not answer: nothing is damaged then."""


def folder_of(book: Path) -> Path:
    """Return the folder of a book's lake."""
    return book / "lake"


def catalogue_of(folder: Path) -> Path:
    """Return the catalogue file of a lake's folder."""
    return folder / "catalogue.sqlite"


def files_of(folder: Path) -> str:
    """Return where the Parquet files of a lake lie, as DuckDB names it, with a slash at the end."""
    shared = lake_of(folder.parent)
    return f"{shared.files if shared else folder.resolve() / 'files'}/"


def connect() -> DuckDBPyConnection:
    """Open DuckDB in memory with what a lake needs. Raises `BrokenEnvironment`."""
    connection = duckdb.connect(config={"threads": THREADS, "allow_unsigned_extensions": True})
    for name in _EXTENSIONS:
        _load(connection, name)
    connection.execute(f"SET TimeZone = '{TIME_ZONE}'")
    return connection


def prepare(connection: DuckDBPyConnection, shared: SharedLake) -> None:
    """Give a connection what a shared lake needs beside: extensions and secrets. Raises `BrokenEnvironment`."""
    for name in sharing.EXTENSIONS:
        _load(connection, name)
    connection.execute(shared.secrets())


@cache
def _check_signature(name: str) -> None:
    """Have DuckDB check the signature of an extension once a process: it hashes tens of MB each time it is asked to."""
    connection = duckdb.connect()
    _load_unchecked(connection, name)
    connection.close()


def attach(connection: DuckDBPyConnection, folder: Path, *, writable: bool, name: str = "lake") -> None:
    """Attach the lake in a folder under a name. Raises `BrokenEnvironment` if there is none, `Damage` if it is none."""
    shared = lake_of(folder.parent)
    if shared is not None:
        prepare(connection, shared)
        with reading(folder):
            attach_shared(connection, shared, shared.schema, writable=writable, name=name)
        return
    catalogue = catalogue_of(folder)
    if not writable and not catalogue.exists():
        raise BrokenEnvironment("lake_missing", path=folder)
    options = [
        f"DATA_PATH '{quoted(folder / 'files')}/'", "OVERRIDE_DATA_PATH true", f"META_BUSY_TIMEOUT {_BUSY_MS}",
        f"DATA_INLINING_ROW_LIMIT {INLINED_ROWS_MAX}",
    ]  # fmt: skip
    options.append("META_JOURNAL_MODE 'WAL'" if writable else "READ_ONLY")
    with reading(folder):
        connection.execute(f"ATTACH 'ducklake:sqlite:{quoted(catalogue)}' AS {name} ({', '.join(options)})")


def attach_shared(
    connection: DuckDBPyConnection, shared: SharedLake, schema: str, *, writable: bool, name: str = "lake"
) -> None:
    """Attach the lake in a schema of a catalogue to a connection that was prepared for it."""
    try:
        connection.execute(shared.attaching(name, schema, writable=writable, inlined_rows_max=INLINED_ROWS_MAX))
    except duckdb.InvalidInputException as error:
        raise BrokenEnvironment("lake_missing", path=f"{shared.catalogue} ({schema})") from error


@contextmanager
def reading(folder: Path) -> Iterator[None]:
    """Turn what DuckDB says of files that cannot be read into `Damage`; what is only busy into `BrokenEnvironment`."""
    try:
        yield
    except duckdb.ParserException:
        raise  # no file makes SQL unreadable: our own mistake
    except duckdb.Error as error:
        found = str(error).splitlines()[0]
        if "locked" in found or "busy" in found.lower():
            raise BrokenEnvironment("lake_busy", path=folder, found=found) from error
        if any(said in str(error) for said in _OUT_OF_REACH):
            raise BrokenEnvironment("lake_unreachable", path=folder, found=found) from error
        raise Damage("lake_damaged", path=folder, found=found) from error


def roll_back(connection: DuckDBPyConnection) -> None:
    """Take back a transaction that failed, also when DuckDB has ended it itself."""
    try:
        connection.execute("ROLLBACK")
    except duckdb.TransactionException:
        return  # nothing is open: it was taken back already


def _load(connection: DuckDBPyConnection, name: str) -> None:
    _check_signature(name)
    _load_unchecked(connection, name)


def _load_unchecked(connection: DuckDBPyConnection, name: str) -> None:
    """Load an extension from its package, which needs no network; else have DuckDB fetch it."""
    packaged = _packaged(name)
    try:
        if packaged is None:
            connection.execute(f"INSTALL {name}")
        connection.execute(f"LOAD '{quoted(packaged)}'" if packaged else f"LOAD {name}")
    except duckdb.Error as error:
        found = str(error).splitlines()[0]
        raise BrokenEnvironment(
            "lake_extension_missing", name=name, expected=duckdb.__version__, found=found
        ) from error


def _packaged(name: str) -> Path | None:
    spec = find_spec(f"duckdb_extension_{name}")
    if spec is None or spec.origin is None:
        return None
    file = Path(spec.origin).parent / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"
    return file if file.exists() else None


def quoted(path: Path) -> str:
    """Return a path as SQL writes it between quotes."""
    return str(path.resolve()).replace("'", "''")
