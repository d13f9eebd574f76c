"""The outbox of a device or desk: a document is numbered and saved here before its first send, and kept until answered.

kill -9 at any point loses nothing that was saved and counts nothing twice: numbers never change, and the book knows
them again. It must not judge documents: what is wrong with one the book says, and it stays here marked with that.
"""

import hashlib
import json
import re
import secrets
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ledger.courier import Courier, TooMuch
from ledger.errors import BrokenEnvironment, Damage, WrongUse
from schemas.document import EVERY_SITE

BATCH_DOCUMENTS = 100
"""Documents sent at once: fewer than the digests admission keeps a source, so that a whole batch can be repeated."""
BATCH_BYTES = 2_000_000
_EPOCH_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
_EPOCH_LENGTH = 6
_SCHEMA = """
CREATE TABLE outbox (source TEXT NOT NULL) STRICT;
CREATE TABLE counters (site TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT;
CREATE TABLE documents (
    place INTEGER PRIMARY KEY, site TEXT, number INTEGER, origin TEXT UNIQUE, document BLOB NOT NULL,
    result TEXT, answer TEXT, UNIQUE (site, number)
) STRICT;
CREATE INDEX unanswered ON documents (place) WHERE result IS NULL;
"""
DELIVERED = ("admitted", "already_admitted")


@dataclass(frozen=True, slots=True)
class Saved:
    """One document of the outbox. `result` and `answer` are None until the book has answered."""

    place: int
    document: bytes
    result: str | None = None
    answer: dict[str, Any] | None = None


class Carrier(Protocol):
    """What brings documents to the book and its answers back: the gateway, or the book itself."""

    def carry(self, documents: Sequence[bytes], waiting: int, outbox: Path) -> list[dict[str, Any]]:
        """Return one answer a document, in order, when they are durable. Raises `LedgerError`; `TooMuch`."""


