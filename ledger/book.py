"""A book in a folder: the log, the folds over it, and the door through which submissions become pages.

book/log.sqlite3    the book itself       book/snapshots/   caches of folds
book/log.tip        where the log ended   book/lake/        the book as tables, for SQL
"""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from ledger import folds as live
from ledger.admission import decide, open_volume
from ledger.errors import BrokenEnvironment, Damage, WrongUse
from ledger.folds import Folds
from ledger.logs.embedded import EmbeddedLog, StoredPage
from ledger.seals import digest_of, read_chain, read_page, seal_of, write_page
from ledger.settings import read_settings
from ledger.writer_lock import WriterLock
from schemas.alerts import Alert
from schemas.page import FIRST_SEAL, Opening, Page, Quarantined, Reason, Result, Sender, Submission

LOG_FILE = "log.sqlite3"
ZONE = timezone(timedelta(hours=8))
"""The zone in which a day of the book begins: China's one offset. The lake shows moments in it too."""
BYTES_A_SNAPSHOT = 32_000_000
"""Bytes of pages after which a new snapshot is due: a start never folds much more, one to three seconds' work."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one document."""

    index: int
    result: Result
    digest: str
    volume: int
    page: int
    seq: int | None = None
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """Documents of one sender on their way into the book."""

    sender: Sender
    documents: tuple[bytes, ...]
    recorded_at: datetime | None = None
    """Time recorded, taken from the input. Only a rehearsal may have it."""


