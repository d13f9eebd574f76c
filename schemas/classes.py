"""Inputs of class I / class II (i类 / ii类物资): what a class is worked out from, with its evidence (C1-C3)."""

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from schemas.document import Document, MovedLine, Name, Quantity, wire_line
from schemas.emergency import EVERYWHERE


@wire_line
class ClassInputLine(MovedLine):
    """The three inputs of one item, all quantities in the unit of the line."""

    quantity: Quantity
    """Demand in the epidemic period."""
    normal_demand: Quantity
    """Demand in the same period of normal times. 0: there is no base to compare with (C3)."""
    cycle_days: Annotated[int, Field(ge=0, le=3650)]
    """Days from order to delivery."""
    capacity: Quantity | None = None
    """What suppliers can deliver in the period. At least the demand: sufficient."""
    capacity_sufficient: bool | None = None
    """Said outright, when there is no figure."""
    evidence: Name
    """Where the figures come from: supplier register, purchasing record (M4)."""

    @model_validator(mode="after")
    def _capacity_is_said_once(self) -> "ClassInputLine":
        if (self.capacity is None) == (self.capacity_sufficient is None):
            raise PydanticCustomError("capacity_not_said_once", "give `capacity` or `capacity_sufficient`, one of them")
        return self

    def sufficient(self) -> bool:
        """Tell whether suppliers can deliver what is wanted."""
        return bool(self.capacity_sufficient) if self.capacity is None else self.capacity >= self.quantity


class ClassInputsReported(Document):
    """The inputs items are classed by, as of `happened_at`. What class they make is the book's to say (C3)."""

    kind: Literal["class_inputs_reported.v1"] = "class_inputs_reported.v1"
    area: Name = EVERYWHERE
    """Where the class holds: a site, an area, a district, or `*`; the narrowest counts."""
    lines: tuple[ClassInputLine, ...] = Field(min_length=1)
