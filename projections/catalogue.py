"""What names mean, as a fold of catalogue entries: items, units, packs, synonyms (A11), and how a line is read by it.

It never guesses: a name or unit that nobody recorded is a reason, not a value.
"""

import unicodedata
from dataclasses import dataclass, field, replace
from functools import lru_cache

from schemas.catalogue import FamilyDescribed, ItemDescribed, SiteDescribed, SynonymRecorded
from schemas.document import Pack
from schemas.emergency import LocalCasesReported, StateDeclared, ZoneSet
from schemas.entry import CatalogueEntry
from schemas.holidays import CalendarPublished
from schemas.packing import KitDescribed, KitLevel
from schemas.page import Reason
from schemas.policy import PolicySet

_GTIN_DIGITS = 14


@lru_cache(maxsize=65_536)
def lookup_key(name: str) -> str:
    """Fold the ways one name is typed: width, case, spaces and invisible characters. Only for looking up."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    bare = "".join(c for c in folded if not c.isspace() and unicodedata.category(c) != "Cf")
    return bare if bare == name else lookup_key(bare)  # what was kept apart by a space may combine: fold until it rests


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """What is known of an item when a line about it is read. Base units are whole for ever."""

    item: str
    name: str
    base_unit: str
    packs: dict[str, int]
    requires: str | None = None
    registration: str | None = None
    family: str | None = None
    hazardous: bool = False
    returnable: bool = False


@dataclass(frozen=True, slots=True)
class Kit:
    """The bill of materials of a kit, in base units of each component (G1, G7)."""

    level: KitLevel
    components: tuple[tuple[str, int], ...]


@dataclass(slots=True)
class Catalogue:
    """Items by id, every other name recorded for items, units and parties, and the bills of kits."""

    items: dict[str, ItemFacts] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    units: dict[tuple[str, str], str] = field(default_factory=dict)
    parties: dict[str, str] = field(default_factory=dict)
    kits: dict[str, Kit] = field(default_factory=dict)

    def copy(self) -> "Catalogue":
        """Copy, so that a decision can be worked out without touching the state it starts from."""
        return Catalogue(
            dict(self.items), dict(self.names), dict(self.units), dict(self.parties), dict(self.kits)
        )  # fmt: skip

    def find(self, written: str) -> ItemFacts | None:
        """Find the item a line means by its id, name, GTIN or recorded synonym."""
        return self.items.get(written) or self.items.get(self.names.get(lookup_key(written), ""))

    def party(self, written: str) -> str:
        """Return the party meant by a name as written; itself when nothing else is recorded."""
        return self.parties.get(lookup_key(written), written)

    def factor(self, facts: ItemFacts, unit: str, pack: Pack | None) -> int | None:
        """Return base units per `unit` of the item, or None when nothing recorded or written says (A11)."""
        meant = self._unit(facts, unit)
        if meant == facts.base_unit:
            return 1
        if pack is not None:
            inner = self._unit(facts, pack.unit)
            if inner == facts.base_unit:
                return pack.size
            inner_size = facts.packs.get(inner)
            return pack.size * inner_size if inner_size else None  # a pack we cannot read is not the one recorded
        return facts.packs.get(meant)

    def _unit(self, facts: ItemFacts, written: str) -> str:
        unit = lookup_key(written)
        if unit == facts.base_unit or unit in facts.packs:
            return unit
        return self.units.get((facts.item, unit)) or self.units.get(("", unit)) or unit


def objection(catalogue: Catalogue, entry: CatalogueEntry) -> Reason | None:
    """Return why a catalogue entry contradicts what is recorded, or None. A base unit never changes (A11)."""
    if isinstance(entry, ItemDescribed):
        known = catalogue.items.get(entry.item)
        if known is not None and known.base_unit != lookup_key(entry.base_unit):
            return Reason(
                code="base_unit_changed",
                facts={"item": entry.item, "expected": known.base_unit, "found": entry.base_unit},
            )
        for name in _names(entry):
            other = catalogue.find(name)
            if other is not None and other.item != entry.item:
                return Reason(code="name_taken", facts={"name": name, "expected": entry.item, "found": other.item})
        return _pack_objection(entry)
    if isinstance(entry, SynonymRecorded) and entry.of == "unit" and entry.item and not catalogue.find(entry.item):
        return Reason(code="synonym_of_unknown_item", facts={"name": entry.name, "found": entry.item})
    if isinstance(entry, SynonymRecorded) and entry.of == "item":
        other = catalogue.find(entry.name)
        meant = catalogue.find(entry.means)
        if meant is None:
            return Reason(code="synonym_of_unknown_item", facts={"name": entry.name, "found": entry.means})
        if other is not None and other.item != meant.item:
            return Reason(code="name_taken", facts={"name": entry.name, "expected": meant.item, "found": other.item})
    return _kit_objection(catalogue, entry) if isinstance(entry, KitDescribed) else None


def _kit_objection(catalogue: Catalogue, entry: KitDescribed) -> Reason | None:
    """Return why a bill cannot stand: items nobody described, a kit within itself, or another bill than before (G7)."""
    for name in (entry.kit, *(c.item for c in entry.components)):
        if catalogue.find(name) is None:
            return Reason(code="kit_of_unknown_item", facts={"found": name})
    item, kit = _bill(catalogue, entry)
    if item in dict(kit.components) or len(dict(kit.components)) < len(kit.components):
        return Reason(code="kit_component_twice", facts={"item": item})
    if catalogue.kits.get(item, kit) != kit:
        return Reason(code="kit_bill_changed", facts={"item": item})
    return None


def _bill(catalogue: Catalogue, entry: KitDescribed) -> tuple[str, Kit]:
    """Return the item meant by a kit, and its bill, components in the order of their ids."""
    meant = [(_meant(catalogue, c.item), c.quantity) for c in entry.components]
    return _meant(catalogue, entry.kit), Kit(entry.level, tuple(sorted(meant)))


def _meant(catalogue: Catalogue, written: str) -> str:
    facts = catalogue.find(written)
    assert facts is not None, "admission refuses kits of unknown items"
    return facts.item


def _names(entry: ItemDescribed) -> tuple[str, ...]:
    """Return every name an item is found by: a GTIN also in the 14 digits a scanner reads."""
    return (entry.item, entry.name, *entry.gtins, *(gtin.zfill(_GTIN_DIGITS) for gtin in entry.gtins))


def _pack_objection(entry: ItemDescribed) -> Reason | None:
    if any(size < 1 for size in entry.packs.values()):
        return Reason(code="pack_not_whole", facts={"item": entry.item})
    units = {lookup_key(unit) for unit in entry.packs}
    if len(units) < len(entry.packs) or lookup_key(entry.base_unit) in units:
        return Reason(code="pack_said_twice", facts={"item": entry.item})
    return None


def evolve(catalogue: Catalogue, entry: CatalogueEntry) -> None:
    """Take one catalogue entry into the catalogue. It must not contradict it: see `objection`."""
    match entry:
        case ItemDescribed():
            _describe(catalogue, entry)
        case SynonymRecorded(of="item"):
            meant = catalogue.find(entry.means)
            assert meant is not None, "admission refuses synonyms of unknown items"
            catalogue.names[lookup_key(entry.name)] = meant.item
        case SynonymRecorded(of="unit"):
            item = catalogue.find(entry.item) if entry.item else None
            catalogue.units[item.item if item else "", lookup_key(entry.name)] = lookup_key(entry.means)
        case SynonymRecorded():
            catalogue.parties[lookup_key(entry.name)] = entry.means
        case KitDescribed():
            name, kit = _bill(catalogue, entry)
            catalogue.kits[name] = kit
        case FamilyDescribed():
            pass
        case SiteDescribed() | PolicySet() | StateDeclared() | LocalCasesReported() | ZoneSet() | CalendarPublished():
            pass


_KEPT_UNLESS_SAID = ("requires", "registration", "family", "hazardous", "returnable")
"""What a second description leaves as it was unless it says otherwise: adding a pack never lifts a hold (A3)."""


def _describe(catalogue: Catalogue, entry: ItemDescribed) -> None:
    packs = {lookup_key(unit): size for unit, size in entry.packs.items()}
    known = catalogue.items.get(entry.item)
    facts = ItemFacts(
        item=entry.item, name=entry.name, base_unit=lookup_key(entry.base_unit), packs=packs, requires=entry.requires,
        registration=entry.registration, family=entry.family, hazardous=entry.hazardous, returnable=entry.returnable,
    )  # fmt: skip
    if known is not None:
        unsaid = {name for name in _KEPT_UNLESS_SAID if name not in entry.model_fields_set}
        facts = replace(facts, packs={**known.packs, **packs}, **{name: getattr(known, name) for name in unsaid})
    catalogue.items[entry.item] = facts
    for name in _names(entry):
        catalogue.names[lookup_key(name)] = entry.item
