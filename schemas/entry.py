"""Every family of entries in one union, and the one door through which bytes become an entry."""

from typing import Annotated

from pydantic import Field, TypeAdapter

from schemas.catalogue import ItemDescribed, SiteDescribed, SynonymRecorded
from schemas.corrections import EntryReversed
from schemas.goods import (
    GoodsIssued,
    GoodsReceived,
    GoodsReleased,
    GoodsReturned,
    TransferArrived,
    TransferDispatched,
)
from schemas.policy import PolicySet
from schemas.stocktakes import StockAdjusted, StockCounted

type_of_kind = {
    kind.model_fields["kind"].default: kind
    for kind in (
        GoodsReceived, GoodsIssued, GoodsReturned, GoodsReleased, TransferDispatched, TransferArrived,
        StockCounted, StockAdjusted, EntryReversed, ItemDescribed, SynonymRecorded, SiteDescribed, PolicySet,
    )
}  # fmt: skip
"""Each kind on the wire (with its version) and the model that reads it."""

StockEntry = (
    GoodsReceived
    | GoodsIssued
    | GoodsReturned
    | GoodsReleased
    | TransferDispatched
    | TransferArrived
    | StockCounted
    | StockAdjusted
)
"""Entries with lines about goods."""

CatalogueEntry = ItemDescribed | SynonymRecorded | SiteDescribed | PolicySet
"""Entries about the whole book."""

Entry = StockEntry | EntryReversed | CatalogueEntry

_ENTRY: TypeAdapter[Entry] = TypeAdapter(Annotated[Entry, Field(discriminator="kind")])


def read_entry(document: bytes | str) -> Entry:
    """Read one document as it came. Raises `pydantic.ValidationError` for anything that is not exactly an entry."""
    return _ENTRY.validate_json(document)
