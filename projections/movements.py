"""What an entry moves: the one place that says which families change stock, by how much, and what is held of it.

A count changes nothing; an adjustment does. A reversal moves exactly what its original moved, the other way (A9).
"""

from collections.abc import Iterator
from typing import TypeVar, assert_never

from schemas.approvals import ApprovalGiven, GoodsOrdered, RequisitionMade
from schemas.catalogue import FamilyDescribed, ItemDescribed, SiteDescribed, SynonymRecorded
from schemas.classes import ClassInputsReported
from schemas.corrections import EntryReversed
from schemas.document import LineReading, MovedLine
from schemas.emergency import DutyRostered, LocalCasesReported, StateDeclared, ZoneSet
from schemas.entry import Entry, ReversibleEntry, read_entry
from schemas.gifts import (
    EquipmentAccepted,
    GiftAssessed,
    GiftIdentified,
    GiftMatched,
    GiftOffered,
    GiftPassedOn,
    MoneyGiftReceived,
    MoneyGiftSpent,
    OfferedLine,
)
from schemas.goods import (
    GoodsIssued,
    GoodsReceived,
    GoodsReleased,
    GoodsReturned,
    TransferArrived,
    TransferDispatched,
)
from schemas.holidays import CalendarPublished
from schemas.market import DriverObserved, PriceObserved, SalesObserved
from schemas.packing import GoodsPassedThrough, KitDescribed, KitsPacked, KitsUnpacked, PackingPlanned
from schemas.policy import PolicySet
from schemas.rounds import DamageSettled, DeviceFailed, RoundAnnounced
from schemas.settling import PapersCompleted, SettlementAnswered, SettlementClosed
from schemas.stocktakes import AdjustedLine, CountedLine, StockAdjusted, StockCounted
from schemas.transfers import DispatchOrdered, TransferDifferenceExplained
from schemas.usage import GoodsSignedFor, RegisterChecked, RegistrarsNamed, UsageReported, UsedLine
from schemas.watching import AlertAcknowledged

AnyLine = TypeVar("AnyLine", bound=MovedLine | AdjustedLine | CountedLine | UsedLine | OfferedLine)


Movement = tuple[str, str, int, int]
"""The effect of one line in base units of the item: item, lot, change on hand, change held. Plain: it is hot."""


def movements(entry: Entry, readings: tuple[LineReading, ...]) -> list[Movement]:
    """Return what each line of an entry moves, in order. Entries that move nothing return nothing."""
    match entry:
        case GoodsReceived() | TransferArrived():
            return _moved(entry.lines, readings, 1)
        case GoodsIssued() | TransferDispatched():
            return _moved(entry.lines, readings, -1)
        case GoodsReturned():
            found = zip(entry.lines, _moved(entry.lines, readings, 1), strict=True)
            return [(m[0], m[1], 0, 0) if line.condition == "lost" else m for line, m in found]
        case GoodsReleased():
            sign = -1 if entry.releases == "hold" else 0
            return [(item, lot, 0, sign * quantity) for item, lot, quantity, _ in _moved(entry.lines, readings, 1)]
        case StockAdjusted() | KitsPacked() | KitsUnpacked():
            return [(item, a.lot, a.quantity_change * factor, 0) for item, factor, _, a in read(entry.lines, readings)]
        case EntryReversed():
            undone = movements(original_of(entry), entry.readings)
            return [(item, lot, -on_hand, -held) for item, lot, on_hand, held in undone]
        case (
            StockCounted() | AlertAcknowledged() | DutyRostered()
            | RequisitionMade() | ApprovalGiven() | GoodsOrdered() | ClassInputsReported()
            | PriceObserved() | SalesObserved() | DriverObserved() | DispatchOrdered() | TransferDifferenceExplained()
            | SettlementAnswered() | SettlementClosed() | PapersCompleted()
            | UsageReported() | GoodsSignedFor() | RegistrarsNamed() | RegisterChecked() | GoodsPassedThrough()
            | PackingPlanned() | RoundAnnounced() | DeviceFailed() | DamageSettled()
            | GiftOffered() | GiftAssessed() | GiftMatched() | GiftIdentified() | GiftPassedOn()
            | MoneyGiftReceived() | MoneyGiftSpent() | EquipmentAccepted()
            | ItemDescribed() | SynonymRecorded() | SiteDescribed() | FamilyDescribed() | KitDescribed() | PolicySet()
            | StateDeclared() | LocalCasesReported() | ZoneSet() | CalendarPublished()
        ):  # fmt: skip
            return []
        case _:
            assert_never(entry)


def _moved(lines: tuple[MovedLine, ...], readings: tuple[LineReading, ...], sign: int) -> list[Movement]:
    """Move every line in or out. Only what comes in can be held."""
    if not readings:
        return [(line.item, line.lot, sign * line.quantity, 0) for line in lines]
    meant = {reading.line: reading for reading in readings}.get
    return [
        (line.item, line.lot, sign * line.quantity, 0)
        if (reading := meant(line.line)) is None
        else _moved_as_read(reading, line.lot, sign * line.quantity * reading.factor)
        for line in lines
    ]


def _moved_as_read(reading: LineReading, lot: str, quantity: int) -> Movement:
    return reading.item, lot, quantity, quantity if reading.hold and quantity > 0 else 0


def original_of(entry: EntryReversed) -> ReversibleEntry:
    """Return the entry a reversal undoes, as it was written."""
    original = read_entry(entry.original)
    assert isinstance(original, ReversibleEntry), "admission refuses reversals of anything else"
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