class Book:
    """A book open for reading, or, with `writable`, for writing by this process alone."""

    def __init__(self, path: Path, log: EmbeddedLog, lock: WriterLock | None) -> None:
        """Use `create` or `open`."""
        self.path = path
        self.log = log
        self.lock = lock
        self.opening, self.id = _read_opening(log)
        self.folds: Folds = live.resume(self.id, 0, self.snapshots, self._seal_at)
        self.saved_at = min(self.folds.positions().values())
        self.unsaved_bytes = 0
        self.catch_up()

    @property
    def snapshots(self) -> Path:
        """Folder of the fold snapshots."""
        return self.path / "snapshots"

    @classmethod
    def create(
        cls, path: Path, *, nature: str, title: str = "", opened_at: datetime | None = None, book_id: str | None = None
    ) -> "Book":
        """Open a new book, real or rehearsal, and write its first page. A fixed `book_id` makes seals reproducible."""
        if nature not in ("real", "rehearsal"):
            raise WrongUse("nature_unknown", found=nature)
        log = EmbeddedLog.create(path / LOG_FILE)
        opening = Opening(nature=nature, volumes=1, title=title)  # type: ignore[arg-type]  # checked above
        book_id = book_id or f"bg-{secrets.token_hex(8)}"
        state = live.begin(book_id, 0).admission
        submission = Submission(0, opened_at or datetime.now(UTC), Sender(name="baogong"), ())
        stored, _ = write_page(open_volume(state, opening, submission))
        log.append([StoredPage(0, 1, stored)], [])
        log.close()
        return cls.open(path, writable=True)

    @classmethod
    def open(cls, path: Path, *, writable: bool = False) -> "Book":
        """Open an existing book. Raises `BookHeld`, `BrokenEnvironment`, `Damage`; `WrongUse` if it is on a cluster."""
        if read_settings(path).cluster is not None:
            raise WrongUse("book_on_cluster", path=path)
        if not (path / LOG_FILE).exists():
            raise BrokenEnvironment("book_missing", path=path)
        lock = WriterLock(path / "writer.lock") if writable else None
        log = None
        try:
            log = EmbeddedLog.open(path / LOG_FILE, writable=writable)
            return cls(path, log, lock)
        except BaseException:
            if log is not None:
                log.connection.close()
            if lock is not None:
                lock.release()
            raise

    def now(self) -> datetime:
        """Return the moment the book is at, in its zone: the clock's; in a rehearsal that of its last page (Q1)."""
        recorded_at = self.folds.admission.recorded_at
        if self.opening.nature == "rehearsal" and recorded_at is not None:
            return recorded_at.astimezone(ZONE)
        return datetime.now(ZONE)

    @property
    def volumes(self) -> tuple[Folds]:
        """The folds of its one volume."""
        return (self.folds,)

    def held(self, now: datetime) -> tuple[Alert, ...]:
        """Return the alerts that hold at a moment without an entry of their own: of time and of cases (D8)."""
        return self.folds.due(now)

    def catch_up(self) -> int:
        """Fold the pages written since; return the last page number. Readers call it to see what a writer has added."""
        after, seal = self.folds.least()
        with live.uncollected():
            for page, own in self._chain(after, seal):
                self.folds.take(page, own)
        return self.folds.admission.page

    def submit(
        self, documents: Sequence[bytes], sender: Sender, recorded_at: datetime | None = None
    ) -> tuple[Answer, ...]:
        """Admit documents as one submission; they are durable when this returns."""
        return self.submit_group([Letter(sender, tuple(documents), recorded_at)])[0]

    def submit_group(self, letters: Sequence[Letter]) -> list[tuple[Answer, ...]]:
        """Admit several submissions, a page each, in one commit. All are durable when this returns, or none is."""
        assert self.lock is not None, "the book was opened for reading"
        stored: list[StoredPage] = []
        kept: list[Quarantined] = []
        answers = []
        durable = self.folds.admission.page
        try:
            with live.uncollected():
                for letter in letters:
                    page = self.decide(letter)
                    written, seal = write_page(page)
                    stored.append(StoredPage(0, page.header.page, written))
                    kept.extend(page.quarantined)
                    self.folds.take(page, seal)
                    answers.append(_answers(letter, page))
            if stored:
                self.log.append(stored, [(q.digest, q.raw) for q in kept])
        except BaseException:  # whatever it was, the folds must not stay ahead of what is durable
            if self.folds.admission.page != durable:
                self._forget()
            raise
        self.unsaved_bytes += sum(len(page.stored) for page in stored)
        if self.unsaved_bytes >= BYTES_A_SNAPSHOT:
            self.save_snapshots()
        return answers

    def decide(self, letter: Letter) -> Page:
        """Say what the next page would be, without writing it: a dry run."""
        if letter.recorded_at is not None and self.opening.nature != "rehearsal":
            raise WrongUse("recorded_at_in_a_real_book")
        if letter.recorded_at is not None and letter.recorded_at.utcoffset() is None:
            raise WrongUse("recorded_at_without_offset", found=letter.recorded_at)
        state = self.folds.admission
        appended_at = letter.recorded_at or datetime.now(UTC)
        return decide(state, Submission(state.submission + 1, appended_at, letter.sender, letter.documents))

    def pages(self, after: int = 0, volume: int = 0) -> Iterator[tuple[Page, str]]:
        """Yield every page after a number, read and checked, with its seal."""
        assert volume == 0, "a book in a folder has one volume"
        seal = self._seal_at(after) if after else FIRST_SEAL
        if seal is not None:
            yield from self._chain(after, seal)

    def _chain(self, after: int, seal: str) -> Iterator[tuple[Page, str]]:
        return read_chain((stored.stored for stored in self.log.pages(0, after)), self.id, after, seal)

    def save_snapshots(self) -> None:
        """Write a snapshot of every fold."""
        live.save(self.folds, self.snapshots, 0)
        self.saved_at = self.folds.admission.page
        self.unsaved_bytes = 0

    def forget_snapshots(self) -> None:
        """Remove every snapshot, so that the next start folds from page 1."""
        for snapshot in self.snapshots.glob("*.snapshot"):
            snapshot.unlink()
        self.saved_at = self.folds.admission.page

    def close(self) -> None:
        """Save what makes the next start quick, and let go of the book."""
        try:
            if self.lock is not None and self.folds.admission.page != self.saved_at:
                self.save_snapshots()
        finally:
            self.log.close()
            if self.lock is not None:
                self.lock.release()

    def _seal_at(self, page: int) -> str | None:
        stored = self.log.page(0, page)
        return seal_of(stored.stored, page) if stored else None

    def _forget(self) -> None:
        """Go back to what is durable after a commit that failed."""
        self.folds = live.resume(self.id, 0, self.snapshots, self._seal_at)
        self.saved_at = min(self.folds.positions().values())
        self.catch_up()


def _read_opening(log: EmbeddedLog) -> tuple[Opening, str]:
    first = log.page(0, 1)
    if first is None:
        raise BrokenEnvironment("book_unopened", path=log.path)
    page, _ = read_page(first.stored, 1)
    if page.header.opening is None:
        raise Damage("page_unreadable", found="no opening")
    return page.header.opening, page.header.book


def _answers(letter: Letter, page: Page) -> tuple[Answer, ...]:
    header = page.header
    refused = {r.index: r for r in header.refused}
    seqs = iter(page.entries)
    answers = []
    for index, raw in enumerate(letter.documents):
        no = refused.get(index)
        if no is not None:
            answers.append(Answer(index, no.result, no.digest, header.volume, header.page, None, no.reason))
        else:
            seq = next(seqs).seq
            answers.append(Answer(index, Result.ADMITTED, digest_of(raw), header.volume, header.page, seq))
    return tuple(answers)
