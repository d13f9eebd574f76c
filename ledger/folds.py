"""The live folds of one volume: each starts from its snapshot and the pages after it, then takes every page."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledger import admission, snapshots
from ledger.admission import Admission
from ledger.seals import read_page
from projections import stock, transfers
from projections.stock import Stock
from projections.transfers import Transfers
from schemas.page import Page


@dataclass(slots=True)
class Folds:
    """State of every fold of one volume. After `take(page)` all of them are at that page."""

    admission: Admission
    stock: Stock
    transfers: Transfers

    def take(self, page: Page, seal: str) -> None:
        """Take one page into every fold; each skips what it has."""
        for name, evolve in _EVOLVE.items():
            setattr(self, name, evolve(getattr(self, name), page, seal))

    def positions(self) -> dict[str, int]:
        """Return the page each fold is at."""
        return {name: getattr(self, name).page for name in _EVOLVE}


_EVOLVE: dict[str, Callable[[Any, Page, str], Any]] = {
    "admission": admission.evolve,
    "stock": stock.evolve,
    "transfers": transfers.evolve,
}
_KINDS: dict[str, type[Any]] = {"admission": Admission, "stock": Stock, "transfers": Transfers}


def begin(book: str, volume: int) -> Folds:
    """Return the folds of a volume before its first page."""
    return Folds(Admission(book, volume), Stock(), Transfers())


def replay(book: str, volume: int, pages: Iterable[bytes]) -> Folds:
    """Fold stored pages from the first one: the figures nobody has to take on trust."""
    folds = begin(book, volume)
    for stored in pages:
        folds.take(*read_page(stored))
    return folds


def resume(book: str, volume: int, folder: Path, seal_at: Callable[[int], str | None]) -> Folds:
    """Return folds as their snapshots have them. A snapshot that is damaged, or of another chain, is left unused."""
    folds = begin(book, volume)
    for name, kind in _KINDS.items():
        state: Any = snapshots.load(_path(folder, volume, name), kind)
        if state is not None and state.page and seal_at(state.page) == state.seal:
            setattr(folds, name, state)
    return folds


def save(folds: Folds, folder: Path, volume: int) -> None:
    """Write a snapshot of every fold, each with the position it is at."""
    for name in _KINDS:
        snapshots.save(_path(folder, volume, name), getattr(folds, name))


def _path(folder: Path, volume: int, name: str) -> Path:
    return folder / f"{name}.{volume}.snapshot"
