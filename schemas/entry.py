"""Every family of entries in one union, and the one door through which bytes become an entry."""

import json
from collections.abc import Callable, Iterable
from dataclasses import is_dataclass
from functools import cache, partial
from itertools import chain
from operator import attrgetter
from typing import Annotated, Any, TypeGuard, get_args, get_origin

from pydantic import BaseModel, Field, TypeAdapter

from schemas.approvals import ApprovalGiven, GoodsOrdered, RequisitionMade
from schemas.catalogue import FamilyDescribed, ItemDescribed, SiteDescribed, SynonymRecorded
from schemas.classes import ClassInputsReported
from schemas.corrections import EntryReversed
from schemas.emergency import DutyRostered, LocalCasesReported, StateDeclared, ZoneSet
from schemas.gifts import (
    EquipmentAccepted,
    GiftAssessed,
    GiftIdentified,
    GiftMatched,
    GiftOffered,
    GiftPassedOn,
    MoneyGiftReceived,
    MoneyGiftSpent,
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
from schemas.stocktakes import StockAdjusted, StockCounted
from schemas.transfers import DispatchOrdered, TransferDifferenceExplained
from schemas.usage import GoodsSignedFor, RegisterChecked, RegistrarsNamed, UsageReported
from schemas.watching import AlertAcknowledged

type_of_kind = {
    kind.model_fields["kind"].default: kind
    for kind in (
        GoodsReceived, GoodsIssued, GoodsReturned, GoodsReleased, TransferDispatched, TransferArrived,
        StockCounted, StockAdjusted, EntryReversed, ItemDescribed, SynonymRecorded, SiteDescribed, PolicySet,
        AlertAcknowledged, StateDeclared, LocalCasesReported, ZoneSet, DutyRostered,
        RequisitionMade, ApprovalGiven, GoodsOrdered, PriceObserved, SalesObserved, DriverObserved, ClassInputsReported,
        DispatchOrdered, TransferDifferenceExplained, SettlementAnswered, SettlementClosed, PapersCompleted,
        CalendarPublished,
        GiftOffered, GiftAssessed, GiftMatched, GiftIdentified, GiftPassedOn, MoneyGiftReceived, MoneyGiftSpent,
        EquipmentAccepted,
        FamilyDescribed, KitDescribed, KitsPacked, KitsUnpacked, PackingPlanned, GoodsPassedThrough, RoundAnnounced,
        UsageReported, RegistrarsNamed, RegisterChecked, GoodsSignedFor, DeviceFailed, DamageSettled,
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
    | RequisitionMade
    | GoodsOrdered
    | PriceObserved
    | SalesObserved
    | ClassInputsReported
    | DispatchOrdered
    | TransferDifferenceExplained
    | GiftOffered
    | GiftMatched
    | GiftIdentified
    | GiftPassedOn
    | EquipmentAccepted
    | KitsPacked
    | KitsUnpacked
    | GoodsPassedThrough
    | UsageReported
)
"""Entries of one site with lines about goods. Which of them move stock is said in `projections.movements`."""

CaseEntry = (
    DutyRostered
    | ApprovalGiven
    | DriverObserved
    | SettlementAnswered
    | SettlementClosed
    | PapersCompleted
    | PackingPlanned
    | RoundAnnounced
    | RegistrarsNamed
    | RegisterChecked
    | GoodsSignedFor
    | DeviceFailed
    | DamageSettled
    | GiftAssessed
    | MoneyGiftReceived
    | MoneyGiftSpent
)
"""Entries of one site without lines about goods."""

ReversibleEntry = StockEntry | CaseEntry

CatalogueEntry = (
    ItemDescribed
    | SynonymRecorded
    | SiteDescribed
    | PolicySet
    | StateDeclared
    | LocalCasesReported
    | ZoneSet
    | CalendarPublished
    | FamilyDescribed
    | KitDescribed
)
"""Entries about the whole book."""

Entry = ReversibleEntry | EntryReversed | AlertAcknowledged | CatalogueEntry

_STOCK, _CATALOGUE = frozenset(get_args(StockEntry)), frozenset(get_args(CatalogueEntry))


def is_stock_entry(entry: Entry) -> TypeGuard[StockEntry]:
    """Tell whether an entry has lines about goods. It asks for the type once; `isinstance` would ask every kind."""
    return type(entry) in _STOCK


def is_catalogue_entry(entry: Entry) -> TypeGuard[CatalogueEntry]:
    """Tell whether an entry is about the whole book."""
    return type(entry) in _CATALOGUE


_ENTRY: TypeAdapter[Entry] = TypeAdapter(Annotated[Entry, Field(discriminator="kind")])


def read_entry(document: bytes | str) -> Entry:
    """Read one document as it came. Raises `pydantic.ValidationError` for anything that is not exactly an entry."""
    return _ENTRY.validate_json(document)


def says_a_key_twice(document: bytes, entry: Entry) -> bool:
    """Tell whether a document names a field twice in one object. Which one counts depends on who reads it: none does.

    Keys are counted in the bytes and in what was read. Only a document written in an unusual way is parsed again.
    """
    spaced = b" :" in document or b"\t" in document or b"\r" in document
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


@cache
def _fields_with_keys(kind: Any) -> tuple[str, ...]:
    """Return the fields of a model or line that may hold objects, which have keys of their own."""
    return tuple(name for name, said in kind.__pydantic_fields__.items() if _holds_objects(said.annotation))


def _holds_objects(kind: object) -> bool:
    if get_origin(kind) in (dict, tuple) or (isinstance(kind, type) and issubclass(kind, BaseModel)):
        return True
    return any(map(_holds_objects, get_args(kind)))


def _keys(model: BaseModel) -> int:
    """Count the keys an entry, or a part of one, was written with: all, or too few, which only costs a second look."""
    return len(model.__pydantic_fields_set__) + sum(map(_keys_in, filter(None, _parts_of(type(model))(model))))


@cache
def _parts_of(kind: type[BaseModel]) -> Callable[[BaseModel], tuple[object, ...]]:
    """Return how to get the values of those fields of a model."""
    names = _fields_with_keys(kind)
    return attrgetter(*names) if len(names) > 1 else lambda model: tuple(getattr(model, name) for name in names)


def _keys_in(part: object) -> int:
    if isinstance(part, BaseModel):
        return _keys(part)
    if isinstance(part, tuple) and part:
        return _keys_of_lines(part) if is_dataclass(part[0]) else sum(map(_keys_in, part))
    return len(part) if isinstance(part, dict) else 0


def _keys_of_lines(lines: tuple[object, ...]) -> int:
    """Count the keys of lines of one kind, column by column: what is as its field is by default was not written."""
    kind: Any = type(lines[0])
    fields, optional, parts = _columns(kind)
    found = fields * len(lines)
    for default, column in optional:
        found -= list(column(lines)).count(default)
    for column in parts:
        found += sum(map(_keys_in, filter(None, column(lines))))
    return found


Column = Callable[[Iterable[object]], Iterable[object]]


@cache
def _columns(kind: Any) -> tuple[int, list[tuple[object, Column]], list[Column]]:
    """Return how many fields a line has, those it may leave out by what they are then, and those that hold objects."""
    fields = kind.__pydantic_fields__
    optional: dict[object, list[str]] = {}
    for name, said in fields.items():
        if not said.is_required():
            assert said.default_factory is None, f"{kind.__name__}.{name}: a field of a line has a plain default"
            optional.setdefault(said.default, []).append(name)
    columns = [(default, _column(*names)) for default, names in optional.items()]
    return len(fields), columns, [_column(name) for name in _fields_with_keys(kind)]


def _column(*names: str) -> Column:
    """Return how to get all values of some fields from lines."""
    get = attrgetter(*names)
    return partial(map, get) if len(names) == 1 else lambda lines: chain.from_iterable(map(get, lines))
