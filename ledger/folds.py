"""The live folds of one volume: each starts from its snapshot and the pages after it, then takes every page."""

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from pathlib import Path
from typing import Any

from ledger import admission, snapshots
from ledger.admission import Admission
from ledger.seals import read_chain
from projections import alerts, chapters, timed_alerts, transfers
from projections.alerts import AlertState
from projections.chapters import Chapters
from projections.policy import Policies
from projections.stock import Stock
from projections.transfers import Transfers
from schemas.alerts import Alert
from schemas.page import FIRST_SEAL, Page

by_identity = attrgetter("alert")


@dataclass(slots=True)
class Folds:
    """State of every fold of one volume. After `take(page)` all of them are at that page."""

    admission: Admission
    transfers: Transfers
    alerts: AlertState
    chapters: Chapters

    @property
    def stock(self) -> Stock:
        """Stock as alerts are judged by it."""
        return self.alerts.stock

    @property
    def policy(self) -> Policies:
        """Policy as recorded; ask it with `projections.policy.policy`."""
        return self.alerts.policy

    def take(self, page: Page, seal: str) -> None:
        """Take one page into every fold; each skips what it has."""
        for name, evolve in _EVOLVE.items():
            setattr(self, name, evolve(getattr(self, name), page, seal))

    def due(self, now: datetime) -> tuple[Alert, ...]:
        """Return the alerts that hold at a moment without an entry of their own: of time and of cases (D8)."""
        return tuple(sorted((*timed_alerts.due(self.alerts, now), *chapters.due(self.chapters, now)), key=by_identity))

    def positions(self) -> dict[str, int]:
        """Return the page each fold is at."""
        return {name: getattr(self, name).page for name in _EVOLVE}

    def least(self) -> tuple[int, str]:
        """Return the page and seal of the fold that is furthest behind."""
        states = [getattr(self, name) for name in _EVOLVE]
        return min((state.page, state.seal) for state in states)


_EVOLVE: dict[str, Callable[[Any, Page, str], Any]] = {
    "admission": admission.evolve,
    "transfers": transfers.evolve,
    "alerts": alerts.evolve,
    "chapters": chapters.evolve,
}
_KINDS: dict[str, type[Any]] = {
    "admission": Admission, "transfers": Transfers, "alerts": AlertState, "chapters": Chapters
}  # fmt: skip


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep Python's collector of cycles still while pages are read and folded: they make none, and it would walk the
    whole state again and again (a third of the time of a replay).
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def begin(book: str, volume: int) -> Folds:
    """Return the folds of a volume before its first page."""
    return Folds(Admission(book, volume), Transfers(), AlertState(), Chapters())


def replay(book: str, volume: int, pages: Iterable[bytes]) -> Folds:
    """Fold stored pages from the first one: the figures nobody has to take on trust."""
    folds = begin(book, volume)
    with uncollected():
        for page, seal in read_chain(pages, book, 0, FIRST_SEAL):
            folds.take(page, seal)
    return folds


def resume(book: str, volume: int, folder: Path, seal_at: Callable[[int], str | None]) -> Folds:
    """Return folds as their snapshots have them. A snapshot that is damaged, or of another chain, is left unused."""
    folds = begin(book, volume)
    with uncollected():
        for name, kind in _KINDS.items():
            state: Any = snapshots.load(_path(folder, volume, name), kind)
            if state is not None and state.page and seal_at(state.page) == state.seal:
                setattr(folds, name, state)
    return folds


def save(folds: Folds, folder: Path, volume: int) -> None:
    """Write a snapshot of every fold, each with the position it is at."""
    with uncollected():
        for name in _KINDS:
            snapshots.save(_path(folder, volume, name), getattr(folds, name))


def _path(folder: Path, volume: int, name: str) -> Path:
    return folder / f"{name}.{volume}.snapshot"
