"""What settlements are worked out from: what entries said of transfers, prices, answers and papers. It judges nothing.

Every fact stands under the entry that said it, so that a reversal forgets it and order changes nothing.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, TypeVar, assert_never

from projections.chapters.telling import Told
from schemas.goods import GoodsIssued, GoodsReceived, TransferArrived, TransferDispatched
from schemas.market import PriceObserved
from schemas.packing import GoodsPassedThrough
from schemas.settling import PapersCompleted, SettlementAnswered, SettlementClosed, SettlementKind
from schemas.transfers import DispatchOrdered, TransferDifferenceExplained

TransferEntry = (
    DispatchOrdered | TransferDispatched | TransferArrived | TransferDifferenceExplained | GoodsPassedThrough
)
GoodsEntry = GoodsReceived | GoodsIssued | GoodsPassedThrough
SaidOf = Literal["ordered", "dispatched", "arrived", "explained"]
Fact = TypeVar("Fact")


@dataclass(frozen=True, slots=True)
class Goods:
    """One line about a transfer, in base units; the price is that of `per` base units."""

    item: str
    lot: str
    quantity: int
    per: int
    price_fen: int | None = None
    condition: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """What one entry says of a transfer (F9)."""

    said: SaidOf
    from_site: str
    to_site: str
    at: datetime
    goods: tuple[Goods, ...]
    order: tuple[int, int]
    due_at: datetime | None = None
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """A settlement opened by a receipt or an issue (F11). No amount: some line has no price."""

    kind: SettlementKind
    site: str
    party: str
    at: datetime
    amount_fen: int | None


@dataclass(frozen=True, slots=True)
class Price:
    """A price seen at a place: fen for `per` base units (O1)."""

    place: str
    at: datetime
    order: tuple[int, int]
    price_fen: int
    per: int


Prices = dict[tuple[str, date], dict[str, list[Price]]]


@dataclass(frozen=True, slots=True)
class SideSaid:
    """What one side of a settlement answered (F11)."""

    side: Literal["owing", "owed"]
    says: Literal["confirmed", "disputed"]
    amount_fen: int | None
    at: datetime
    order: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Release:
    """Goods that moved before their papers (F12)."""

    site: str
    decided_by: str
    at: datetime
    due_at: datetime | None
    reserve: bool


@dataclass(slots=True)
class Settlements:
    """Facts by what they are about, then by the entry that said them."""

    transfers: dict[str, dict[str, Step]] = field(default_factory=dict)
    opened: dict[str, Opened] = field(default_factory=dict)
    prices: Prices = field(default_factory=dict)
    """By item and day, then by the entry that said so."""
    answers: dict[str, dict[str, SideSaid]] = field(default_factory=dict)
    closed: dict[str, dict[str, datetime]] = field(default_factory=dict)
    releases: dict[str, Release] = field(default_factory=dict)
    completed: dict[str, dict[str, datetime]] = field(default_factory=dict)
    """By the entry whose papers came."""


def note(state: Settlements, told: Told) -> None:
    """Note what an entry says, or forget it."""
    entry = told.entry
    match entry:
        case DispatchOrdered() | TransferDispatched() | TransferArrived() | TransferDifferenceExplained():
            _keep(state.transfers, entry.transfer, told, _step(entry, told))
        case PriceObserved():
            for item, factor, line in told.lines(entry.lines):
                price = Price(entry.place, entry.happened_at, told.place, line.price_fen, factor)
                _add(state.prices, (item, entry.happened_at.date()), told, price)
        case SettlementAnswered():
            said = SideSaid(entry.side, entry.says, entry.amount_fen, entry.happened_at, told.place)
            _keep(state.answers, entry.settlement, told, said)
        case SettlementClosed():
            _keep(state.closed, entry.settlement, told, entry.happened_at)
        case PapersCompleted():
            _keep(state.completed, str(entry.completes), told, entry.happened_at)
        case GoodsReceived() | GoodsIssued():
            _note_goods(state, entry, told)
        case GoodsPassedThrough() if entry.from_site is not None:
            _keep(state.transfers, told.name, told, _step(entry, told))
        case GoodsPassedThrough():
            _note_goods(state, entry, told)
        case _:
            raise AssertionError(f"settlements do not take {entry.kind}")


def _step(entry: TransferEntry, told: Told) -> Step:
    about = (entry.happened_at, _goods(entry, told), told.place)
    match entry:
        case DispatchOrdered():
            return Step("ordered", entry.site, entry.to_site, *about, entry.due_at)
        case TransferDispatched():
            return Step("dispatched", entry.site, entry.to_site, *about, owner=entry.leg_owner or "")
        case TransferArrived():
            return Step("arrived", entry.from_site, entry.site, *about)
        case GoodsPassedThrough():
            return Step("arrived", entry.from_site or "", entry.site, *about)
        case TransferDifferenceExplained():
            return Step("explained", entry.from_site, entry.to_site, *about, owner=entry.answers_for)
        case _:
            assert_never(entry)


def _goods(entry: TransferEntry, told: Told) -> tuple[Goods, ...]:
    """Return what each line says of the goods. Only orders and goods passed through state a price (F11)."""
    match entry:
        case TransferDispatched() | TransferArrived():
            return tuple(Goods(item, line.lot, line.quantity * by, by) for item, by, line in told.lines(entry.lines))
        case DispatchOrdered() | GoodsPassedThrough():
            priced = zip(told.lines(entry.lines), (line.price_fen for line in entry.lines), strict=True)
            return tuple(
                Goods(item, line.lot, line.quantity * factor, factor, price_fen)
                for (item, factor, line), price_fen in priced
            )
        case TransferDifferenceExplained():
            return tuple(
                Goods(item, line.lot, line.quantity * factor, factor, condition=line.condition)
                for item, factor, line in told.lines(entry.lines)
            )
        case _:
            assert_never(entry)


def _note_goods(state: Settlements, entry: GoodsEntry, told: Told) -> None:
    opened, release = _opened(entry), _release(entry)
    if told.sign < 0:
        state.opened.pop(told.name, None)
        state.releases.pop(told.name, None)
        return
    if opened is not None:
        state.opened[told.name] = opened
    if release is not None:
        state.releases[told.name] = release


BY_ORIGIN: dict[str, SettlementKind] = {"drawn_from_holder": "hospital_draw_down", "requisitioned": "compensation"}
"""What the origin of a receipt alone opens (F11). Transfers between districts and out of hospitals are in `owing`."""


def _opened(entry: GoodsEntry) -> Opened | None:
    by_origin = None if isinstance(entry, GoodsIssued) else BY_ORIGIN.get(entry.origin)
    kind = (entry.owed.settlement if entry.owed else None) or by_origin
    if kind is None:
        return None
    party = entry.owed.party if entry.owed else getattr(entry, "supplier", None) or ""
    amount = entry.owed.amount_fen if entry.owed else None
    if amount is None and not isinstance(entry, GoodsIssued):
        prices = [line.price_fen * line.quantity for line in entry.lines if line.price_fen is not None]
        amount = sum(prices) if len(prices) == len(entry.lines) else None
    return Opened(kind, entry.site, party, entry.happened_at, amount)


def _release(entry: GoodsEntry) -> Release | None:
    if isinstance(entry, GoodsIssued):
        said = entry.emergency_release
        if said is None:
            return None
        return Release(entry.site, said.decided_by, entry.happened_at, said.papers_due_at, said.reserve)
    if isinstance(entry, GoodsPassedThrough):
        return None
    filed = any(reference.role == "approval" for reference in entry.references)
    if entry.origin != "emergency_purchase" or filed:
        return None
    return Release(entry.site, entry.recorded_by, entry.happened_at, None, reserve=False)


def _keep(kept: dict[str, dict[str, Fact]], about: str, told: Told, fact: Fact) -> None:
    if told.sign > 0:
        kept.setdefault(about, {})[told.name] = fact
        return
    del kept[about][told.name]
    if not kept[about]:
        del kept[about]


def _add(kept: Prices, about: tuple[str, date], told: Told, price: Price) -> None:
    if told.sign > 0:
        kept.setdefault(about, {}).setdefault(told.name, []).append(price)
        return
    kept.get(about, {}).pop(told.name, None)
    if not kept.get(about):
        kept.pop(about, None)
