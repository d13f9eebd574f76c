"""Emergency as entries: the state and the zones of areas, about the whole book (K1, K2), and who is on duty (F12)."""

from typing import Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from schemas.catalogue import BookDocument
from schemas.document import Document, Moment, Name

EVERYWHERE = "*"
"""The area that holds every other: the whole city."""

Level = Literal["normal", "regional_testing", "citywide_testing", "lockdown"]
Zone = Literal["locked_down", "controlled", "precautionary", "high", "medium", "low", "none"]
"""封控, 管控, 防范; or high, medium, low risk; `none`: no zone any more."""


class StateDeclared(BookDocument):
    """An area is in a state of emergency from a moment on, by a directive of an authority (K1)."""

    kind: Literal["state_declared.v1"] = "state_declared.v1"
    area: Name
    """A district, an area within one, or `*`."""
    level: Level
    directive: Name
    authority: Name
    effective_from: Moment
    ends_at: Moment | None = None

    @model_validator(mode="after")
    def _runs_forward(self) -> "StateDeclared":
        if self.ends_at is not None and self.ends_at <= self.effective_from:
            raise PydanticCustomError("period_backwards", "ends_at is not after effective_from")
        return self


class LocalCasesReported(BookDocument):
    """Cases were found in an area. The switch (平急转换) is pending until a directive is recorded (K1)."""

    kind: Literal["local_cases_reported.v1"] = "local_cases_reported.v1"
    area: Name
    cases: int = Field(ge=1, le=10_000_000)
    authority: Name


class ZoneSet(BookDocument):
    """An area is in a zone from a moment on (K2). It sets how goods reach people there."""

    kind: Literal["zone_set.v1"] = "zone_set.v1"
    area: Name
    zone: Zone
    authority: Name
    effective_from: Moment
    screening_negative: bool | None = None
    """Whether everyone there was tested and found negative: needed for a step down."""


class DutyRostered(Document):
    """Someone is on duty at a site for a period and may decide in an emergency (F12). Role or staff number only."""

    kind: Literal["duty_rostered.v1"] = "duty_rostered.v1"
    officer: Name
    duty: Literal["officer_on_duty", "in_charge_on_the_spot"] = "officer_on_duty"
    from_moment: Moment
    until: Moment

    @model_validator(mode="after")
    def _runs_forward(self) -> "DutyRostered":
        if self.until <= self.from_moment:
            raise PydanticCustomError("period_backwards", "until is not after from_moment")
        return self
