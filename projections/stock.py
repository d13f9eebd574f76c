"""Stock (库存) by site, item and lot: on hand, held, designated, negative moments. A sum of movements in book order.

On hand, held and designated are plain sums: any order of the same entries gives the same figures. Negative moments
are those of the book as it was written, so they follow book order. The fold has no clock: what has expired is asked
with a day.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from projections.movements import Movement, movements, original_of, read
from schemas.corrections import EntryReversed
from schemas.document import LineReading
from schemas.entry import Entry
from schemas.goods import GoodsIssued, GoodsReceived, GoodsReleased, GoodsReturned, TransferArrived
from schemas.packing import KitsPacked
from schemas.page import FIRST_SEAL, AdmittedEntry, Page


@dataclass(slots=True)
class Balance:
    """One site, item and lot, in base units."""

    on_hand: int = 0
    held: int = 0
    seq: int = 0
    """Last entry that touched it."""
    expires_on: date | None = None
    """The earliest expiry any receipt of the lot stated that was not reversed (A9)."""
    stated: int = 0
    """Lines that state it, less those reversed."""
    otherwise: dict[date, int] | None = None
    """Other expiries stated for the lot, each with its lines, below zero when reversed before they came: rare."""

    def state(self, day: date, sign: int) -> bool:
        """Take a line that states an expiry, or with sign -1 its reversal. Tell whether that is news of the lot."""
        if day == self.expires_on and self.stated + sign > 0:
            self.stated += sign
            return False
        lines = dict(self.otherwise or {})
        if self.expires_on is not None:
            lines[self.expires_on] = self.stated
        times = lines.pop(day, 0) + sign
        if times:
            lines[day] = times
        self.expires_on = min((known for known, some in lines.items() if some > 0), default=None)
        self.stated = lines.pop(self.expires_on) if self.expires_on else 0
        self.otherwise = lines or None
        return times in (0, sign)


@dataclass(slots=True)
class Shelf:
    """All lots of one item at one site, and when the book of it went below nothing."""

    on_hand: int = 0
    held: int = 0
    negative_since: int = 0
    """Entry that took it below zero; 0 while it is not."""
    negative_moments: int = 0
    lots: dict[str, Balance] = field(default_factory=dict)


class Party(NamedTuple):
    """What one receiver was meant to get of an item at a site, and got (B3, A6)."""

    designated: int
    """Received for this receiver, less what was released from the designation."""
    issued: int
    """Issued to this receiver, less what it gave back."""

    def reserved(self) -> int:
        """Return what is still kept for this receiver."""
        return max(0, self.designated - max(0, self.issued))


@dataclass(slots=True)
class Site:
    """What stands at one site, and for whom."""

    shelves: dict[str, Shelf] = field(default_factory=dict)
    """By item."""
    issued: dict[str, dict[str, int]] = field(default_factory=dict)
    """Receiver → item → what it was issued, less what it gave back."""
    designated: dict[str, dict[str, int]] = field(default_factory=dict)
    """Item → receiver → received for it, less what was released from the designation."""

    def reserved(self, item: str) -> int:
        """Return base units of an item kept for named receivers."""
        return sum(self.party(name, item).reserved() for name in self.designated.get(item, ()))

    def named(self) -> set[tuple[str, str]]:
        """Return every item with every receiver it was meant for or issued to."""
        issued = {(item, name) for name, got in self.issued.items() for item in got}
        return issued | {(item, name) for item, kept in self.designated.items() for name in kept}

    def party(self, name: str, item: str) -> Party:
        """Return what a receiver was meant to get of an item, and got."""
        return Party(self.designated.get(item, {}).get(name, 0), self.issued.get(name, {}).get(item, 0))


@dataclass(slots=True)
class Stock:
    """Stock of one volume after `page`."""

    page: int = 0
    seal: str = FIRST_SEAL
    sites: dict[str, Site] = field(default_factory=dict)

    @property
    def balances(self) -> dict[tuple[str, str, str], Balance]:
        """Every lot by site, item and lot. Put together when asked."""
        return {
            (site, item, lot): balance
            for (site, item), shelf in self.totals.items()
            for lot, balance in shelf.lots.items()
        }

    @property
    def totals(self) -> dict[tuple[str, str], Shelf]:
        """Every shelf by site and item. Put together when asked."""
        return {(name, item): shelf for name, site in self.sites.items() for item, shelf in site.shelves.items()}

    @property
    def parties(self) -> dict[tuple[str, str, str], Party]:
        """Every party by site, item and name. Put together when asked."""
        return {(at, of, name): site.party(name, of) for at, site in self.sites.items() for of, name in site.named()}

    def shelf(self, site: str, item: str) -> Shelf:
        """Return the shelf of an item at a site; an empty one when nothing ever moved there."""
        place = self.sites.get(site)
        return (place.shelves.get(item) if place else None) or Shelf()

    def reserved(self, site: str, item: str) -> int:
        """Return base units of an item kept for named receivers at a site."""
        place = self.sites.get(site)
        return place.reserved(item) if place else 0


class Taken(NamedTuple):
    """What one entry did to the stock."""

    said: Entry
    """The entry, or the one it undoes."""
    moved: list[Movement]
    shelves: dict[str, tuple[Shelf, int]]
    """Shelves it touched, by item, each with what was on hand before."""
    expiries: list[tuple[str, date]]
    """Items with an expiry it was the first to state for a lot, or took back."""


def available(on_hand: int, held: int, expired: int, reserved: int) -> int:
    """Return base units anyone may be given: not held, not expired, and not kept for a named receiver (D5).

    Below zero only when the book itself is: what is reserved beyond what is usable takes nothing from others.
    """
    usable = on_hand - held - expired
    return usable - min(reserved, max(0, usable))


def evolve(state: Stock, page: Page, seal: str) -> Stock:
    """Take one page into the stock. A page already taken changes nothing."""
    take_page(state, page, seal)
    return state


def take_page(state: Stock, page: Page, seal: str) -> list[Taken]:
    """Take one page into the stock and say what its entries did; nothing for a page already taken."""
    number = page.header.page
    if number <= state.page:
        return []
    assert number == state.page + 1, f"page {number} follows {state.page}"
    done = [taken for admitted in page.entries if (taken := take(state, admitted)) is not None]
    state.page, state.seal = number, seal
    return done


def take(state: Stock, admitted: AdmittedEntry) -> Taken | None:
    """Take one entry into the stock and say what it did; None for an entry that is not about what stands there."""
    entry, readings, seq = admitted.entry, admitted.readings, admitted.seq
    moved = movements(entry, readings)
    if not moved:
        return None
    site = state.sites.get(entry.site)
    if site is None:
        site = state.sites[entry.site] = Site()
    shelves = site.shelves
    touched: dict[str, tuple[Shelf, int]] = {}
    for item, lot, on_hand, held in moved:
        if item in touched:
            shelf = touched[item][0]
        else:
            if item not in shelves:
                shelves[item] = Shelf()
            shelf = shelves[item]
            touched[item] = (shelf, shelf.on_hand)
        shelf.on_hand += on_hand
        lots = shelf.lots
        if lot not in lots:
            lots[lot] = Balance()
        balance = lots[lot]
        balance.on_hand += on_hand
        balance.seq = seq
        if held:
            shelf.held += held
            balance.held += held
    _take_negative(touched, seq)
    said, sign = (original_of(entry), -1) if type(entry) is EntryReversed else (entry, 1)
    _take_parties(site, said, readings, moved, sign)
    stated: list[date | None] = []
    if type(said) is GoodsReceived or type(said) is TransferArrived or type(said) is KitsPacked:
        stated = [line.expires_on for line in said.lines]
    return Taken(said, moved, touched, _take_expiries(shelves, moved, stated, sign))


def _take_negative(touched: dict[str, tuple[Shelf, int]], seq: int) -> None:
    """Note which shelves are below nothing after the whole entry: its lines happened together."""
    for shelf, _ in touched.values():
        if shelf.on_hand >= 0:
            shelf.negative_since = 0
        elif not shelf.negative_since:
            shelf.negative_since = seq
            shelf.negative_moments += 1


def _take_parties(site: Site, said: Entry, readings: tuple[LineReading, ...], moved: list[Movement], sign: int) -> None:
    meant = next((reading.party for reading in readings if reading.party), None)
    match said:
        case GoodsIssued() | GoodsReturned():
            written = said.receiver if isinstance(said, GoodsIssued) else said.returned_by
            got = site.issued.setdefault(meant or written, {})
            for item, _, on_hand, _ in moved:
                if on_hand:  # what was lost moves nothing: it was not given back (H3)
                    got[item] = got.get(item, 0) - on_hand
        case GoodsReceived() if said.donation is not None and said.donation.designated_receiver:
            for item, _, on_hand, _ in moved:
                _designate(site, item, meant or said.donation.designated_receiver, on_hand)
        case GoodsReleased() if said.designated_receiver:
            for item, factor, _, freed in read(said.lines, readings):
                _designate(site, item, meant or said.designated_receiver, -sign * freed.quantity * factor)


def _designate(site: Site, item: str, receiver: str, quantity: int) -> None:
    kept = site.designated.setdefault(item, {})
    kept[receiver] = kept.get(receiver, 0) + quantity


def _take_expiries(
    shelves: dict[str, Shelf], moved: list[Movement], stated: list[date | None], sign: int
) -> list[tuple[str, date]]:
    """Note the expiries an entry states, line by line; return which of them are new to a lot or now gone from it."""
    changed: list[tuple[str, date]] = []
    for (item, lot, _, _), expires_on in zip(moved, stated, strict=False):  # most entries state none
        if expires_on is not None and shelves[item].lots[lot].state(expires_on, sign):
            changed.append((item, expires_on))
    return changed
