"""Counting (盘点) and its consequences. A count checks the book and never changes it; an adjustment does."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.document import LINE_QUANTITY_MAX, Document, EntryRef, LotId, Name, Pack, Quantity, wire_line


@wire_line
class CountedLine:
    """What was found of one item, and of one lot of it when `lot` is given."""

    line: int = Field(ge=1, le=100_000)
    item: Name
    unit: Name
    lot: LotId | None = None
    """Absent: all lots of the item together. Empty: goods whose lot is not known."""
    quantity: Quantity
    pack: Pack | None = None


class StockCounted(Document):
    """People counted (盘点). Compared with the book as of `happened_at`; every difference is a row (A1)."""

    kind: Literal["stock_counted.v1"] = "stock_counted.v1"
    counted_by: tuple[Name, ...] = Field(min_length=1)
    lines: tuple[CountedLine, ...] = Field(min_length=1)


@wire_line
class AdjustedLine:
    """A change of the book by a decision: + overage (盘盈), − shortage (盘亏)."""

    line: int = Field(ge=1, le=100_000)
    item: Name
    unit: Name
    lot: LotId = ""
    quantity_change: Annotated[int, Field(ge=-LINE_QUANTITY_MAX, le=LINE_QUANTITY_MAX)]
    pack: Pack | None = None


class StockAdjusted(Document):
    """The book is brought to the stock, by another person than the one who counted, naming the count (A1, F13)."""

    kind: Literal["stock_adjusted.v1"] = "stock_adjusted.v1"
    answers: EntryRef
    reason: Name
    approved_by: Name
    lines: tuple[AdjustedLine, ...] = Field(min_length=1)
