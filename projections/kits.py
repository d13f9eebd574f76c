"""Kits (G7): packing and unpacking move component stock exactly, by the bill recorded for the kit. It moves nothing."""

from collections import Counter

from projections.catalogue import Catalogue
from projections.movements import read
from schemas.document import LineReading
from schemas.packing import KitsPacked, KitsUnpacked
from schemas.page import Reason


def bill_objection(
    catalogue: Catalogue, entry: KitsPacked | KitsUnpacked, readings: tuple[LineReading, ...]
) -> Reason | None:
    """Return what keeps a packing from being kits × bill of materials exactly, or None; figures in base units (G7)."""
    facts = catalogue.find(entry.kit)
    kit = catalogue.kits.get(facts.item) if facts else None
    if facts is None or kit is None:
        return Reason(code="kit_unknown", facts={"found": entry.kit})
    moved: Counter[str] = Counter()
    for item, factor, _, line in read(entry.lines, readings):
        moved[item] += line.quantity_change * factor
    kits = moved.pop(facts.item, 0)
    if kits * (1 if isinstance(entry, KitsPacked) else -1) <= 0:
        return Reason(code="kits_wrong_way", facts={"item": facts.item, "found": str(kits)})
    bill = dict(kit.components)
    for item in sorted(bill.keys() | moved.keys()):
        expected = -kits * bill.get(item, 0)
        if moved[item] != expected:
            figures = {"kit": facts.item, "item": item, "expected": str(expected), "found": str(moved[item])}
            difference = str(moved[item] - expected)
            return Reason(code="kit_bill_differs", facts={**figures, "difference": difference})
    return None
