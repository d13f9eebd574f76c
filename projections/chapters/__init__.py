"""The rules about cases, a chapter each: folded under their own key, whichever site an entry is about.

`Chapters` is the table of contents. A chapter is a module with TAKES, `take` and `due` (`telling.Chapter`); its
state is the field of its name. Nothing here writes, and nothing here knows the hour: `due` is asked with a moment.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, cast

from projections.cases import Case
from projections.chapters import (
    classes,
    donations,
    emergency,
    handovers,
    market,
    packing,
    requisitions,
    returns,
    settlements,
    standing,
    usage,
)
from projections.chapters.classes import Classes
from projections.chapters.donations import Donations
from projections.chapters.emergency import Emergency
from projections.chapters.handovers import Handovers
from projections.chapters.market import Market
from projections.chapters.packing import Packing
from projections.chapters.requisitions import Requisitions
from projections.chapters.returns import Returns
from projections.chapters.settlements import Settlements
from projections.chapters.standing import Standing
from projections.chapters.telling import Chapter, Told, Wanted
from projections.chapters.usage import Usage
from projections.movements import original_of
from schemas.alerts import Alert
from schemas.corrections import EntryReversed
from schemas.document import EVERY_SITE
from schemas.entry import CatalogueEntry, Entry, ReversibleEntry
from schemas.page import FIRST_SEAL, AdmittedEntry, Page
from schemas.watching import AlertAcknowledged


@dataclass(slots=True)
class Chapters:
    """What every chapter knows after `page`. One volume, or several told entry by entry."""

    page: int = 0
    seal: str = FIRST_SEAL
    standing: Standing = field(default_factory=Standing)
    taken: set[str] = field(default_factory=set)
    """Entries some chapter has taken: what a reversal can undo."""
    undone: set[str] = field(default_factory=set)
    """Entries reversed before they came."""
    emergency: Emergency = field(default_factory=Emergency)
    classes: Classes = field(default_factory=Classes)
    requisitions: Requisitions = field(default_factory=Requisitions)
    market: Market = field(default_factory=Market)
    settlements: Settlements = field(default_factory=Settlements)
    donations: Donations = field(default_factory=Donations)
    handovers: Handovers = field(default_factory=Handovers)
    packing: Packing = field(default_factory=Packing)
    returns: Returns = field(default_factory=Returns)
    usage: Usage = field(default_factory=Usage)


CHAPTERS: dict[str, Chapter] = {
    "emergency": cast("Chapter", emergency),
    "classes": cast("Chapter", classes),
    "requisitions": cast("Chapter", requisitions),
    "market": cast("Chapter", market),
    "settlements": cast("Chapter", settlements),
    "donations": cast("Chapter", donations),
    "handovers": cast("Chapter", handovers),
    "packing": cast("Chapter", packing),
    "returns": cast("Chapter", returns),
    "usage": cast("Chapter", usage),
}
"""Field of `Chapters` → the module that keeps it."""

_READERS: dict[type[Any], list[tuple[str, Wanted, Callable[..., None]]]] = {}
for _name, _chapter in CHAPTERS.items():
    for _family, _wanted in _chapter.TAKES.items():
        _READERS.setdefault(_family, []).append((_name, _wanted, _chapter.take))
_ALWAYS = frozenset({AlertAcknowledged, EntryReversed})


def evolve(state: Chapters, page: Page, seal: str) -> Chapters:
    """Take one page into the chapters. A page already taken changes nothing."""
    header = page.header
    if header.page <= state.page:
        return state
    assert header.page == state.page + 1, f"page {header.page} follows {state.page}"
    for admitted in page.entries:
        if concerns(admitted.entry):
            take(state, admitted, header.recorded_at, header.volume)
    state.page, state.seal = header.page, seal
    return state


def concerns(entry: Entry) -> bool:
    """Tell whether any chapter takes an entry: what a relay has to carry."""
    if entry.site == EVERY_SITE or type(entry) in _ALWAYS:
        return True
    for _, wanted, _ in _READERS.get(type(entry), ()):  # noqa: SIM110 - asked of every entry; a generator costs twice as much
        if wanted(entry):
            return True
    return False


def take(state: Chapters, admitted: AdmittedEntry, recorded_at: datetime, volume: int) -> None:
    """Take one entry. Each entry is to come once; in which order entries of two sites come changes nothing."""
    entry = admitted.entry
    if isinstance(entry, EntryReversed):
        name, original = str(entry.reverses), original_of(entry)
        told = Told(original, -1, entry.readings, name, recorded_at, (volume, admitted.seq))
        if name in state.taken:
            state.taken.discard(name)
            _tell(state, told)
        elif concerns(original):
            state.undone.add(name)
    elif isinstance(entry, AlertAcknowledged):
        standing.answer(state.standing, entry)
    elif isinstance(entry, CatalogueEntry):
        standing.take(state.standing, entry, recorded_at)
    else:
        assert isinstance(entry, ReversibleEntry)
        name = f"{entry.site}/{entry.source}/{entry.number}"
        if name in state.undone:
            state.undone.discard(name)
            return
        state.taken.add(name)
        _tell(state, Told(entry, 1, admitted.readings, name, recorded_at, (volume, admitted.seq)))


def _tell(state: Chapters, told: Told) -> None:
    for name, wanted, take_it in _READERS.get(type(told.entry), ()):
        if wanted(told.entry):
            take_it(getattr(state, name), told, state.standing)


def due(state: Chapters, now: datetime) -> tuple[Alert, ...]:
    """Return the alerts of every chapter that hold at `now`, ordered by identity. Days are those of `now`'s offset."""
    cases = [
        case for name, chapter in CHAPTERS.items() for case in chapter.due(getattr(state, name), state.standing, now)
    ]
    return tuple(_answered(state, case).as_alert() for case in sorted(cases, key=lambda c: c.alert))


def _answered(state: Chapters, case: Case) -> Case:
    """Say who has taken a case on, if it was after the case began."""
    answer = state.standing.answers.get(case.alert)
    if answer is None or answer.at < case.changed_at:
        return case
    return replace(case, state="acknowledged", acknowledged_by=answer.by, changed_at=answer.at)
