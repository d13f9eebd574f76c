"""What alerts were told to whom: positions, idempotency keys, dead letters, and the door they leave by (HTTP).

A cache beside the book, in its own SQLite file. Delete it and nothing of the book changes: followers then begin with
the cases open now. It must not decide what is an alert.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from ledger.errors import BrokenEnvironment
from schemas.alerts import Alert

DELIVERIES_FILE = "deliveries.sqlite3"
TOLD_KEPT = 100_000
"""Idempotency keys remembered for each target."""
_TABLES = """
CREATE TABLE IF NOT EXISTS told (nr INTEGER PRIMARY KEY, target TEXT NOT NULL, key TEXT NOT NULL, UNIQUE (target, key));
CREATE TABLE IF NOT EXISTS dead (
    target TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL, tries INTEGER NOT NULL, found TEXT NOT NULL,
    since TEXT NOT NULL, PRIMARY KEY (target, key));
CREATE TABLE IF NOT EXISTS positions (follower TEXT PRIMARY KEY, number INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS timed (alert TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS waiting (nr INTEGER PRIMARY KEY, body TEXT NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An alert a target did not take, kept until it is delivered after all or given up."""

    target: str
    key: str
    alert: Alert
    tries: int
    found: str
    """What the target answered, or why it could not be reached."""
    since: datetime


class Deliveries:
    """The record of one book's deliveries. Raises `BrokenEnvironment` when its file cannot be used."""

    def __init__(self, book_path: Path) -> None:
        """Open the record beside a book, making it if there is none."""
        self.path = book_path / DELIVERIES_FILE
        with self._usable():
            self._db = sqlite3.connect(self.path, timeout=10, isolation_level=None, check_same_thread=False)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.executescript(_TABLES)

    def was_told(self, target: str, key: str) -> bool:
        """Tell whether a target has taken this transition."""
        with self._usable():
            found = self._db.execute("SELECT 1 FROM told WHERE target = ? AND key = ?", (target, key))
            return found.fetchone() is not None

    def note_told(self, target: str, key: str) -> None:
        """Note that a target took a transition; a dead letter of it is laid to rest."""
        with self._usable(), self._db:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute("INSERT OR IGNORE INTO told (target, key) VALUES (?, ?)", (target, key))
            self._db.execute("DELETE FROM dead WHERE target = ? AND key = ?", (target, key))
            self._db.execute(
                "DELETE FROM told WHERE target = ?1 AND nr <= (SELECT max(nr) FROM told WHERE target = ?1) - ?2",
                (target, TOLD_KEPT),
            )

    def bury(self, target: str, key: str, alert: Alert, tries: int, found: str) -> None:
        """Keep what a target did not take, with how often it was tried and what was found."""
        row = (target, key, alert.model_dump_json(), tries, found[:500], datetime.now(UTC).isoformat())
        with self._usable():
            self._db.execute(
                "INSERT INTO dead VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
                " tries = tries + excluded.tries, found = excluded.found",
                row,
            )

    def dead_letters(self, target: str | None = None) -> tuple[DeadLetter, ...]:
        """List what was not taken, oldest first."""
        with self._usable():
            rows = self._db.execute(
                "SELECT target, key, body, tries, found, since FROM dead"
                " WHERE ?1 IS NULL OR target = ?1 ORDER BY rowid",
                (target,),
            ).fetchall()
        return tuple(
            DeadLetter(to, key, Alert.model_validate_json(body), tries, found, datetime.fromisoformat(since))
            for to, key, body, tries, found, since in rows
        )

    def give_up(self, target: str, key: str) -> bool:
        """Remove a dead letter without delivering it; tell whether there was one."""
        with self._usable():
            gone = self._db.execute("DELETE FROM dead WHERE target = ? AND key = ?", (target, key))
            return gone.rowcount > 0

    def position(self, follower: str) -> int | None:
        """Return the running number a follower has come to; None when it never followed."""
        with self._usable():
            row = self._db.execute("SELECT number FROM positions WHERE follower = ?", (follower,)).fetchone()
        return int(row[0]) if row else None

    def timed(self) -> tuple[Alert, ...]:
        """Return the alerts of time as they were last told."""
        with self._usable():
            rows = self._db.execute("SELECT body FROM timed ORDER BY alert").fetchall()
        return tuple(Alert.model_validate_json(body) for (body,) in rows)

    def take_up(self, follower: str, number: int, timed: Iterable[Alert], changed: Iterable[Alert]) -> None:
        """Note in one step how far a follower has come, which alerts of time hold, and what is now to be told."""
        with self._usable(), self._db:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute("INSERT OR REPLACE INTO positions VALUES (?, ?)", (follower, number))
            self._db.execute("DELETE FROM timed")
            rows = [(alert.alert, alert.model_dump_json()) for alert in timed]
            self._db.executemany("INSERT INTO timed VALUES (?, ?)", rows)
            letters = [(alert.model_dump_json(),) for alert in changed]
            self._db.executemany("INSERT INTO waiting (body) VALUES (?)", letters)

    def waiting(self) -> tuple[tuple[int, Alert], ...]:
        """Return what was taken up and not yet brought to its end, in order, each with its place."""
        with self._usable():
            rows = self._db.execute("SELECT nr, body FROM waiting ORDER BY nr").fetchall()
        return tuple((nr, Alert.model_validate_json(body)) for nr, body in rows)

    def brought_to_end(self, place: int) -> None:
        """Note that everything up to a place was told, or kept as a dead letter."""
        with self._usable():
            self._db.execute("DELETE FROM waiting WHERE nr <= ?", (place,))

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    @contextmanager
    def _usable(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise BrokenEnvironment("deliveries_unusable", path=self.path, found=error) from error


class NotTaken(Exception):
    """A target did not take a letter. `again` says whether trying again can help."""

    def __init__(self, found: str, *, again: bool) -> None:
        """Keep what was found, for the dead letter."""
        super().__init__(found)
        self.found = found
        self.again = again


_WORTH_ANOTHER_TRY = frozenset({408, 425, 429})


def post(url: str, body: bytes, headers: dict[str, str], timeout: timedelta) -> None:
    """Send one letter by HTTP POST. Returns when it was taken (any 2xx); raises `NotTaken` otherwise."""
    try:
        answer = httpx.post(url, content=body, headers=headers, timeout=timeout.total_seconds())
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NotTaken(f"{type(error).__name__}: {error}", again=isinstance(error, httpx.TransportError)) from error
    if not answer.is_success:
        again = answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR or answer.status_code in _WORTH_ANOTHER_TRY
        raise NotTaken(f"HTTP {answer.status_code}", again=again)
