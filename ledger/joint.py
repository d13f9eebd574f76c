"""The chapters of several volumes together: what concerns two sites may stand in two volumes (F9, D8).

Told page by page, volumes in any order. What is about every site stands in every volume and is taken from the first.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from projections import chapters
from projections.chapters import Chapters
from schemas.alerts import Alert
from schemas.document import EVERY_SITE
from schemas.page import FIRST_SEAL, AdmittedEntry, Page

_FOR_ALL = 0
"""The volume whose entries about the whole book count: the same entries, in one order."""


def told(page: Page) -> Iterator[tuple[int, AdmittedEntry]]:
    """Yield the entries of a page that the chapters of the whole book take, each with its place on the page, from 0."""
    for index, admitted in enumerate(page.entries):
        entry = admitted.entry
        if chapters.concerns(entry) and (page.header.volume == _FOR_ALL or entry.site != EVERY_SITE):
            yield index, admitted


@dataclass(slots=True)
class Joint:
    """The chapters, and the page of each volume they are at with its seal."""

    at: dict[int, tuple[int, str]] = field(default_factory=dict)
    chapters: Chapters = field(default_factory=Chapters)

    def place(self, volume: int) -> tuple[int, str]:
        """Return the last page taken of a volume, and its seal."""
        return self.at.get(volume, (0, FIRST_SEAL))

    def take(self, page: Page, seal: str) -> None:
        """Take one page. A page already taken changes nothing."""
        header = page.header
        last, _ = self.place(header.volume)
        if header.page <= last:
            return
        assert header.page == last + 1, f"page {header.page} follows {last} of volume {header.volume}"
        for _, admitted in told(page):
            chapters.take(self.chapters, admitted, header.recorded_at, header.volume)
        self.at[header.volume] = (header.page, seal)

    def due(self, now: datetime) -> tuple[Alert, ...]:
        """Return the alerts of cases that hold at a moment."""
        return chapters.due(self.chapters, now)
