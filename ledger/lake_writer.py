"""Writes the lake: pages of the log become rows, and rows and position are one transaction. It decodes nothing in Python.

The lake is a cache of the book in the shape of tables: it may be behind the log, never ahead of it or of another chain.
"""

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType

import orjson
from duckdb import DuckDBPyConnection

from ledger import lake_files
from ledger.book import LOG_FILE, Book
from ledger.errors import Damage
from ledger.lake_sql import read_sql
from ledger.logs.embedded import EmbeddedLog, StoredPage
from ledger.seals import seal_of
from ledger.writer_lock import WriterLock
from schemas.corrections import EntryReversed
from schemas.entry import read_entry

COMMIT_BYTES_MAX = 16_000_000
"""Bytes of pages that go into one commit when the lake catches up."""
COMMITS_A_COMPACTION = 600
"""Commits after which small files are merged: ten minutes at a commit a second."""
_SEAL = 64
Progress = Callable[[int, int], None]
"""Told the last page copied and the last page there is."""


class LakeWriter:
    """The one writer of a book's lake. `rebuilt` says why it was built anew on opening, or is None."""

    def __init__(self, book: Book | Path) -> None:
        """Take the lake's lock, check that it continues the log, else build it anew. Raises `LedgerError`."""
        self.path = book.path if isinstance(book, Book) else book
        self.folder = lake_files.folder_of(self.path)
        self.lock = WriterLock(self.path / "lake.lock")
        self.rebuilt: str | None = None
        self.commits = 0
        try:
            self.log = EmbeddedLog.open(self.path / LOG_FILE, writable=False)
            self.connection = _open(self.folder)
            self.page, self.seal = self._position()
            self.rebuilt = self._objection()
            if self.rebuilt is not None:
                self._begin_anew()
        except BaseException:
            self.lock.release()
            raise

    def __enter__(self) -> "LakeWriter":
        """Use as `with LakeWriter(book) as writer`."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close."""
        self.close()

    def catch_up(self, progress: Progress | None = None) -> int:
        """Copy every page written since; return the last page number."""
        for pages in _batches(self.log.pages(0, self.page)):
            self.commit(pages)
            if progress is not None:
                progress(self.page, max(self.page, self.log.last_page()))
        return self.page

    def commit(self, pages: Sequence[StoredPage]) -> None:
        """Write the rows of consecutive pages and the position they bring the lake to, all or none. Raises `Damage`."""
        pages = [p for p in pages if p.page > self.page]
        if not pages:
            return
        if pages[0].page != self.page + 1:
            raise Damage("page_missing", expected=self.page + 1, found=pages[0].page)
        seals = [seal_of(p.stored) for p in pages]
        with lake_files.reading(self.folder):
            self._stage(pages, seals)
            self.connection.execute("BEGIN")
            try:
                self._insert()
                self.connection.execute("COMMIT")
            except BaseException:
                self.connection.execute("ROLLBACK")
                raise
        self.page, self.seal = pages[-1].page, seals[-1]
        self.commits += 1
        if self.commits % COMMITS_A_COMPACTION == 0:
            self.compact()

    def compact(self) -> None:
        """Move inlined rows to Parquet, merge small files, and forget what no snapshot needs."""
        with lake_files.reading(self.folder):
            self.connection.execute("CALL ducklake_flush_inlined_data('lake')")
            self.connection.execute("CALL ducklake_merge_adjacent_files('lake')")
            self.connection.execute("CALL ducklake_expire_snapshots('lake', older_than => now() - INTERVAL 1 HOUR)")
            self.connection.execute("CALL ducklake_cleanup_old_files('lake', older_than => now() - INTERVAL 1 HOUR)")

    def close(self) -> None:
        """Let go of the lake."""
        self.connection.close()
        self.log.close()
        self.lock.release()

    def _position(self) -> tuple[int, str]:
        with lake_files.reading(self.folder):
            row = self.connection.execute(
                "SELECT page, seal FROM lake.page WHERE volume = 0 ORDER BY page DESC LIMIT 1"
            ).fetchone()
        return row or (0, "")

    def _objection(self) -> str | None:
        if not self.page:
            return None
        stored = self.log.page(0, self.page)
        if stored is None:
            return "lake_ahead"
        return None if seal_of(stored.stored) == self.seal else "lake_of_another_chain"

    def _begin_anew(self) -> None:
        self.connection.close()
        shutil.rmtree(self.folder)
        self.connection = _open(self.folder)
        self.page, self.seal = 0, ""

    def _stage(self, pages: Sequence[StoredPage], seals: Sequence[str]) -> None:
        parts = [p.stored[: -_SEAL - 1].partition(b"\n") for p in pages]
        first = orjson.loads(parts[0][0])["first_seq"]
        documents = b"\n".join(body for _, _, body in parts if body).decode()
        run = self.connection.execute
        headers = b"\n".join(header for header, _, _ in parts).decode()
        run(read_sql("lake/stage_page.sql"), {"headers": headers, "seals": "\n".join(seals)})
        form = {"form": read_sql("lake/form.json")}
        run(read_sql("lake/stage_entry.sql"), {"documents": documents, "first": first, **form})
        run(read_sql("lake/stage_said.sql"), form)
        if self._spell_out():
            run(read_sql("lake/stage_said.sql"), form)
        run(read_sql("lake/stage_reading.sql"))

    def _spell_out(self) -> bool:
        """Write again, in the form DuckDB reads, documents whose moments are written in a rarer one that admission takes."""
        rare = self.connection.execute(read_sql("lake/rare_forms.sql")).fetchall()
        for seq, document in rare:
            plain = _plain(document)
            self.connection.execute(
                "UPDATE staged_entry SET said = from_json($plain, $form) WHERE seq = $seq",
                {"plain": plain, "form": read_sql("lake/form.json"), "seq": seq},
            )
        return bool(rare)

    def _insert(self) -> None:
        run = self.connection.execute
        run(read_sql("lake/insert_pages.sql"))
        if run("SELECT bool_or(entries > 0) FROM staged_page").fetchone() == (True,):
            run(read_sql("lake/insert_entries.sql"))
            run(read_sql("lake/insert_lines.sql"))
        digests = run("SELECT DISTINCT unnest(refused).digest FROM staged_page WHERE len(refused) > 0").fetchall()
        if digests:
            kept = {digest: raw.hex() for (digest,) in digests if (raw := self.log.refused(digest)) is not None}
            run(read_sql("lake/insert_refused.sql"), {"kept": json.dumps(kept)})


