"""Stock (库存) by site, item and lot: on hand, held, designated, negative moments. A sum of movements in book order.

On hand, held and designated are plain sums: any order of the same entries gives the same figures. Negative moments
are those of the book as it was written, so they follow book order. The fold has no clock: what has expired is asked
with a day.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from projections.movements import movements, original_of, read
from schemas.corrections import EntryReversed
from schemas.document import LineReading
from schemas.entry import Entry
from schemas.goods import GoodsIssued, GoodsReceived, GoodsReleased, GoodsReturned, ReturnedLine, TransferArrived
from schemas.page import FIRST_SEAL, AdmittedEntry, Page


@dataclass(slots=True)
class Balance:
    """One site, item and lot, in base units."""

    on_hand: int = 0
    held: int = 0
    seq: int = 0
    """Last entry that touched it."""
    expiries: dict[date, int] = field(default_factory=dict)
    """Expiries stated for the lot, each with the lines that state it, less those reversed."""

    @property
    def expires_on(self) -> date | None:
        """The earliest expiry any receipt of the lot stated that was not reversed (A9)."""
        return min((day for day, times in self.expiries.items() if times > 0), default=None)


@dataclass(slots=True)
class Total:
    """All lots of one item at one site, and when the book of it went below nothing."""

    on_hand: int = 0
    negative_since: int = 0
    """Entry that took it below zero; 0 while it is not."""
    negative_moments: int = 0


@dataclass(slots=True)
class Party:
    """What one receiver was meant to get of an item at a site, and got (B3, A6)."""

    designated: int = 0
    """Received for this receiver, less what was released from the designation."""
    issued: int = 0
    """Issued to this receiver, less what it gave back."""

    def reserved(self) -> int:
        """Return what is still kept for this receiver."""
        return max(0, self.designated - max(0, self.issued))


@dataclass(slots=True)
class Stock:
    """Stock of one volume after `page`."""

    page: int = 0
    seal: str = FIRST_SEAL
    balances: dict[tuple[str, str, str], Balance] = field(default_factory=dict)
    totals: dict[tuple[str, str], Total] = field(default_factory=dict)
    parties: dict[tuple[str, str, str], Party] = field(default_factory=dict)

    def reserved(self, site: str, item: str) -> int:
        """Return base units of an item kept for named receivers at a site."""
        return sum(p.reserved() for (s, i, _), p in self.parties.items() if s == site and i == item)


def available(on_hand: int, held: int, expired: int, reserved: int) -> int:
    """Return base units anyone may be given: not held, not expired, and not kept for a named receiver (D5).

    Below zero only when the book itself is: what is reserved beyond what is usable takes nothing from others.
    """
    usable = on_hand - held - expired
    return usable - min(reserved, max(0, usable))


def evolve(state: Stock, page: Page, seal: str) -> Stock:
    """Take one page into the stock. A page already taken changes nothing."""
    number = page.header.page
    if number <= state.page:
        return state
    assert number == state.page + 1, f"page {number} follows {state.page}"
    for admitted in page.entries:
        take(state, admitted)
    state.page, state.seal = number, seal
    return state


def take(state: Stock, admitted: AdmittedEntry) -> None:
    """Take one entry into the stock."""
    entry, seq = admitted.entry, admitted.seq
    site = entry.site
    touched: dict[str, Total] = {}
    for item, lot, on_hand, held in movements(entry, admitted.readings):
        key = (site, item, lot)
        balance = state.balances.get(key)
        if balance is None:
            balance = state.balances[key] = Balance()
        balance.on_hand += on_hand
        balance.held += held
        balance.seq = seq
        total = state.totals.get((site, item))
        if total is None:
            total = state.totals[site, item] = Total()
        total.on_hand += on_hand
        touched[item] = total
    for total in touched.values():  # after the whole entry: its lines happened together
        if total.on_hand >= 0:
            total.negative_since = 0
        elif not total.negative_since:
            total.negative_since = seq
            total.negative_moments += 1
    _take_parties(state, entry, admitted.readings, 1)
    _take_expiries(state, entry, admitted.readings, 1)


def _take_parties(state: Stock, entry: Entry, readings: tuple[LineReading, ...], sign: int) -> None:
    match entry:
        case EntryReversed():
            _take_parties(state, original_of(entry), entry.readings, -sign)
        case GoodsIssued():
            for key, quantity in _per_party(entry, entry.receiver, readings):
                _party(state, key).issued += sign * quantity
        case GoodsReturned():
            for key, quantity in _per_party(entry, entry.returned_by, readings):
                _party(state, key).issued -= sign * quantity
        case GoodsReceived() if entry.donation is not None and entry.donation.designated_receiver:
            for key, quantity in _per_party(entry, entry.donation.designated_receiver, readings):
                _party(state, key).designated += sign * quantity
        case GoodsReleased() if entry.designated_receiver:
            for key, quantity in _per_party(entry, entry.designated_receiver, readings):
                _party(state, key).designated -= sign * quantity


def _party(state: Stock, key: tuple[str, str, str]) -> Party:
    found = state.parties.get(key)
    if found is None:
        found = state.parties[key] = Party()
    return found


def _per_party(
    entry: GoodsIssued | GoodsReturned | GoodsReceived | GoodsReleased, written: str, readings: tuple[LineReading, ...]
) -> Iterable[tuple[tuple[str, str, str], int]]:
    party = next((r.party for r in readings if r.party), written)
    for item, factor, _, line in read(entry.lines, readings):
        if isinstance(line, ReturnedLine) and line.condition == "lost":
            continue  # what was lost was not given back (H3)
        yield (entry.site, item, party), line.quantity * factor


def _take_expiries(state: Stock, entry: Entry, readings: tuple[LineReading, ...], sign: int) -> None:
    match entry:
        case EntryReversed():
            return _take_expiries(state, original_of(entry), entry.readings, -sign)
        case GoodsReceived():
            stated = [(item, line.lot, line.expires_on) for item, _, _, line in read(entry.lines, readings)]
        case TransferArrived():
            stated = [(item, line.lot, line.expires_on) for item, _, _, line in read(entry.lines, readings)]
        case _:
            return None
    for item, lot, expires_on in stated:
        if expires_on is not None:
            expiries = state.balances[entry.site, item, lot].expiries
            expiries[expires_on] = expiries.get(expires_on, 0) + sign
            if not expiries[expires_on]:
                del expiries[expires_on]
    return None
