"""How a case of an audit is told: documents of February 2020 and when each was recorded. Tests nothing."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from tests.on_disk import OnDisk
from tests.spec import Doc

Step = tuple[str, Doc]
"""Time recorded, and the document."""
Play = Callable[[OnDisk, str], list[Step]]
Case = tuple[Play, dict[str, Any], dict[str, Any], dict[str, Any]]
"""How to play it, what makes it faulty, what makes it sound, and what its first row must say."""


def day(number: int, hour: int = 8, minute: int = 0) -> str:
    """Write a moment of February 2020."""
    return f"2020-02-{number:02d}T{hour:02d}:{minute:02d}:00+08:00"


def on_time(moment: str, *documents: Doc) -> list[Step]:
    """Have documents happen at a moment and be recorded half an hour later."""
    recorded = (datetime.fromisoformat(moment) + timedelta(minutes=30)).isoformat()
    return [(recorded, d.at(moment)) for d in documents]
