"""Items nobody described, seen first in a file: which names are one item, and the unit it is counted in.

The base unit is the finest unit in which the file itself writes the item; what a pack holds counts only if some row
is written in it. A pack size holds for the item only if every receipt in that pack states it, and all state the same
(A11).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ledger.imports.documents import Meanings
from ledger.imports.mapping import Mapping
from ledger.imports.moments import read_moment
from ledger.imports.packing import Packing, read_packing
from ledger.imports.reading import Row
from ledger.imports.templates import Fill, compile_text, compile_tree, matches
from projections.catalogue import Catalogue, lookup_key

_INCOMING = ("goods_received.v1", "transfer_arrived.v1")


@dataclass(slots=True)
class Seen:
    """What a file writes of one item."""

    name: str
    row: int
    happened_at: str
    units: dict[str, None] = field(default_factory=dict)
    written: list[tuple[str, Packing | None, bool]] = field(default_factory=list)
    """Unit as meant, pack text as read, and whether the row brought goods in."""


def survey(rows: Iterable[Row], mapping: Mapping, catalogue: Catalogue, other_names: dict[str, str]) -> dict[str, Seen]:
    """Read a file through for items the catalogue does not know. `other_names`: synonyms to be recorded, by key."""
    meanings = Meanings(catalogue)
    forms = [(form.when, form.kind in _INCOMING, [_compile(line) for line in form.lines]) for form in mapping.document]
    happened = compile_text(mapping.happened_at)
    found: dict[str, Seen] = {}
    for row in rows:
        cells = row.cells
        lines = next(((into, lines) for when, into, lines in forms if matches(when, cells)), None)
        moment = read_moment(happened(cells), mapping.time_of_day, mapping.zone)
        if lines is None or moment is None:
            continue
        for line in lines[1]:
            item, unit, pack = line(cells)
            item = other_names.get(lookup_key(item), item)
            key = lookup_key(item)
            if not key or not unit or meanings.item(item) is not None:
                continue
            seen = found.get(key)
            if seen is None:
                seen = found[key] = Seen(" ".join(item.split()), row.number, moment.at.isoformat())
            meant = meanings.unit(seen.name, unit)
            seen.units[meant] = None
            seen.written.append((meant, read_packing(pack) if pack else None, lines[0]))
    return found


def describe(seen: Seen, mapping: Mapping, catalogue: Catalogue, label: str, sha256: str) -> dict[str, Any] | None:
    """Return the entry that describes an item first seen, without identity. None: the mapping knows no unit of it."""
    base = next((unit for unit in mapping.units_finest_first if unit in seen.units), None)
    if base is None:
        return None
    packs, why = _packs(seen, base, Meanings(catalogue))
    return {
        "kind": "item_described.v1", "happened_at": seen.happened_at, "recorded_by": mapping.recorded_by,
        "item": seen.name, "name": seen.name, "base_unit": base, "packs": packs,
        "references": [{"role": "import", "text": label, "sha256": sha256}],
        "reason": f"first seen in {label}, row {seen.row}; finest unit written: {base}{why}",
    }  # fmt: skip


def _packs(seen: Seen, base: str, meanings: Meanings) -> tuple[dict[str, int], str]:
    packs: dict[str, int] = {}
    for unit in seen.units:
        sizes = [_size(seen.name, base, meanings, packing, unit, row_unit) for row_unit, packing, _ in seen.written]
        stated = {size for size in sizes if size is not None}
        silent = any(
            size is None and row_unit == unit and incoming
            for size, (row_unit, _, incoming) in zip(sizes, seen.written, strict=True)
        )
        if unit != base and len(stated) == 1 and not silent:
            packs[unit] = stated.pop()
    return packs, "".join(f"; every receipt says {size} {base} a {unit}" for unit, size in packs.items())


def _size(name: str, base: str, meanings: Meanings, packing: Packing | None, unit: str, row_unit: str) -> int | None:
    """Return how many base units one `unit` holds by the pack text of one row."""
    if packing is None or packing.bare:
        return None
    outer = meanings.unit(name, packing.outer) if packing.outer is not None else row_unit
    if outer != unit:
        return None
    return next((size for inner, size in packing.holds if meanings.unit(name, inner) == base), None)


def _compile(line: dict[str, Any]) -> Fill:
    parts: Sequence[Fill] = [compile_tree(str(line.get(name, ""))) for name in ("item", "unit", "pack")]
    return lambda cells: tuple(part(cells) for part in parts)
