"""The working-day calendar of a year as it was published, days off and make-up days (F10). Each version is an entry."""

from typing import Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from schemas.catalogue import BookDocument
from schemas.document import Day, Moment, Name


class CalendarPublished(BookDocument):
    """From `published_at` on the holidays of a year are these. An earlier version stays what was known before."""

    kind: Literal["calendar_published.v1"] = "calendar_published.v1"
    year: int = Field(ge=1949, le=2200)
    version: Name
    """How people quote it: the notice, or the package and its version."""
    published_at: Moment
    days_off: tuple[Day, ...]
    make_up_days: tuple[Day, ...] = ()
    """Saturdays and Sundays that are worked."""

    @model_validator(mode="after")
    def _a_day_is_off_or_made_up(self) -> "CalendarPublished":
        if set(self.days_off) & set(self.make_up_days):
            raise PydanticCustomError("calendar_contradicts", "a day is both off and made up")
        return self
