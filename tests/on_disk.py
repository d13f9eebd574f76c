"""A rehearsal book in a folder with its lake, for tests that ask SQL: documents of tests.spec in, rows out."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from duckdb import DuckDBPyConnection

from ledger.book import Answer, Book
from ledger.lake import Lake, catch_up
from schemas.page import Result
from tests.spec import ANYONE, Doc, Numbers


class OnDisk:
    """A book being written. `clock` is the time recorded of the next submission."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.clock = datetime.fromisoformat("2020-01-29T12:30:00+08:00")
        self.book = Book.create(path, nature="rehearsal", opened_at=self.clock)
        self.numbers = Numbers()

    def submit(self, *documents: Doc | bytes, recorded: str | None = None) -> tuple[Answer, ...]:
        """Send documents as one submission, a minute later or at a given moment."""
        self.clock = datetime.fromisoformat(recorded) if recorded else self.clock + timedelta(minutes=1)
        raws = [d if isinstance(d, bytes) else d.numbered(self.numbers).bytes() for d in documents]
        return self.book.submit(raws, ANYONE, self.clock)

    def admit(self, *documents: Doc, recorded: str | None = None) -> None:
        """Send documents that are all to be admitted."""
        answers = self.submit(*documents, recorded=recorded)
        assert {a.result for a in answers} == {Result.ADMITTED}, [a for a in answers if a.reason]

    def number(self, document: Doc) -> Doc:
        """Give a document its number before it is sent, so that others can name it."""
        return document.numbered(self.numbers)

    def lake(self) -> DuckDBPyConnection:
        """Bring the lake up to date and connect to it."""
        catch_up(self.book)
        return Lake.connect(self.path, still=True)


def rows(connection: DuckDBPyConnection, sql: str, parameters: Iterable[Any] = ()) -> list[dict[str, Any]]:
    """Return the rows of a question as dictionaries."""
    found = connection.execute(sql, list(parameters))
    names = [c[0] for c in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
