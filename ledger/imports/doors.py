"""Where an import sends its documents: into the book, or to the same judge without writing (a dry run)."""

from collections.abc import Sequence
from copy import deepcopy
from datetime import UTC, datetime
from typing import NamedTuple, Protocol

from ledger import admission
from ledger.admission import Admission
from ledger.book import Book, Letter
from ledger.seals import write_page
from schemas.page import Reason, Result, Sender, Submission


class Outcome(NamedTuple):
    """What became of one document."""

    result: Result
    reason: Reason | None


class Portion(NamedTuple):
    """Documents that go on one page, and the time recorded they state, if any."""

    documents: tuple[bytes, ...]
    recorded_at: datetime | None


class Door(Protocol):
    """Takes documents and answers each."""

    @property
    def known(self) -> Admission:
        """What admission knows now."""
        ...

    def submit(self, portions: Sequence[Portion]) -> list[list[Outcome]]:
        """Answer every document of every portion, in order."""
        ...


class BookDoor:
    """The book itself. All portions are durable when `submit` returns, or none is."""

    def __init__(self, book: Book, sender: Sender) -> None:
        self.book = book
        self.sender = sender

    @property
    def known(self) -> Admission:
        """What admission knows now."""
        return self.book.folds.admission

    def submit(self, portions: Sequence[Portion]) -> list[list[Outcome]]:
        """Answer every document of every portion, in order."""
        letters = [Letter(self.sender, portion.documents, portion.recorded_at) for portion in portions]
        return [[Outcome(a.result, a.reason) for a in answers] for answers in self.book.submit_group(letters)]


class DryDoor:
    """The judge alone, on a copy of what admission knows. Nothing is written."""

    def __init__(self, book: Book, sender: Sender) -> None:
        self.state = deepcopy(book.folds.admission)
        self.sender = sender

    @property
    def known(self) -> Admission:
        """What admission knows now."""
        return self.state

    def submit(self, portions: Sequence[Portion]) -> list[list[Outcome]]:
        """Answer every document of every portion, in order."""
        return [self._answer(portion) for portion in portions]

    def _answer(self, portion: Portion) -> list[Outcome]:
        at = portion.recorded_at or datetime.now(UTC)
        submission = Submission(self.state.submission + 1, at, self.sender, portion.documents)
        page = admission.decide(self.state, submission)
        self.state = admission.evolve(self.state, page, write_page(page)[1])
        refused = {r.index: Outcome(r.result, r.reason) for r in page.header.refused}
        return [refused.get(index, _ADMITTED) for index in range(len(portion.documents))]


_ADMITTED = Outcome(Result.ADMITTED, None)
