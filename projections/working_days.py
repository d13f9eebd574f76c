"""Working days by China's calendar: days off and make-up days as published, each version with its name (F10).

Pure: calendars are handed in, with the moment as known at. A year nobody published has no working days: never guessed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice, takewhile
from typing import NamedTuple

_SATURDAY = 5
_DAYS_LOOKED_THROUGH = 3_660


@dataclass(frozen=True, slots=True)
class Calendar:
    """One published version of a year's holidays. It may name days of the years beside its own."""

    year: int
    version: str
    published_at: datetime
    days_off: tuple[date, ...]
    make_up_days: tuple[date, ...]


class DueDay(NamedTuple):
    """A day worked out from working days, and the versions of the calendars it was worked out with."""

    day: date
    versions: tuple[str, ...]


def in_force(calendars: Iterable[Calendar], known_at: datetime) -> dict[int, Calendar]:
    """Return the version of each year known at a moment: the one published last."""
    latest: dict[int, Calendar] = {}
    for calendar in sorted(calendars, key=lambda c: (c.published_at, c.version)):
        if calendar.published_at <= known_at:
            latest[calendar.year] = calendar
    return latest


def working(calendars: dict[int, Calendar], day: date) -> bool | None:
    """Tell whether a day is worked; None when nobody published its year. Its own year's calendar is asked first."""
    if day.year not in calendars:
        return None
    for year in (day.year, day.year + 1, day.year - 1):
        calendar = calendars.get(year)
        if calendar is not None and day in calendar.days_off:
            return False
        if calendar is not None and day in calendar.make_up_days:
            return True
    return day.weekday() < _SATURDAY


def working_day_after(calendars: Iterable[Calendar], start: date, days: int, known_at: datetime) -> DueDay | None:
    """Return the day so many working days after another (which does not count), as known at a moment (F10).

    None when a year on the way has no calendar.
    """
    latest = in_force(calendars, known_at)
    passed = (start + timedelta(days=n) for n in range(_DAYS_LOOKED_THROUGH))
    known = takewhile(lambda day: working(latest, day) is not None, passed)
    worked = (day for day in known if day > start and working(latest, day))
    due = next(islice(worked, max(0, days - 1), None), None)
    if due is None:
        return None
    return DueDay(due, tuple(latest[year].version for year in range(start.year, due.year + 1)))
