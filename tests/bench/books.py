"""Books for benchmarks, recorded through the front door and kept for the others of the same run."""

import json
import shutil
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from ledger.book import Book, Letter
from schemas.page import Result, Sender
from tests.bench.figures import Run, Watch
from tests.bench.trade import Trade, catalogue

SENDER = Sender(name="bench")
DOCUMENTS_A_PAGE = 100
LINES_A_COMMIT_MAX = 10_000
DOCUMENTS_A_COMMIT = 1_000


def opened(path: Path) -> Book:
    """Return a new rehearsal book that knows the items."""
    shutil.rmtree(path, ignore_errors=True)
    book = Book.create(path, nature="rehearsal", title="bench")
    book.submit(catalogue(), SENDER)
    return book


Commit = list[tuple[bytes, ...]]
"""Pages of documents that become durable together."""


def commits(documents: Iterable[bytes], per_document: int, *, single: bool = False) -> Iterator[Commit]:
    """Yield documents in pages of 100, and pages in commits of 1,000 documents or 10,000 lines, what comes first.

    With `single` every document is a page and a commit of its own.
    """
    a_page = 1 if single else DOCUMENTS_A_PAGE
    pages = 1 if single else max(1, min(DOCUMENTS_A_COMMIT, LINES_A_COMMIT_MAX // per_document) // a_page)
    rest = iter(documents)
    while commit := [page for _ in range(pages) if (page := tuple(islice(rest, a_page)))]:
        yield commit


def record(book: Book, commits_made: Iterable[Commit], watch: Watch) -> None:
    """Submit commits; only the submitting is on the watch, not the making. Everything must be admitted."""
    for commit in commits_made:
        with watch.on():
            answers = book.submit_group([Letter(SENDER, page) for page in commit])
        assert all(a.result is Result.ADMITTED for page in answers for a in page), "made-up trade is all admitted"


def lines_recorded(run: Run, per_document: int) -> int:
    """Return the lines of the book others read: all of the run, or a quarter when every line is a document."""
    return run.share(1 if per_document > 1 else 0.25)


def recorded(run: Run, per_document: int) -> tuple[Path, float]:
    """Return a closed book with the lines of this run, and the seconds it took to record. Made once a run."""
    path = run.folder / f"book_{per_document}"
    said = path.with_suffix(".json")
    if not said.exists():
        book, watch = opened(path), Watch()
        record(book, commits(Trade().documents(lines_recorded(run, per_document), per_document), per_document), watch)
        with watch.on():
            book.close()
        said.write_text(json.dumps(watch.seconds))
    return path, json.loads(said.read_text())
