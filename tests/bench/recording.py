"""Recording on the embedded runtime: admission and folds alone, then durable; 1 and 100 lines a document."""

from collections.abc import Iterator

from ledger import folds as live
from ledger.admission import decide, open_volume
from ledger.seals import write_page
from schemas.page import Opening, Submission
from tests.bench.books import SENDER, commits, lines_recorded, recorded
from tests.bench.figures import Figure, Figures, Run, Watch
from tests.bench.trade import Trade, catalogue
from tests.spec import START


def admission_fold(run: Run) -> Figures:
    """`decide`, sealing and every fold, in memory: the arithmetic of the book without its disk."""
    return {f"admission_fold_{per}": _admission_fold(run.share(0.1 if per == 1 else 0.2), per) for per in (1, 100)}


def _admission_fold(lines: int, per_document: int) -> Figure:
    folds = live.begin("bg-bench", 0)
    first, seal = (
        open_volume(folds.admission, Opening(nature="rehearsal", volumes=1), Submission(0, START, SENDER, ())),
        "",
    )
    _, seal = write_page(first)
    folds.take(first, seal)
    watch = Watch()
    for documents in _pages(lines, per_document):
        with watch.on():
            page = decide(folds.admission, Submission(folds.admission.page, START, SENDER, documents))
            folds.take(page, write_page(page)[1])
        assert not page.header.refused, "made-up trade is all admitted"
    lines_a_second = lines / sum(watch.laps[1:])
    return Figure(round(lines_a_second), "lines/s", note="decide, seal, all folds; no disk")


def _pages(lines: int, per_document: int) -> Iterator[tuple[bytes, ...]]:
    yield tuple(catalogue())
    for commit in commits(Trade().documents(lines, per_document), per_document):
        yield from commit


def book_submit(run: Run) -> Figures:
    """The whole embedded book: admission, folds, SQLite with a synced commit every 1,000 documents, snapshots."""
    figures = {}
    for per in (1, 100):
        _, seconds = recorded(run, per)
        lines = lines_recorded(run, per)
        note = f"{lines:,} lines: durable, folded, snapshots and closing included"
        figures[f"book_submit_{per}"] = Figure(round(lines / seconds), "lines/s", note=note)
    return figures
