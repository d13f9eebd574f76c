"""What a book answers, wherever its log is: its folds volume by volume, its pages, and where all of it stands.

Two answer so: `ledger.book.Book`, in a folder, and `ledger.logs.kafka.following.Following`, on a cluster. What readers
want of several volumes is put together here. Documents for every site stand in every volume: they are told once.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ledger.book import Book
from ledger.folds import Folds
from ledger.settings import read_settings
from projections.alerts import changes_after, open_alerts
from projections.catalogue import ItemFacts
from schemas.alerts import Alert
from schemas.document import EVERY_SITE
from schemas.page import Opening, Page

if TYPE_CHECKING:
    from ledger.logs.kafka.following import Following


class Standing(Protocol):
    """A book as one reader has it, as far as it was read."""

    path: Path
    """The folder of its lake, tokens and snapshots."""
    id: str
    opening: Opening

    @property
    def volumes(self) -> Sequence[Folds]:
        """The folds of every volume, in order."""

    def now(self) -> datetime:
        """Return the moment the book is at, in its zone."""

    def held(self, now: datetime) -> tuple[Alert, ...]:
        """Return the alerts that hold at a moment without an entry of their own: of time and of cases (D8)."""

    def catch_up(self) -> object:
        """Fold the pages written since."""

    def pages(self, after: int = 0, volume: int = 0) -> Iterator[tuple[Page, str]]:
        """Yield every page of a volume after a number, read and checked, with its seal."""

    def close(self) -> None:
        """Let go of it."""


class Keeping(Standing, Protocol):
    """A book with the snapshots of its folds in hand."""

    def save_snapshots(self) -> None:
        """Write a snapshot of every fold."""

    def forget_snapshots(self) -> None:
        """Remove every snapshot, so that the next start folds from page 1."""


def open_book(path: Path, *, nature: str, title: str, opened_at: datetime | None) -> str:
    """Open a new book where the settings of a folder say its log is; return what it is called."""
    cluster = read_settings(path).cluster
    if cluster is None:
        made = Book.create(path, nature=nature, title=title, opened_at=opened_at)
        made.close()
        return made.id
    from ledger.logs.kafka import writing  # noqa: PLC0415 - only a book on a cluster loads a Kafka client

    return writing.open_book(cluster, nature=nature, title=title, opened_at=opened_at).book


def open_to_keep(path: Path) -> Keeping:
    """Open the book of a folder for the one process that writes there; on a cluster for one of any number."""
    return Book.open(path, writable=True) if read_settings(path).cluster is None else _follow(path)


def open_standing(path: Path) -> Standing:
    """Open the book of a folder for reading, wherever its log is. Raises `LedgerError`."""
    return Book.open(path) if read_settings(path).cluster is None else _follow(path)


def _follow(path: Path) -> "Following":
    from ledger.logs.kafka.following import Following  # noqa: PLC0415 - only a book on a cluster loads a Kafka client

    cluster = read_settings(path).cluster
    assert cluster is not None, "a book that is not in a folder is on a cluster"
    return Following(path, cluster)


def position(standing: Standing) -> dict[str, int]:
    """Return the last page of every volume."""
    return {str(volume): folds.admission.page for volume, folds in enumerate(standing.volumes)}


def said_position(standing: Standing) -> str:
    """Write the position for people: the page; of several volumes each with its page."""
    pages = position(standing)
    return str(pages["0"]) if len(pages) == 1 else " ".join(f"{volume}:{page}" for volume, page in pages.items())


def seals(standing: Standing) -> dict[str, str]:
    """Return the seal of the last page of every volume."""
    return {str(volume): folds.admission.seal for volume, folds in enumerate(standing.volumes)}


def recorded_at(volumes: Sequence[Folds]) -> datetime | None:
    """Return when the last page of all was recorded; None before the first."""
    return max((f.admission.recorded_at for f in volumes if f.admission.recorded_at is not None), default=None)


def item_meant(standing: Standing, written: str) -> ItemFacts | None:
    """Return the item a name, id, GTIN or synonym means."""
    found = (folds.admission.catalogue.find(written) for folds in standing.volumes)
    return next((facts for facts in found if facts is not None), None)


def opened(standing: Standing) -> tuple[Alert, ...]:
    """Return the open cases of entries, volume by volume, oldest transition first."""
    return tuple(a for volume, f in enumerate(standing.volumes) for a in open_alerts(f.alerts) if _is_told(a, volume))


def told_to(standing: Standing) -> tuple[int, ...]:
    """Return the running number of the last transition in every volume: where a follower goes on."""
    return tuple(folds.alerts.number for folds in standing.volumes)


def changes_since(standing: Standing, told: Sequence[int]) -> list[tuple[int, Alert]] | None:
    """Return the transitions after running numbers, each with its volume; None when some are no longer remembered."""
    changes: list[tuple[int, Alert]] = []
    for volume, (folds, number) in enumerate(zip(standing.volumes, told, strict=True)):
        of_volume = None if number > folds.alerts.number else changes_after(folds.alerts, number)
        if of_volume is None:
            return None
        changes += [(volume, alert) for alert in of_volume if _is_told(alert, volume)]
    return changes


def _is_told(alert: Alert, volume: int) -> bool:
    return volume == 0 or alert.site != EVERY_SITE