class Outbox:
    """Documents waiting for the book, in one SQLite file that is synced before `add` returns."""

    def __init__(self, path: Path, source_name: str | None = None) -> None:
        """Open the outbox, or make it with a fresh epoch. Raises `LedgerError`, also if it is another source's."""
        self.path = path
        if source_name is not None and not re.fullmatch(r"\w[\w-]{0,63}", source_name):
            raise WrongUse("outbox_source_bad", found=source_name)
        with self._usable():
            path.parent.mkdir(parents=True, exist_ok=True)
            self.connection = sqlite3.connect(path, isolation_level=None, timeout=10)
            self.connection.execute("PRAGMA journal_mode = WAL")
            self.connection.execute("PRAGMA synchronous = FULL")
            self.source = self._begin(source_name)
        if source_name is not None and self.source.split(".")[0] != source_name:
            self.close()
            raise WrongUse("outbox_of_another", path=path, expected=self.source, found=source_name)

    def add(self, kind: str, site: str, fields: Mapping[str, Any]) -> str:
        """Number a document, save it, and return its identity `site/source/number`. It is durable when this returns.

        `kind` carries its version (`goods_received.v1`); `fields` is all else of the document but source and number.
        """
        with self._transaction():
            number = self._mint(site)
            self._keep(site, number, None, self._written(kind, site, number, fields))
        return f"{site}/{self.source}/{number}"

    def add_lines(self, lines: Iterable[bytes]) -> tuple[list[int], int]:
        """Save documents of a file, one a line; those without source and number get them here.

        A line saved before (the same bytes, the nth time in its file) is found again, not numbered anew: a file can be
        given twice. Return the place of each, and how many of them were saved before.
        """
        times: Counter[bytes] = Counter()
        places, known = [], 0
        with self._transaction():
            for line in (given.rstrip(b"\r\n") for given in lines if given.strip()):
                digest = hashlib.sha256(line).digest()
                times[digest] += 1
                place, old = self._add_line(line, f"{digest.hex()}.{times[digest]}")
                places.append(place)
                known += old
        return places, known

    def pending(self, limit: int = BATCH_DOCUMENTS) -> list[Saved]:
        """Return the oldest documents that have no answer yet, in order."""
        return self._select("result IS NULL ORDER BY place LIMIT ?", limit)

    def refused(self) -> list[Saved]:
        """Return the documents the book did not admit, with its reasons. They are not sent again."""
        return self._select("result IS NOT NULL AND result NOT IN (?, ?) ORDER BY place", *DELIVERED)

    def at(self, places: Sequence[int]) -> list[Saved]:
        """Return documents by their places."""
        return [saved for place in places for saved in self._select("place = ?", place)]

    def latest(self, limit: int) -> list[Saved]:
        """Return the documents saved last, oldest of them first."""
        return self._select("TRUE ORDER BY place DESC LIMIT ?", limit)[::-1]

    def waiting(self) -> int:
        """Return how many documents have no answer yet."""
        with self._usable():
            return int(self.connection.execute("SELECT count(*) FROM documents WHERE result IS NULL").fetchone()[0])

    def send(self, url: str, token: str, *, attempts: int = 8) -> int:
        """Send everything that waits to a gateway; return how many documents were answered. See `deliver`."""
        with Courier(url, token, attempts=attempts) as courier:
            return self.deliver(courier)

    def deliver(self, carrier: Carrier, progress: Callable[[int], None] = lambda answered: None) -> int:
        """Bring everything that waits to the book, oldest first; return how many were answered. Raises `LedgerError`.

        What was answered before a failure stays answered; the rest waits, in order.
        """
        answered, size = 0, BATCH_DOCUMENTS
        while batch := _within_bytes(self.pending(size)):
            documents = [saved.document for saved in batch]
            try:
                answers = carrier.carry(documents, self.waiting(), self.path)
            except TooMuch:
                if len(batch) > 1:
                    size = len(batch) // 2
                    continue
                answers = [_unsendable(documents[0])]
            self._mark(batch, answers)
            answered += len(batch)
            progress(answered)
        return answered

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    def _begin(self, source_name: str | None) -> str:
        """Make the tables and mint the epoch, all at once, unless they are there."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            if self.connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
                for statement in filter(str.strip, _SCHEMA.split(";")):
                    self.connection.execute(statement)
                epoch = "".join(secrets.choice(_EPOCH_LETTERS) for _ in range(_EPOCH_LENGTH))
                self.connection.execute("INSERT INTO outbox VALUES (?)", (f"{source_name or 'desk'}.{epoch}",))
            source = self.connection.execute("SELECT source FROM outbox").fetchone()[0]
            self.connection.execute("COMMIT")
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        return str(source)

    def _add_line(self, line: bytes, origin: str) -> tuple[int, bool]:
        row = self.connection.execute("SELECT place FROM documents WHERE origin = ?", (origin,)).fetchone()
        if row is not None:
            return int(row[0]), True
        fields = _unnumbered(line)
        if fields is None:
            return self._keep(None, None, origin, line), False
        kind, site = fields.pop("kind"), fields.pop("site", EVERY_SITE)
        number = self._mint(site)
        return self._keep(site, number, origin, self._written(kind, site, number, fields)), False

    def _mint(self, site: str) -> int:
        row = self.connection.execute(
            "INSERT INTO counters VALUES (?, 1) ON CONFLICT DO UPDATE SET last = last + 1 RETURNING last", (site,)
        ).fetchone()
        return int(row[0])

    def _keep(self, site: str | None, number: int | None, origin: str | None, document: bytes) -> int:
        inserted = self.connection.execute(
            "INSERT INTO documents (site, number, origin, document) VALUES (?, ?, ?, ?)",
            (site, number, origin, document),
        )
        assert inserted.lastrowid is not None
        return inserted.lastrowid

    def _written(self, kind: str, site: str, number: int, fields: Mapping[str, Any]) -> bytes:
        document = {"kind": kind, "site": site, "source": self.source, "number": number, **fields}
        return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")

    def _mark(self, batch: Sequence[Saved], answers: Sequence[Mapping[str, Any]]) -> None:
        rows = [
            (answer["result"], json.dumps(answer, ensure_ascii=False), saved.place)
            for saved, answer in zip(batch, answers, strict=True)
        ]
        with self._transaction():
            self.connection.executemany(
                "UPDATE documents SET result = ?, answer = ? WHERE place = ? AND result IS NULL", rows
            )

    def _select(self, where: str, *values: object) -> list[Saved]:
        with self._usable():
            rows = self.connection.execute(
                f"SELECT place, document, result, answer FROM documents WHERE {where}",  # noqa: S608 - `where` is ours
                values,
            ).fetchall()
        return [Saved(p, bytes(d), r, json.loads(a) if a else None) for p, d, r, a in rows]

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._usable():
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.connection.execute("COMMIT")
            except BaseException:
                self.connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _usable(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.OperationalError, OSError) as error:
            raise BrokenEnvironment("outbox_unusable", path=self.path, found=error) from error
        except sqlite3.DatabaseError as error:
            raise Damage("outbox_unusable", path=self.path, found=error) from error


def _unnumbered(line: bytes) -> dict[str, Any] | None:
    """Return the fields of a document that has neither source nor number; None for any other line: it goes as it is."""
    try:
        document = json.loads(line, object_pairs_hook=_said_once)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict) or "source" in document or "number" in document:
        return None
    named = isinstance(document.get("kind"), str) and isinstance(document.get("site", EVERY_SITE), str)
    return document if named else None


def _said_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse an object that names a field twice: writing it anew would choose one of them."""
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise ValueError("a field is said twice")
    return fields


def _within_bytes(batch: list[Saved]) -> list[Saved]:
    size = 0
    for index, saved in enumerate(batch):
        size += len(saved.document) + 1
        if index and size > BATCH_BYTES:
            return batch[:index]
    return batch


def _unsendable(document: bytes) -> dict[str, Any]:
    facts = {"found": str(len(document))}
    return {"result": "unsendable", "reason": {"code": "document_unsendable", "facts": facts}}
