"""How a document's lines are read by the catalogue: item meant, base units, hold. Decided once, kept on the page.

Later pages, folds and SQL use what is kept; nobody reads a line a second time with another catalogue.
"""

from typing import Literal, assert_never

from projections.catalogue import Catalogue, ItemFacts
from projections.kits import bill_objection
from schemas.approvals import GoodsOrdered, RequisitionMade
from schemas.classes import ClassInputsReported
from schemas.document import LINE_QUANTITY_MAX, LineReading, MovedLine
from schemas.entry import ReversibleEntry, StockEntry
from schemas.gifts import EquipmentAccepted, GiftIdentified, GiftMatched, GiftOffered, GiftPassedOn, OfferedLine
from schemas.goods import (
    GoodsIssued,
    GoodsReceived,
    GoodsReleased,
    GoodsReturned,
    ReceivedLine,
    ReturnedLine,
    TransferArrived,
    TransferDispatched,
)
from schemas.market import PriceObserved, SalesObserved
from schemas.packing import GoodsPassedThrough, KitsPacked, KitsUnpacked
from schemas.page import Reason
from schemas.stocktakes import AdjustedLine, CountedLine, StockAdjusted, StockCounted
from schemas.transfers import DispatchOrdered, TransferDifferenceExplained
from schemas.usage import UsageReported, UsedLine

Hold = Literal[
    "inspection_failed", "awaiting_disinfection", "awaiting_identification", "no_registration", "no_certificate",
    "damaged",
]  # fmt: skip
_HOLD_OF_CONDITION: dict[str, Hold] = {"needs_disinfection": "awaiting_disinfection", "damaged": "damaged"}
"""What comes back in these conditions is on hand and held (H3)."""


def read_lines(catalogue: Catalogue, entry: StockEntry) -> tuple[LineReading, ...] | Reason:
    """Read every line that says something else than its base item and unit. The first that cannot be read decides."""
    readings = []
    party = _party(catalogue, entry)
    returned, received = type(entry) is GoodsReturned, type(entry) is GoodsReceived
    held_whole = type(entry) is GoodsReceived and _hold_of_receipt(entry) is not None
    plain = not (returned or held_whole or party)
    items = catalogue.items
    for line in entry.lines:
        facts, factor = items.get(line.item), 1
        if facts is None or line.unit != facts.base_unit:
            read = _read_as_written(catalogue, line)
            if isinstance(read, Reason):
                return read
            facts, factor = read
        elif plain and not facts.requires:
            continue  # it says its item and base unit itself, and nothing can hold it: the hot road
        can_be_held = returned or held_whole or (received and facts.requires)
        hold = _hold(entry, line, facts) if can_be_held else None
        if factor != 1 or hold or party or facts.item != line.item:
            readings.append(LineReading(line=line.line, item=facts.item, factor=factor, party=party, hold=hold))
    if isinstance(entry, KitsPacked | KitsUnpacked):
        return bill_objection(catalogue, entry, tuple(readings)) or tuple(readings)
    return tuple(readings)


def _read_as_written(
    catalogue: Catalogue, line: MovedLine | CountedLine | AdjustedLine | UsedLine | OfferedLine
) -> tuple[ItemFacts, int] | Reason:
    facts = catalogue.find(line.item)
    if facts is None:
        return Reason(code="item_unknown", facts={"line": str(line.line), "found": line.item})
    factor = catalogue.factor(facts, line.unit, line.pack)
    if factor is None:
        return Reason(
            code="unit_unconvertible",
            facts={"line": str(line.line), "item": facts.item, "found": line.unit, "expected": facts.base_unit},
        )
    if _size(line) * factor > LINE_QUANTITY_MAX:
        return Reason(code="quantity_too_large", facts={"line": str(line.line), "item": facts.item})
    return facts, factor


def _size(line: MovedLine | CountedLine | AdjustedLine | UsedLine | OfferedLine) -> int:
    """Return the size of the figure on a line; a quantity nobody stated is of no size."""
    return abs(line.quantity_change) if isinstance(line, AdjustedLine) else line.quantity or 0


def unread_line(catalogue: Catalogue, original: ReversibleEntry, readings: tuple[LineReading, ...]) -> int | None:
    """Return the first line of a reversal's original that its readings cannot be right about, or None (A9).

    What was read then may differ from what would be read now; but nothing was ever read as an item nobody described,
    and a line is left unread only when it says its item and base unit itself, and nothing written on it holds it.
    """
    given = {reading.line: reading for reading in readings}
    if not isinstance(original, StockEntry):
        return next(iter(given), None)
    for line in original.lines:
        reading = given.pop(line.line, None)
        facts = catalogue.items.get(reading.item if reading else line.item)
        if facts is None:
            return line.line
        if _size(line) * (reading.factor if reading else 1) > LINE_QUANTITY_MAX:
            return line.line
        hold = _hold(original, line, facts)
        written_hold = hold not in (None, "no_registration", "no_certificate")
        if reading is None and (written_hold or catalogue.factor(facts, line.unit, line.pack) != 1):
            return line.line
    return next(iter(given), None)


def _party(catalogue: Catalogue, entry: StockEntry) -> str | None:
    written = party_written(entry)
    meant = catalogue.party(written) if written else None
    return meant if meant != written else None


def party_written(entry: StockEntry) -> str | None:
    """Return the party an entry is about – who received, gave back, or is meant to get the goods – as written."""
    match entry:
        case GoodsIssued():
            return entry.receiver
        case GoodsReleased():
            return entry.designated_receiver
        case GoodsReceived():
            return entry.donation.designated_receiver if entry.donation else None
        case GoodsReturned():
            return entry.returned_by
        case UsageReported():
            return entry.receiver
        case TransferDispatched() | TransferArrived() | StockCounted() | StockAdjusted():
            return None
        case KitsPacked() | KitsUnpacked() | GoodsPassedThrough():
            return None
        case RequisitionMade() | GoodsOrdered() | PriceObserved() | SalesObserved() | ClassInputsReported():
            return None
        case DispatchOrdered() | TransferDifferenceExplained():
            return None
        case GiftPassedOn():
            return entry.receiver
        case GiftOffered() | GiftMatched() | GiftIdentified() | EquipmentAccepted():
            return None
        case _:
            assert_never(entry)


def _hold(entry: StockEntry, line: object, facts: ItemFacts) -> Hold | None:
    """Return why what came in on a line may not be used yet, or None. Only receipts and returns can be held."""
    if isinstance(line, ReturnedLine):
        return _HOLD_OF_CONDITION.get(line.condition)
    if not isinstance(entry, GoodsReceived) or not isinstance(line, ReceivedLine):
        return None
    whole = _hold_of_receipt(entry)
    if whole is not None:
        return whole
    if facts.requires == "registration" and not (line.registration or facts.registration):
        return "no_registration"
    if facts.requires == "certificate" and not line.certificate:
        return "no_certificate"
    return None


def _hold_of_receipt(entry: GoodsReceived) -> Hold | None:
    """Return why nothing on a receipt may be used yet, or None."""
    if entry.inspection is not None and entry.inspection.failed():
        return "inspection_failed"
    if entry.awaiting_disinfection:
        return "awaiting_disinfection"
    awaited = entry.donation is not None and entry.donation.awaiting_identification
    return "awaiting_identification" if awaited else None
