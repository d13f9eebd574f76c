"""Writes the lake: pages of the log become rows, and rows and position are one transaction.

The lake is a cache of the book in the shape of tables: it may be behind the log, never ahead of it or of another chain.
"""

from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path
from types import TracebackType

from duckdb import DuckDBPyConnection

from ledger.book import Book
from ledger.errors import Damage
from ledger.lake import catalogue, files
from ledger.lake.rows import batches, write_rows
from ledger.logs.embedded import StoredPage
from ledger.logs.opening import PageLog, open_log
from ledger.seals import seal_of
from ledger.writer_lock import WriterLock

COMMIT_BYTES_MAX = 16_000_000
"""Bytes of pages that go into one commit when the lake catches up."""
COMMITS_A_COMPACTION = 600
"""Commits after which small files are merged: ten minutes at a commit a second."""
Progress = Callable[[int, int], None]
"""Told the last page copied and the last page there is."""


class LakeWriter:
    """The one writer of a book's lake. `rebuilt` is the code of why it was built anew on opening, or None."""

    def __init__(self, book: Book | Path, log: PageLog | None = None, volumes: Sequence[int] = ()) -> None:
        """Take the lake's lock, check that it continues the log, else build it anew. Raises `LedgerError`.

        With `volumes` it is a lake of these alone.
        """
        self.path = book.path if isinstance(book, Book) else book
        self.folder = files.folder_of(self.path)
        self.lock = WriterLock(self.path / "lake.lock")
        self.held: catalogue.Held | None = None
        self.commits = 0
        try:
            self.held = catalogue.hold(self.folder)
            self.log = log or open_log(self.path)
            self.volumes = volumes or range(self.log.volumes)
            self.connection = catalogue.open_to_write(self.folder)
            self.positions = positions(self.connection, self.folder)
            self.rebuilt = next(filter(None, (_objection(self.log, v, *at) for v, at in self.positions.items())), None)
            if self.rebuilt is not None:
                self._begin_anew()
        except BaseException:
            self._let_go()
            raise

    def __enter__(self) -> "LakeWriter":
        """Use as `with LakeWriter(book) as writer`."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close."""
        self.close()

    def page(self, volume: int = 0) -> int:
        """Return the last page of a volume that is in the lake."""
        return self.positions.get(volume, (0, ""))[0]

    def catch_up(self, progress: Progress | None = None) -> int:
        """Copy every page written since; return the last page number of the first volume."""
        for volume in self.volumes:
            for pages in batches(self.log.pages(volume, self.page(volume)), COMMIT_BYTES_MAX):
                self.commit(pages)
                if progress is not None:
                    progress(self.page(volume), max(self.page(volume), self.log.last_page(volume)))
        return self.page()

    def commit(self, pages: Sequence[StoredPage]) -> None:
        """Write the rows of pages and the positions they bring the lake to, all or none. Raises `Damage`.

        Pages already there are skipped; a page out of its place, or that breaks its seal, stops the commit.
        """
        new = sorted((p for p in pages if p.page > self.page(p.volume)), key=lambda p: (p.volume, p.page))
        if not new:
            return
        reached = dict(self.positions)
        for page in new:
            expected = reached.get(page.volume, (0, ""))[0] + 1
            if page.page != expected:
                raise Damage("page_missing", expected=expected, found=page.page)
            reached[page.volume] = (page.page, seal_of(page.stored, page.page))
        if self.held is not None:
            self.held.check()
        with files.reading(self.folder):
            self.connection.execute("BEGIN")
            try:
                for _, of_volume in groupby(new, key=lambda p: p.volume):
                    write_rows(self.connection, list(of_volume), self.log.refused)
                self.connection.execute("COMMIT")
            except BaseException:
                files.roll_back(self.connection)
                raise
        self.positions = reached
        self.commits += 1
        if self.commits % COMMITS_A_COMPACTION == 0:
            self.compact()

    def compact(self) -> None:
        """Move inlined rows to Parquet, merge small files, and forget what no reader of the last hour needs."""
        with files.reading(self.folder):
            self.connection.execute("CALL ducklake_flush_inlined_data('lake')")
            self.connection.execute("CALL ducklake_merge_adjacent_files('lake')")
            self.connection.execute("CALL ducklake_expire_snapshots('lake', older_than => now() - INTERVAL 1 HOUR)")
            self.connection.execute("CALL ducklake_cleanup_old_files('lake', older_than => now() - INTERVAL 1 HOUR)")

    def close(self) -> None:
        """Let go of the lake."""
        self.connection.close()
        self.log.close()
        self._let_go()

    def _let_go(self) -> None:
        if self.held is not None:
            self.held.release()
        self.lock.release()

    def _begin_anew(self) -> None:
        self.connection.close()
        catalogue.remove(self.folder)
        self.connection = catalogue.open_to_write(self.folder)
        self.positions = {}


def positions(connection: DuckDBPyConnection, folder: Path) -> dict[int, tuple[int, str]]:
    """Return the last page and its seal of every volume in the lake."""
    with files.reading(folder):
        rows = connection.execute(
            "SELECT volume, max(page), max_by(seal, page) FROM lake.page GROUP BY volume"
        ).fetchall()
    return {volume: (page, seal) for volume, page, seal in rows}


def catch_up(book: Book | Path, progress: Progress | None = None) -> int:
    """Bring a book's lake up to its log; return the last page number."""
    with LakeWriter(book) as writer:
        return writer.catch_up(progress)


def rebuild(book: Book | Path, progress: Progress | None = None) -> int:
    """Build the lake anew from page 1, whatever is there; return the last page number."""
    path = book.path if isinstance(book, Book) else book
    lock = WriterLock(path / "lake.lock")
    try:
        held = catalogue.hold(files.folder_of(path))
        catalogue.remove(files.folder_of(path))
        if held is not None:
            held.release()
    finally:
        lock.release()
    return catch_up(path, progress)


def _objection(log: PageLog, volume: int, page: int, seal: str) -> str | None:
    stored = log.page(volume, page)
    if stored is None:
        return "lake_ahead"
    return None if seal_of(stored.stored, page) == seal else "lake_of_another_chain"