def catch_up(book: Book | Path, progress: Progress | None = None) -> int:
    """Bring a book's lake up to its log; return the last page number."""
    with LakeWriter(book) as writer:
        return writer.catch_up(progress)


def rebuild(book: Book | Path, progress: Progress | None = None) -> int:
    """Build the lake anew from page 1, whatever is there; return the last page number."""
    path = book.path if isinstance(book, Book) else book
    lock = WriterLock(path / "lake.lock")
    try:
        shutil.rmtree(lake_files.folder_of(path), ignore_errors=False) if lake_files.folder_of(path).exists() else None
    finally:
        lock.release()
    return catch_up(path, progress)


def _open(folder: Path) -> DuckDBPyConnection:
    (folder / "files").mkdir(parents=True, exist_ok=True)
    connection = lake_files.connect()
    lake_files.attach(connection, folder, writable=True)
    with lake_files.reading(folder):
        known = connection.execute("SELECT count(*) FROM duckdb_tables() WHERE database_name = 'lake'").fetchone()
        if known == (0,):
            connection.execute(f"BEGIN; {read_sql('lake/tables.sql')} COMMIT")
    return connection


def _batches(pages: Iterator[StoredPage]) -> Iterator[list[StoredPage]]:
    batch: list[StoredPage] = []
    length = 0
    for page in pages:
        batch.append(page)
        length += len(page.stored)
        if length >= COMMIT_BYTES_MAX:
            yield batch
            batch, length = [], 0
    if batch:
        yield batch


def _plain(document: str) -> str:
    entry = read_entry(document)
    if isinstance(entry, EntryReversed):
        entry = entry.model_copy(update={"original": read_entry(entry.original).model_dump_json(exclude_none=True)})
    return entry.model_dump_json(exclude_none=True)
