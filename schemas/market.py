"""What is seen of prices and sales (O1, D7) and of what drives use (D3, D4). Observations: they move nothing."""

from typing import Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from schemas.document import Day, Document, Fen, MovedLine, Name, Quantity, QuantityMoved, wire_line


@wire_line
class PricedLine(MovedLine):
    """The price of one item."""

    quantity: QuantityMoved = 1
    """How much was offered at that price; 1 when nobody said."""
    price_fen: Fen
    """Price of one unit as written on this line, in fen."""
    specification: Name | None = None


class PriceObserved(Document):
    """Prices someone saw at a place (O1). The price of a day is the last one seen of it there."""

    kind: Literal["price_observed.v1"] = "price_observed.v1"
    place: Name
    """A shop, a market, or a district."""
    observer: Name
    """Role or staff number."""
    lines: tuple[PricedLine, ...] = Field(min_length=1)


@wire_line
class SoldLine(MovedLine):
    """What was sold of one item in a day, and what is left."""

    quantity: Quantity
    """Sold that day; 0 is a figure, an absent line is none."""
    stock: Quantity
    """On the shelf at the end of it, in the same unit."""


class SeenOfADay(Document):
    """Something seen of a whole day: of today or one before."""

    on_day: Day

    @model_validator(mode="after")
    def _the_day_has_come(self) -> "SeenOfADay":
        if self.on_day > self.happened_at.date():
            raise PydanticCustomError("day_to_come", "on_day is after happened_at")
        return self


class SalesObserved(SeenOfADay):
    """Sales of a day and stock left at an outlet or shop (D7, E4). Not stock of this book."""

    kind: Literal["sales_observed.v1"] = "sales_observed.v1"
    place: Name
    observer: Name
    lines: tuple[SoldLine, ...] = Field(min_length=1)


class DriverObserved(SeenOfADay):
    """One point of a dated series that use follows: visits, people on duty, beds, points, headcount (D2–D4)."""

    kind: Literal["driver_observed.v1"] = "driver_observed.v1"
    driver: Name
    """`outpatient_visits`, `doctors_on_duty`, `staff_on_duty`, `bed_occupancy`, `open_beds`, or the site's own."""
    value: int = Field(ge=0, le=10**9)
    observer: Name
