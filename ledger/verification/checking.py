"""Verification (promises 3–5): the log against its seals, live folds against a replay, the lake against both.

It reads, compares and reports; it mends nothing. What is damaged is a row of the report, never a crash.
"""

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from ledger import folds as fold
from ledger.book import LOG_FILE, Book
from ledger.errors import LedgerError
from ledger.folds import Folds
from ledger.logs.embedded import EmbeddedLog
from ledger.seals import read_chain, read_page
from ledger.verification import lake as verify_lake
from ledger.verification.lake import FoundLake
from ledger.verification.rows import Compared, Report, broken, compare, whole

Progress = Callable[[int, int], None]
"""Told the last page replayed and the last page there is."""
_PAGES_A_NEWS = 100


def verify(book_path: Path, progress: Progress | None = None) -> Report:
    """Check everything a book holds against everything else. Raises `LedgerError` only if there is no log to read.

    A writer may go on meanwhile: the lake is looked at in one snapshot, and every comparison is at one page.
    """
    log = EmbeddedLog.open(book_path / LOG_FILE, writable=False)
    try:
        with verify_lake.look(book_path) as lake:
            return Report(tuple(_verify(book_path, log, lake, progress)))
    finally:
        log.close()


class _Replay:
    """The fold of the log from page 1, taken forward on demand; seals and chain are checked on the way."""

    def __init__(self, log: EmbeddedLog, progress: Progress | None) -> None:
        self.log = log
        self.progress = progress
        self.kept: dict[str, int] = {}
        """Digest of every refused document that is kept, and the page that lists it."""
        first = log.page(0, 1)
        self.book = read_page(first.stored, 1)[0].header.book if first else ""
        self.folds: Folds = fold.begin(self.book, 0)

    def to(self, last: int) -> None:
        """Go on to a page. Raises `Damage` at the first page that is not whole or does not continue the chain."""
        after, seal = self.folds.least()
        stored = (page.stored for page in islice(self.log.pages(0, after), max(0, last - after)))
        for page, own in read_chain(stored, self.book, after, seal):
            self.folds.take(page, own)
            number = page.header.page
            self.kept.update((r.digest, number) for r in page.header.refused if r.reason is not None)
            if self.progress is not None and number % _PAGES_A_NEWS == 0:
                self.progress(number, max(number, last))
        if self.progress is not None:
            self.progress(last, last)


def _verify(book_path: Path, log: EmbeddedLog, lake: FoundLake | Compared, progress: Progress | None) -> list[Compared]:
    rows = [_structure(log)]
    number = 0
    try:
        live = Book.open(book_path)
        try:
            replay = _Replay(log, progress)
            drawn = [lake] if isinstance(lake, Compared) else _draw(lake, log, replay)
            replay.to(live.folds.admission.page)
            number = replay.folds.admission.page
        finally:
            live.close()
    except LedgerError as error:
        return [*rows, broken("seals_and_chain", error, number)]  # by a book that is not whole nothing can be judged
    rows += [whole("seals_and_chain", number), _refused(log, replay.kept)]
    rows += _live(live.folds, replay.folds)
    return rows + drawn


def _structure(log: EmbeddedLog) -> Compared:
    try:
        log.integrity()
    except LedgerError as error:
        return broken("log_file", error)
    return whole("log_file", 1)


def _draw(lake: FoundLake, log: EmbeddedLog, replay: _Replay) -> list[Compared]:
    """Compare the lake with the log and with the replay at the page the lake is at."""
    at = verify_lake.position(lake, log)
    if at.differing:
        return [at]
    replay.to(lake.page)
    return [at, *verify_lake.content(lake, log), *verify_lake.figures(lake, replay.folds)]


def _refused(log: EmbeddedLog, kept: dict[str, int]) -> Compared:
    """Read back the bytes of every refused document; a digest must be listed on a page, and its bytes must be there."""
    differing, first = 0, ""
    for digest, page in kept.items():
        try:
            problem = "" if log.refused(digest) is not None else f"page {page}: {digest}: bytes missing"
        except LedgerError as error:
            problem = broken("", error).first_difference
        if problem:
            differing += 1
            first = first or problem
    return Compared("refused_documents", len(kept), differing, first)


def _live(live: Folds, replayed: Folds) -> list[Compared]:
    one, other = dict(_parts("live", live)), dict(_parts("live", replayed))
    return [compare(name, one[name], other[name], "live|replay") for name in one]


def _parts(name: str, state: object) -> Iterator[tuple[str, dict[Any, Any]]]:
    """Spread a fold out as mappings that can be compared key by key; what is no mapping is compared as one of them."""
    single: dict[Any, Any] = {}
    for part in fields(state):  # type: ignore[arg-type]  # every fold is a dataclass
        value = getattr(state, part.name)
        if is_dataclass(value):
            yield from _parts(f"{name}_{part.name}", value)
        elif isinstance(value, dict):
            yield f"{name}_{part.name}", value
        elif isinstance(value, set):
            yield f"{name}_{part.name}", dict.fromkeys(value, True)
        else:
            single[part.name] = value
    if single:
        yield name, single
