"""Working-day calendars from outside: a file of the holiday-cn project, or the package chinesecalendar (F10).

It enters nothing: what it gives is written into the book as an entry, with its version, and asked of the book.
"""

import json
import re
from datetime import date, datetime, time
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from ledger.book import ZONE
from ledger.errors import BrokenEnvironment, WrongUse

_PAPER = re.compile(r"(\d{4})-(\d{2})/(\d{2})/")
"""The day a notice was published, as its address says."""


class Holidays(NamedTuple):
    """Days off and make-up days of a year, under which version, and since when they were public (None: not said)."""

    year: int
    version: str
    published_at: datetime | None
    days_off: tuple[date, ...]
    make_up_days: tuple[date, ...]

    def fields(self, published_at: datetime) -> dict[str, Any]:
        """Return the fields of a `calendar_published` entry."""
        return {
            "year": self.year, "version": self.version, "published_at": published_at.isoformat(),
            "days_off": [day.isoformat() for day in self.days_off],
            "make_up_days": [day.isoformat() for day in self.make_up_days],
        }  # fmt: skip


def from_file(path: Path) -> Holidays:
    """Read a year of holiday-cn: `{"year", "papers", "days": [{"date", "isOffDay"}]}`. Raises `LedgerError`."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise BrokenEnvironment("file_unreadable", path=path, found=error.strerror or error) from error
    try:
        said = json.loads(text)
        days = sorted((date.fromisoformat(day["date"]), bool(day["isOffDay"])) for day in said["days"])
        papers = [date(*map(int, m.groups())) for paper in said.get("papers", ()) if (m := _PAPER.search(paper))]
        year = int(said["year"])
    except (ValueError, KeyError, TypeError) as error:
        raise WrongUse("calendar_unreadable", path=path, found=error) from error
    published = datetime.combine(max(papers), time(), ZONE) if papers else None
    version = f"holiday-cn {year}" + (f" ({max(papers)})" if papers else "")
    return Holidays(
        year, version, published, tuple(d for d, off in days if off), tuple(d for d, off in days if not off)
    )  # fmt: skip


def from_package(year: int) -> Holidays:
    """Take a year from chinesecalendar: the latest version only, so a calendar changed since then is not in it."""
    try:
        package: Any = import_module("chinese_calendar")
    except ImportError as error:
        raise BrokenEnvironment("calendar_package_missing", name="chinesecalendar") from error
    off = tuple(sorted(day for day in package.holidays if day.year == year))
    if not off:
        raise WrongUse("calendar_year_unknown", found=year, name=f"chinesecalendar {package.__version__}")
    make_up = tuple(sorted(day for day in package.workdays if day.year == year))
    return Holidays(year, f"chinesecalendar {package.__version__}", None, off, make_up)
