"""What an entry moves: the one place that says which families change stock, by how much, and what is held of it.

A count changes nothing; an adjustment does. A reversal moves exactly what its original moved, the other way (A9).
"""

from collections.abc import Iterator
from typing import NamedTuple, TypeVar, assert_never

from schemas.catalogue import ItemDescribed, SiteDescribed, SynonymRecorded
from schemas.corrections import EntryReversed
from schemas.document import LineReading, MovedLine
from schemas.entry import Entry, StockEntry, read_entry
from schemas.goods import (
    GoodsIssued,
    GoodsReceived,
    GoodsReleased,
    GoodsReturned,
    TransferArrived,
    TransferDispatched,
)
from schemas.policy import PolicySet
from schemas.stocktakes import AdjustedLine, CountedLine, StockAdjusted, StockCounted
from schemas.watching import AlertAcknowledged

AnyLine = TypeVar("AnyLine", bound=MovedLine | AdjustedLine | CountedLine)


class Movement(NamedTuple):
    """The effect of one line, in base units of the item."""

    line: int
    item: str
    lot: str
    on_hand: int
    held: int


def movements(entry: Entry, readings: tuple[LineReading, ...]) -> Iterator[Movement]:
    """Yield what each line of an entry moves. Entries that move nothing yield nothing."""
    match entry:
        case GoodsReceived() | TransferArrived():
            for item, factor, hold, received in read(entry.lines, readings):
                quantity = received.quantity * factor
                yield Movement(received.line, item, received.lot, quantity, quantity if hold else 0)
        case GoodsIssued() | TransferDispatched():
            for item, factor, _, issued in read(entry.lines, readings):
                yield Movement(issued.line, item, issued.lot, -issued.quantity * factor, 0)
        case GoodsReturned():
            for item, factor, hold, returned in read(entry.lines, readings):
                quantity = 0 if returned.condition == "lost" else returned.quantity * factor
                yield Movement(returned.line, item, returned.lot, quantity, quantity if hold else 0)
        case GoodsReleased():
            for item, factor, _, released in read(entry.lines, readings):
                freed = released.quantity * factor if entry.releases == "hold" else 0
                yield Movement(released.line, item, released.lot, 0, -freed)
        case StockAdjusted():
            for item, factor, _, adjusted in read(entry.lines, readings):
                yield Movement(adjusted.line, item, adjusted.lot, adjusted.quantity_change * factor, 0)
        case EntryReversed():
            for m in movements(original_of(entry), entry.readings):
                yield Movement(m.line, m.item, m.lot, -m.on_hand, -m.held)
        case StockCounted() | ItemDescribed() | SynonymRecorded() | SiteDescribed() | PolicySet() | AlertAcknowledged():
            return
        case _:
            assert_never(entry)


def original_of(entry: EntryReversed) -> StockEntry:
    """Return the entry a reversal undoes, as it was written."""
    original = read_entry(entry.original)
    assert isinstance(original, StockEntry), "admission refuses reversals of anything else"
    return original


def read(
    lines: tuple[AnyLine, ...], readings: tuple[LineReading, ...]
) -> Iterator[tuple[str, int, str | None, AnyLine]]:
    """Pair each line with the item meant, base units per unit, and why it is held, as admission read them."""
    if not readings:
        for line in lines:
            yield line.item, 1, None, line
        return
    by_line = {reading.line: reading for reading in readings}
    for line in lines:
        reading = by_line.get(line.line)
        if reading is None:
            yield line.item, 1, None, line
        else:
            yield reading.item, reading.factor, reading.hold, line
