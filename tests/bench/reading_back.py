"""Reading a book back: replay from page 1, and how soon a killed writer's book answers again."""

import shutil
from collections.abc import Callable
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median

import orjson

from ledger import folds as live
from ledger.book import BYTES_A_SNAPSHOT, Book
from ledger.seals import read_chain
from projections import chapters
from projections.chapters import Chapters
from schemas.entry import is_stock_entry
from schemas.page import FIRST_SEAL, Page
from tests.bench.books import lines_recorded, recorded
from tests.bench.figures import LINES, Figure, Figures, Run, Watch
from tests.bench.killed import answered, killed_while_writing
from tests.bench.trade import SITES

CHAPTER_PAGES = 30
TIMES = 3
"""Replays, of which the middle one counts: the machine is shared."""
UNSAVED_SHARE = 0.5
"""How much of the way to its next snapshot the writer is when it is killed: what a kill meets on the average."""


def replay(run: Run) -> Figures:
    """Every page from the first: read, seals and chain checked, decoded, folded. One core, no snapshot."""
    many, single = (recorded(run, per)[0] for per in (100, 1))
    seconds, seconds_single = median(_replayed(many) for _ in range(TIMES)), _replayed(single)
    lines, lines_single = (lines_recorded(run, per) for per in (100, 1))
    parsed = _parsed(many)
    note = (
        f"{lines:,} lines, 100 a document: {round(lines / seconds):,} lines/s; median of {TIMES}; "
        f"ratio to only parsing its JSON: {parsed:.2f} s"
    )
    note_single = f"{lines_single:,} lines, 1 a document, in {seconds_single:.1f} s"
    return {
        "replay_1m": Figure(round(seconds, 3), "s", round(parsed / seconds, 3), note),
        "replay_1": Figure(round(lines_single / seconds_single), "lines/s", note=note_single),
    }


def _parsed(path: Path) -> float:
    """Return the seconds it takes to read the same pages and parse their documents, and no more."""
    book, watch = Book.open(path), Watch()
    with live.uncollected(), watch.on():
        for page in book.log.pages():
            for document in page.stored.split(b"\n")[1:-1]:
                orjson.loads(document)
    book.close()
    return watch.seconds


def _replayed(path: Path) -> float:
    """Return the seconds a replay takes, whose figures must be those of the live book."""
    book, watch = Book.open(path), Watch()
    with watch.on():
        folds = live.replay(book.id, 0, (page.stored for page in book.log.pages()))
    assert folds.stock == book.folds.stock, "a replay gives the figures of the live book"
    book.close()
    return watch.seconds


def hot_path(run: Run) -> Figures:
    """What every line pays for the chapters of rules, most of which it does not concern: all folds with and without."""
    book = Book.open(recorded(run, 100)[0])
    stored = (page.stored for page in islice(book.log.pages(), CHAPTER_PAGES))
    pages = list(read_chain(stored, book.id, 0, FIRST_SEAL))
    book.close()
    lines = sum(len(entry.lines) for page, _ in pages for e in page.entries if is_stock_entry(entry := e.entry))
    whole, chapter = (min(_taken(fold(), pages) for _ in range(3)) for fold in (_all_folds, _chapters))
    note = f"{lines:,} decoded lines, 100 a document, through all folds; ratio to the same without the chapters"
    return {"hot_path": Figure(round(1e6 * whole / lines, 2), "µs/line", round(1 - chapter / whole, 3), note)}


Take = Callable[[Page, str], object]


def _all_folds() -> Take:
    return live.begin("", 0).take


def _chapters() -> Take:
    return partial(chapters.evolve, Chapters())


def _taken(take: Take, pages: list[tuple[Page, str]]) -> float:
    watch = Watch()
    with live.uncollected(), watch.on():
        for page, seal in pages:
            take(page, seal)
    return watch.seconds


def kill_to_serving(run: Run) -> Figures:
    """A writer is killed (SIGKILL) mid-stream, half-way to its next snapshot; a new process opens and answers."""
    made, _ = recorded(run, 100)
    path = run.folder / "book_killed"
    shutil.rmtree(path, ignore_errors=True)
    shutil.copytree(made, path, ignore=shutil.ignore_patterns("lake", "*.lock"))
    unsaved = UNSAVED_SHARE * min(1, run.lines / LINES)
    durable = killed_while_writing(path, unsaved)
    seconds, page, items = answered(path, SITES[0])
    assert page >= durable, f"page {durable} was durable, {page} is the last there is"
    assert items, "the shelf answers"
    tail = f"{round(unsaved * BYTES_A_SNAPSHOT / 1e6, 1)} MB of pages or more after its last snapshot"
    note = f"{run.share(1):,} lines, killed with {tail}; from starting Python to the stock of a site"
    return {"kill_to_serving": Figure(round(seconds, 3), "s", note=note)}
