"""Recorded entries: what a mapping's author knows of items, units, parties and sites, as tables people can read.

Each row carries its reason and becomes an entry of the book. What the book knows already is not said again.
"""

from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from ledger.imports.mapping import Part, mapping_wrong, read_toml
from projections.catalogue import Catalogue, evolve, objection
from schemas.catalogue import ItemDescribed, SiteDescribed, SynonymRecorded
from schemas.entry import read_entry
from schemas.page import Reason

Fields = dict[str, Any]


class Synonyms(Part):
    """One or more names that mean the same item, unit (of some items, or of every item) or party."""

    of: str
    names: tuple[str, ...] = Field(min_length=1)
    means: str
    items: tuple[str, ...] = ()
    reason: str = Field(min_length=1)


class Recorded(Part):
    """An entries file."""

    happened_at: datetime
    recorded_by: str
    site: tuple[Fields, ...] = ()
    item: tuple[Fields, ...] = ()
    synonym: tuple[Synonyms, ...] = ()

    def sites(self) -> list[Fields]:
        """Return the sites as entries without identity."""
        return [self._entry("site_described.v1", fields) for fields in self.site]

    def items(self) -> list[Fields]:
        """Return the items as entries without identity."""
        return [self._entry("item_described.v1", {"name": fields.get("item"), **fields}) for fields in self.item]

    def synonyms(self) -> list[Fields]:
        """Return the synonyms, one entry a name and item, without identity."""
        return [
            self._entry(
                "synonym_recorded.v1",
                {"of": s.of, "name": name, "means": s.means, "reason": s.reason} | ({"item": item} if item else {}),
            )
            for s in self.synonym
            for name in s.names
            for item in s.items or ("",)
        ]

    def _entry(self, kind: str, fields: Fields) -> Fields:
        return {"kind": kind, "happened_at": self.happened_at.isoformat(), "recorded_by": self.recorded_by, **fields}


def read_entries(path: Path) -> Recorded:
    """Read an entries file. Raises `WrongUse` naming the first key that cannot mean anything."""
    try:
        return Recorded.model_validate(read_toml(path))
    except ValidationError as error:
        raise mapping_wrong(path, error) from error


def take(catalogue: Catalogue, raw: bytes) -> bool | Reason:
    """Take one catalogue document into a working catalogue. False: nothing new in it; a reason: it contradicts."""
    entry = read_entry(raw)
    assert isinstance(entry, ItemDescribed | SynonymRecorded | SiteDescribed), "only these are recorded entries"
    reason = objection(catalogue, entry)
    if reason is not None:
        return reason
    before = catalogue.copy()
    evolve(catalogue, entry)
    return isinstance(entry, SiteDescribed) or before != catalogue
