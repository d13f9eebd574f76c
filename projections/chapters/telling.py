"""What a chapter of rules is told of one entry, and what every chapter is: three names in a module.

A chapter keeps facts and judges nothing while it takes them: the same entries in any order leave the same state, and a
policy or state of emergency recorded late is heeded all the same. Judging is asked for, with a moment.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple, Protocol, TypeVar

from projections.cases import Case
from projections.chapters.standing import Standing
from projections.movements import AnyLine, read
from schemas.document import LineReading
from schemas.entry import Entry, ReversibleEntry

What = TypeVar("What")

Wanted = Callable[[Any], bool]
"""Tells whether a chapter takes an entry of a family; it looks at the document alone and at none of its lines."""


class Told(NamedTuple):
    """One entry as a chapter is told of it; for a reversal the entry it undoes, with sign -1."""

    entry: ReversibleEntry
    sign: int
    readings: tuple[LineReading, ...]
    name: str
    """site/source/number of `entry`."""
    recorded_at: datetime
    place: tuple[int, int]
    """Volume and sequence number: what came first in the book, when two entries happened at one moment."""

    def lines(self, lines: tuple[AnyLine, ...]) -> Iterator[tuple[str, int, AnyLine]]:
        """Yield item meant, base units per unit written, and the line."""
        for item, factor, _, line in read(lines, self.readings):
            yield item, factor, line

    def keep(self, known: dict[str, What], what: What) -> None:
        """Keep what the entry says under its name; with sign -1 forget it."""
        if self.sign > 0:
            known[self.name] = what
        else:
            del known[self.name]


class Chapter(Protocol):
    """A module of `projections.chapters`. Its state is a dataclass, a field of `Chapters` under the chapter's name."""

    TAKES: Mapping[type[Any], Wanted]
    """The families it reads. The hot road pays for no other."""

    def take(self, state: Any, told: Told, standing: Standing) -> None:
        """Note what an entry says, or with sign -1 forget it. `standing` only says what policy has watched."""

    def due(self, state: Any, standing: Standing, now: datetime) -> Iterable[Case]:
        """Return the cases that are open at a moment, each with since when. Pure; `now` in the zone of days."""


def every(_: Entry) -> bool:
    """Take every entry of a family."""
    return True
