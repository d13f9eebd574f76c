"""The chapters of several volumes together: what concerns two sites may stand in two volumes (F9, D8).

Told page by page, volumes in any order. What is about every site stands in every volume and is taken from the first.
"""

from dataclasses import dataclass, field
from datetime import datetime

from projections import chapters
from projections.chapters import Chapters
from schemas.alerts import Alert
from schemas.document import EVERY_SITE
from schemas.page import FIRST_SEAL, Page


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
        for admitted in page.entries:
            told = header.volume == 0 or admitted.entry.site != EVERY_SITE
            if told and chapters.concerns(admitted.entry):
                chapters.take(self.chapters, admitted, header.recorded_at, header.volume)
        self.at[header.volume] = (header.page, seal)

    def due(self, now: datetime) -> tuple[Alert, ...]:
        """Return the alerts of cases that hold at a moment."""
        return chapters.due(self.chapters, now)
