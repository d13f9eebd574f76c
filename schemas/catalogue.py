"""What names mean: items, their units and packs, synonyms, sites (A11, A12). About the whole book, at site `*`."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.document import EVERY_SITE, LINE_QUANTITY_MAX, Document, Name, SiteId, Text


class BookDocument(Document):
    """A document about the whole book rather than about one site."""

    site: Literal["*"] = EVERY_SITE  # type: ignore[assignment]  # narrows SiteId to the one value that means "every site"


class ItemDescribed(BookDocument):
    """An item: its base unit for ever, its packs, papers it needs, codes it is known by. Said again, it adds."""

    kind: Literal["item_described.v1"] = "item_described.v1"
    item: Name
    name: Name
    base_unit: Name
    packs: dict[Name, Annotated[int, Field(le=LINE_QUANTITY_MAX)]] = Field(default_factory=dict)
    """Base units in one pack: {"箱": 2000} (A11)."""
    family: Name | None = None
    specification: Name | None = None
    requires: Literal["registration", "certificate"] | None = None
    """The paper without which a receipt is held (A3)."""
    registration: Name | None = None
    """Registration certificate number known for every lot of the item; lines need not repeat it."""
    hazardous: bool = False
    returnable: bool = False
    equipment: bool = False
    """Donated, it is installed and accepted before it is used (B6)."""
    gtins: tuple[Name, ...] = ()
    reason: Text | None = None


class SynonymRecorded(BookDocument):
    """Another way people write the same item, unit or party; why we believe so is part of the record (A11)."""

    kind: Literal["synonym_recorded.v1"] = "synonym_recorded.v1"
    of: Literal["item", "unit", "party"]
    name: Name
    means: Name
    item: Name | None = None
    """For a unit: the one item it holds for. Absent: every item."""
    reason: Text


class FamilyDescribed(BookDocument):
    """A family of items (A12). Policy scoped to it is the default of its items for watching, targets and reports."""

    kind: Literal["family_described.v1"] = "family_described.v1"
    family: Name
    name: Name
    group: Literal["living", "medical", "community", "cold_season", "heat_season"]


class SiteDescribed(BookDocument):
    """A site: district, kind, keepers, whether hazardous goods may be stored there (A7, M6)."""

    kind: Literal["site_described.v1"] = "site_described.v1"
    describes: SiteId
    name: Name
    district: Name
    area: Name | None = None
    """The area within the district whose state and zone hold here, when it has one of its own (K1, K2)."""
    site_kind: Literal[
        "store", "hospital", "outlet", "sampling_point", "school", "pharmacy", "office", "other", "transit_store"
    ]  # fmt: skip
    hazard_rated_places: tuple[Name, ...] = ()
    keepers: tuple[Name, ...] = ()
    fetches_from: SiteId | None = None
    """The store this site fetches from with its own vehicle while it lies in a controlled area (G6)."""
