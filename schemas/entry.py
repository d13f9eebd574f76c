"""Every family of entries in one union, and the one door through which bytes become an entry."""

import json
from typing import Annotated

from pydantic import BaseModel, Field, TypeAdapter

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
from schemas.watching import AlertAcknowledged

type_of_kind = {
    kind.model_fields["kind"].default: kind
    for kind in (
        GoodsReceived, GoodsIssued, GoodsReturned, GoodsReleased, TransferDispatched, TransferArrived,
        StockCounted, StockAdjusted, EntryReversed, ItemDescribed, SynonymRecorded, SiteDescribed, PolicySet,
        AlertAcknowledged,
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

Entry = StockEntry | EntryReversed | CatalogueEntry | AlertAcknowledged

_ENTRY: TypeAdapter[Entry] = TypeAdapter(Annotated[Entry, Field(discriminator="kind")])


def read_entry(document: bytes | str) -> Entry:
    """Read one document as it came. Raises `pydantic.ValidationError` for anything that is not exactly an entry."""
    return _ENTRY.validate_json(document)


def says_a_key_twice(document: bytes, entry: Entry) -> bool:
    """Tell whether a document names a field twice in one object. Which one counts depends on who reads it: none does.

    Keys are counted in the bytes and in what was read. Only a document written in an unusual way is parsed again.
    """
    spaced = b'" ' in document or b'"\t' in document or b'"\r' in document
    if not spaced and document.count(b'":') == _keys(entry):
        return False
    try:
        json.loads(document, object_pairs_hook=_object_once)
    except _KeyTwice:
        return True
    return False


class _KeyTwice(ValueError):
    pass


def _object_once(pairs: list[tuple[str, object]]) -> None:
    if len({key for key, _ in pairs}) != len(pairs):
        raise _KeyTwice


def _keys(value: object) -> int:
    """Count the keys an entry, or a part of one, was written with."""
    if isinstance(value, BaseModel):
        fields = value.__dict__
        count = len(value.model_fields_set)
        for name in value.model_fields_set:
            part = fields[name]
            if isinstance(part, BaseModel | tuple | dict):
                count += _keys(part)
        return count
    if isinstance(value, tuple):
        return sum(map(_keys, value))
    return len(value) if isinstance(value, dict) else 0
