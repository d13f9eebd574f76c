"""The log in one file: SQLite, WAL, synchronous=FULL. Pages verbatim, and the bytes of what was refused.

It knows nothing of what pages mean beyond their seals. One process appends; any number read.
"""

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ledger.errors import BrokenEnvironment, Damage
from ledger.seals import seal_of

APPLICATION_ID = 0x42414F47
"""`BAOG`: how a file says it is a book of ours."""
LAYOUT = 1
_MAGIC = b"SQLite format 3\x00"
_HEADER_BYTES = 100
_PAGE_BYTES_MIN = 512
_SCHEMA = """
CREATE TABLE pages (
    volume INTEGER NOT NULL, page INTEGER NOT NULL, stored BLOB NOT NULL, PRIMARY KEY (volume, page)
) STRICT;
CREATE TABLE refused (digest TEXT PRIMARY KEY, document BLOB NOT NULL) STRICT;
"""


@dataclass(frozen=True, slots=True)
class StoredPage:
    """A page as the log keeps it."""

    volume: int
    page: int
    stored: bytes


class EmbeddedLog:
    """Pages of a book in one SQLite file beside a small file that says where the log ended (`tip`)."""

    volumes = 1
    """A book in a folder has one."""

    def __init__(self, path: Path, connection: sqlite3.Connection, *, writable: bool) -> None:
        """Use `create` or `open`."""
        self.path = path
        self.tip = path.with_suffix(".tip")
        self.connection = connection
        self.writable = writable
        self.known_end = 0
        """Last page of volume 0 that the log is known to have reached."""

    @classmethod
    def create(cls, path: Path) -> "EmbeddedLog":
        """Make a new, empty log. Raises `BrokenEnvironment` if one is there."""
        if path.exists():
            raise BrokenEnvironment("book_exists", path=path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {LAYOUT}")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(_SCHEMA)
            connection.close()
        except (OSError, sqlite3.Error) as error:
            raise BrokenEnvironment("file_unusable", path=path, found=error) from error
        return cls.open(path, writable=True)

    @classmethod
    def open(cls, path: Path, *, writable: bool) -> "EmbeddedLog":
        """Open a log. Raises `BrokenEnvironment` if there is none, `Damage` if it is not one or was cut."""
        if not path.exists():
            raise BrokenEnvironment("book_missing", path=path)
        _check_file(path)
        try:
            connection = sqlite3.connect(
                f"{path.resolve().as_uri()}?mode={'rw' if writable else 'ro'}", uri=True, isolation_level=None,
                check_same_thread=False, timeout=10,
            )  # fmt: skip
        except sqlite3.Error as error:
            raise BrokenEnvironment("log_busy", path=path, found=error) from error
        log = cls(path, connection, writable=writable)
        try:
            log.check_kind()
            log.check_end()
        except BaseException:
            connection.close()
            raise
        return log

    def check_kind(self) -> None:
        """Refuse a file that is not a book's, or of another layout."""
        with self.reading("header"):
            if self.connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
                raise Damage("foreign_file", path=self.path)
            if self.connection.execute("PRAGMA user_version").fetchone()[0] != LAYOUT:
                raise Damage("layout_unknown", path=self.path)
            if self.writable:
                self.connection.execute("PRAGMA synchronous = FULL")

    @contextmanager
    def reading(self, place: str) -> Iterator[None]:
        """Turn what SQLite says of a broken file into `Damage` that names the place."""
        try:
            yield
        except sqlite3.OperationalError as error:
            if "locked" in str(error) or "unable to open" in str(error):
                raise BrokenEnvironment("log_busy", path=self.path, found=error) from error
            raise Damage("log_damaged", path=self.path, place=place, found=error) from error
        except sqlite3.ProgrammingError:
            raise  # a bug of ours (a closed log, another thread), not the file's
        except (sqlite3.Error, UnicodeDecodeError, MemoryError, OverflowError) as error:
            raise Damage("log_damaged", path=self.path, place=place, found=error) from error

    def append(self, pages: Sequence[StoredPage], refused: Iterable[tuple[str, bytes]]) -> None:
        """Make pages and refused documents durable, all or none."""
        assert self.writable, "the log was opened for reading"
        try:
            self.connection.execute("BEGIN IMMEDIATE")
            self.connection.executemany(
                "INSERT INTO pages VALUES (?, ?, ?)", [(p.volume, p.page, p.stored) for p in pages]
            )
            self.connection.executemany("INSERT OR IGNORE INTO refused VALUES (?, ?)", refused)
            self.connection.execute("COMMIT")
            self._write_tip(pages[-1])
        except (sqlite3.Error, OSError) as error:
            self._roll_back()
            raise BrokenEnvironment("log_not_written", path=self.path, found=error) from error
        except BaseException:  # an interruption between BEGIN and COMMIT leaves nothing half open
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        if self.connection.in_transaction:
            with self.reading("taking back a commit that failed"):
                self.connection.execute("ROLLBACK")

    def pages(self, volume: int = 0, after: int = 0) -> Iterator[StoredPage]:
        """Yield the stored pages of a volume after a page number, in order. A missing number is `Damage`."""
        expected = after
        end = max(self.last_page(volume), self.known_end if volume == 0 else 0)
        with self.reading(f"page {after + 1}"):
            rows = self.connection.execute(
                "SELECT page, stored FROM pages WHERE volume = ? AND page > ? ORDER BY page", (volume, after)
            )
        while True:
            with self.reading(f"page {expected + 1}"):
                row = rows.fetchone()
            if row is None:
                if expected < end:  # a damaged tree can end early without SQLite noticing
                    raise Damage("page_missing", expected=expected + 1, found="-")
                return
            expected += 1
            if row[0] != expected:
                raise Damage("page_missing", expected=expected, found=row[0])
            yield StoredPage(volume, expected, self._whole(row[1], f"page {expected}"))

    def page(self, volume: int, number: int) -> StoredPage | None:
        """Return one stored page, or None."""
        with self.reading(f"page {number}"):
            row = self.connection.execute(
                "SELECT stored FROM pages WHERE volume = ? AND page = ?", (volume, number)
            ).fetchone()
        return StoredPage(volume, number, self._whole(row[0], f"page {number}")) if row else None

    def _whole(self, value: object, place: str) -> bytes:
        """Return a value that was written as bytes. SQLite reads a damaged type as it finds it."""
        if not isinstance(value, bytes):
            raise Damage("log_damaged", path=self.path, place=place, found=type(value).__name__)
        return value

    def last_page(self, volume: int = 0) -> int:
        """Return the number of the last page of a volume; 0 for none."""
        with self.reading("the end of the log"):
            row = self.connection.execute("SELECT max(page) FROM pages WHERE volume = ?", (volume,)).fetchone()
        if not isinstance(row[0], int | None):
            raise Damage("log_damaged", path=self.path, place="the end of the log", found=type(row[0]).__name__)
        return row[0] or 0

    def refused(self, digest: str) -> bytes | None:
        """Return the bytes of a refused document by its digest. Raises `Damage` if they are not those refused."""
        with self.reading(f"refused {digest}"):
            row = self.connection.execute("SELECT document FROM refused WHERE digest = ?", (digest,)).fetchone()
        if row is None:
            return None
        document = self._whole(row[0], f"refused {digest}")
        if hashlib.sha256(document).hexdigest() != digest:
            raise Damage("refused_changed", digest=digest)
        return document

    def kept(self, digest: str) -> bytes:
        """Return the bytes of a refused document a page says was kept. Raises `Damage` if they are gone or changed."""
        document = self.refused(digest)
        if document is None:
            raise Damage("refused_lost", digest=digest)
        return document

    def check_end(self) -> None:
        """Refuse a log that ends before the page it is known to have reached, or whose last page is not whole."""
        tip = _read_tip(self.tip)  # before the log, or a page written in between would look like one cut off
        last = self.last_page()
        if last:
            final = self.page(0, last)
            if final is None:
                raise Damage("log_damaged", path=self.path, place=f"page {last}", found="nothing")
            seal_of(final.stored, last)
        self.known_end = last
        if tip is None:
            return
        known, seal = tip
        if known > last:
            raise Damage("log_cut", path=self.path, expected=known, found=last)
        stored = self.page(0, known)
        if stored is None or stored.stored[-64:].decode("ascii", "replace") != seal:
            raise Damage("log_replaced", path=self.path, place=known)

    def integrity(self) -> None:
        """Have SQLite check every byte of its own structure. Reads the whole file. Raises `Damage`."""
        with self.reading("integrity check"):
            found = self.connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if found != "ok":
            raise Damage("log_damaged", path=self.path, place="integrity check", found=found)

    def close(self) -> None:
        """Close the file, folding the WAL into it when this process was the writer."""
        if self.writable:
            with self.reading("closing"):
                self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.connection.close()

    def _write_tip(self, page: StoredPage) -> None:
        """Say where the log ends. Not synced: behind the log is harmless, ahead of it is evidence of a cut."""
        line = json.dumps([page.page, page.stored[-64:].decode()])
        checked = f"{line} {hashlib.sha256(line.encode()).hexdigest()[:16]}\n".encode()
        descriptor = os.open(self.tip, os.O_WRONLY | os.O_CREAT, 0o644)
        try:
            os.pwrite(descriptor, checked.ljust(128), 0)
        finally:
            os.close(descriptor)


def _check_file(path: Path) -> None:
    """Refuse what is not a SQLite file, or is shorter than it says, before SQLite tries to make sense of it."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(_HEADER_BYTES)
    except OSError as error:
        raise BrokenEnvironment("file_unusable", path=path, found=error) from error
    if len(head) < _HEADER_BYTES or not head.startswith(_MAGIC):
        raise Damage("foreign_file", path=path)
    page_bytes = int.from_bytes(head[16:18], "big")
    page_bytes = 65_536 if page_bytes == 1 else page_bytes
    stated = int.from_bytes(head[28:32], "big") * page_bytes
    wal = path.with_name(path.name + "-wal")
    whole = not wal.exists() or wal.stat().st_size == 0  # else the rest of the file is still in the WAL
    if page_bytes < _PAGE_BYTES_MIN or (whole and (size < stated or size % page_bytes)):
        raise Damage("log_short", path=path, expected=stated, found=size)


def _read_tip(path: Path) -> tuple[int, str] | None:
    """Read the tip; None when there is none or it is itself damaged: it is a witness, not the book."""
    try:
        written = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise BrokenEnvironment("file_unusable", path=path, found=error) from error
    line, _, check = written.decode("utf-8", "replace").strip().rpartition(" ")
    if hashlib.sha256(line.encode()).hexdigest()[:16] != check:
        return None
    page, seal = json.loads(line)
    return page, seal
