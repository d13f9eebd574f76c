"""Every family of entries in one union, and the one door through which bytes become an entry."""

import json
from operator import attrgetter
from typing import Annotated

from pydantic import Field, TypeAdapter

from schemas.catalogue import ItemDescribed, SiteDescribed, SynonymRecorded
from schemas.corrections import EntryReversed
from schemas.emergency import DutyRostered, LocalCasesReported, StateDeclared, ZoneSet
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
        AlertAcknowledged, StateDeclared, LocalCasesReported, ZoneSet, DutyRostered,
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
"""Entries of one site with lines about goods. Which of them move stock is said in `projections.movements`."""

CaseEntry = DutyRostered
"""Entries of one site without lines about goods."""

ReversibleEntry = StockEntry | CaseEntry

CatalogueEntry = (
    ItemDescribed | SynonymRecorded | SiteDescribed | PolicySet | StateDeclared | LocalCasesReported | ZoneSet
)
"""Entries about the whole book."""

Entry = ReversibleEntry | EntryReversed | AlertAcknowledged | CatalogueEntry

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


_said = attrgetter("__pydantic_fields_set__")


def _keys(value: object) -> int:
    """Count the keys an entry, or a part of one, was written with: all, or too few, which only costs a second look."""
    if isinstance(value, dict):
        return len(value)
    if isinstance(value, tuple):
        models = value if value and hasattr(value[0], "__pydantic_fields_set__") else ()
        packs = [model.pack for model in models if "pack" in _said(model) and model.pack is not None]
        return sum(map(len, map(_said, models))) + sum(map(len, map(_said, packs)))
    if not hasattr(value, "__pydantic_fields_set__"):
        return 0
    parts: dict[str, object] = value.__dict__
    return len(_said(value)) + sum(_keys(parts[name]) for name in _said(value) if type(parts[name]) is not str)
