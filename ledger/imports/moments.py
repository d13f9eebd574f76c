"""Dates and times as people and spreadsheets write them: text in several forms, Excel serials, ranges of days.

A day without a time is put at the mapping's time of day, so that all of a day is one moment. What cannot be read is
None.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from functools import lru_cache

from projections.catalogue import lookup_key

_DAY = r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
_ONE_DAY = re.compile(_DAY)
_DAY_AND_TIME = re.compile(_DAY + r"[t]?(\d{1,2}):(\d{2})(?::(\d{2}))?(z|[+-]\d{2}:?\d{2})?")
_RANGE = re.compile(rf"({_DAY})(?:/|至|到|~|--|—)({_DAY})")
_SERIAL = re.compile(r"[1-9]\d{4}(?:\.\d+)?")
_SERIAL_DAY_ZERO = date(1899, 12, 30)


@dataclass(frozen=True, slots=True)
class Moment:
    """When something happened; `since` only when a period is all that is known."""

    at: datetime
    since: datetime | None = None


@lru_cache(maxsize=65_536)
def read_moment(text: str, time_of_day: time, offset: tzinfo) -> Moment | None:
    """Read a date, a date and time, an Excel serial or a range of days. None when it is none of them."""
    written = lookup_key(text)
    try:
        return _read(written, time_of_day, offset)
    except ValueError:
        return None  # the thirty-first of February


def _read(written: str, time_of_day: time, offset: tzinfo) -> Moment | None:
    found = _DAY_AND_TIME.fullmatch(written)
    if found:
        year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
        zone = datetime.fromisoformat(f"2000-01-01T00:00{found[7].upper()}").tzinfo if found[7] else offset
        return Moment(datetime(year, month, day, hour, minute, second, tzinfo=zone))
    found = _ONE_DAY.fullmatch(written)
    if found:
        return Moment(datetime.combine(_day(*found.groups()), time_of_day, offset))
    found = _RANGE.fullmatch(written)
    if found:
        first, last = _day(*found.groups()[1:4]), _day(*found.groups()[5:8])
        if first > last:
            return None
        return Moment(datetime.combine(last, time_of_day, offset), datetime.combine(first, time(), offset))
    if _SERIAL.fullmatch(written):
        day_number = int(written.partition(".")[0])
        return Moment(datetime.combine(_SERIAL_DAY_ZERO + timedelta(days=day_number), time_of_day, offset))
    return None


def _day(year: str, month: str, day: str) -> date:
    return date(int(year), int(month), int(day))
