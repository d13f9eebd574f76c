"""What a scenario runs on: something that admits documents and answers for its stock. One class a runtime."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from ledger import folds as live
from ledger.book import ZONE, Book
from ledger.folds import Folds
from projections.alerts import changes_after
from schemas.alerts import Alert
from schemas.page import Result
from tests.spec import ANYONE


class Runtime(Protocol):
    """A book that runs somewhere. Its first page is written at `opened_at` under a fixed name, so seals repeat."""

    def submit(self, documents: Sequence[bytes], recorded_at: datetime) -> list[Result]:
        """Admit documents as one submission recorded at a moment; return what became of each."""

    def readings(self) -> list[list[dict[str, object]]]:
        """Return what the book read on the lines of each entry of its last page."""

    def folds(self) -> Folds:
        """Return the live folds, after all that was submitted."""

    def replayed(self) -> Folds:
        """Return the folds of a replay from the first page."""

    def alerts(self, wanted: list[str]) -> list[str]:
        """Return what it says of alerts (`alerts_said`); one that says it a little later is waited for."""

    def close(self) -> None:
        """Let go of it."""


class Embedded:
    """The embedded runtime."""

    def __init__(self, folder: Path, book_id: str, opened_at: datetime) -> None:
        self.book = Book.create(folder / "book", nature="rehearsal", opened_at=opened_at, book_id=book_id)

    def submit(self, documents: Sequence[bytes], recorded_at: datetime) -> list[Result]:
        return [answer.result for answer in self.book.submit(documents, ANYONE, recorded_at)]

    def readings(self) -> list[list[dict[str, object]]]:
        page, _ = next(self.book.pages(self.book.folds.admission.page - 1))
        return [[r.written() for r in entry.readings] for entry in page.entries]

    def folds(self) -> Folds:
        return self.book.folds

    def replayed(self) -> Folds:
        return live.replay(self.book.id, 0, (stored.stored for stored in self.book.log.pages()))

    def alerts(self, wanted: list[str]) -> list[str]:
        return alerts_said(self.folds())

    def close(self) -> None:
        self.book.close()


def alerts_said(folds: Folds) -> list[str]:
    """Write every transition of entries there was, and every case of time that is open at the last page."""
    recorded_at, changes = folds.admission.recorded_at, changes_after(folds.alerts, 0)
    assert recorded_at is not None
    assert changes is not None
    return written((*changes, *folds.due(recorded_at.astimezone(ZONE))))


def written(alerts: Iterable[Alert]) -> list[str]:
    """Write alerts as people compare them, in order of their numbers and names."""
    return [
        f"{a.number or 'open'} {a.alert} {a.state} {a.severity} {a.facts if a.number else ''}"
        for a in sorted(alerts, key=lambda a: (a.number, a.alert))
    ]
