"""What alerts remember of one shelf (an item at a site): sums, latest movements and counts, days of demand. Bounded.

The state and what can be read off it; how entries change it is said in `projections.stocktakes`.
"""

from dataclasses import dataclass, field

from projections import stock
from projections.stock import Party

DEMAND_DAYS_KEPT = 92
"""Days of movements kept to expect demand from; a longer window of policy sees no further."""


@dataclass(slots=True)
class Lot:
    """One lot on a shelf, in base units."""

    on_hand: int = 0
    held: int = 0
    expiries: dict[int, int] = field(default_factory=dict)
    """Expiries stated, as day numbers (`date.toordinal`), each with the lines that state it, less those reversed."""

    def expires(self) -> int:
        """Return the day number of the earliest expiry stated and not reversed (A9); 0: none."""
        return min((day for day, times in self.expiries.items() if times > 0), default=0)


@dataclass(slots=True)
class Count:
    """The last count of one grain of a shelf."""

    entry: str
    moment: int
    counted: int
    book: int
    """The book as of `moment`, as known now."""
    answered: int = 0
    """Changed since by adjustments that answer this count."""
    differs: bool = False
    """An alert is open for it."""

    def difference(self) -> int:
        """Return what was counted beyond the book and not yet answered: + overage (盘盈), − shortage (盘亏)."""
        return self.counted - self.book - self.answered


@dataclass(slots=True)
class Day:
    """What one shelf moved on one day, by when it happened."""

    net: int = 0
    issued: int = 0


@dataclass(slots=True)
class Shelf:
    """One item at one site: its sums, and what is needed to judge counts and demand."""

    on_hand: int = 0
    held: int = 0
    reserved: int = 0
    inbound: int = 0
    """Dispatched to this site by another, not arrived; as far as this volume has seen."""
    lots: dict[str, Lot] = field(default_factory=dict)
    parties: dict[str, Party] = field(default_factory=dict)
    moves: list[tuple[int, str, int, str]] = field(default_factory=list)
    """Moment, lot, change, and the count it answers; latest recorded last."""
    forgotten: int = -(2**62)
    """Latest moment of any movement no longer among `moves`."""
    counts: dict[str, Count] = field(default_factory=dict)
    counted_to: int = -(2**62)
    recount: bool = False
    """A movement changed what a count is compared with."""
    days: dict[int, Day] = field(default_factory=dict)
    first_day: int = 0
    """Day of its earliest movement; 0: it never moved."""
    negative: bool = False
    low: bool = False
    """Alerts open for it."""
    reorder_at: int = 0
    """Reorder point in base units; 0: none is recorded and no demand is expected."""
    refreshed: int = 0
    version: int = -1
    """Day and policy version `reorder_at` was worked out for."""
    expired_lots: list[str] = field(default_factory=list)


def demand_over(shelf: Shelf, today: int, window_days: int, cycle_days: int) -> int:
    """Return expected demand over a cycle: mean daily issues of the days before today, rounded up (D5).

    Days that ended with nothing on hand are left out: they say what there was, not what was wanted. Days before the
    shelf's first movement are not days of no demand.
    """
    first = max(shelf.first_day, today - min(window_days, DEMAND_DAYS_KEPT))
    for day in [d for d in shelf.days if d < today - DEMAND_DAYS_KEPT]:
        del shelf.days[day]
    level = shelf.on_hand - sum(d.net for day, d in shelf.days.items() if day >= today)
    seen = issued = 0
    for day in range(today - 1, first - 1, -1):
        moved = shelf.days.get(day)
        if level > 0:
            seen += 1
            issued += moved.issued if moved else 0
        level -= moved.net if moved else 0
    return -(-max(0, issued) * cycle_days // seen) if seen else 0


def refresh(shelf: Shelf, today: int, reorder_at: int, version: int) -> None:
    """Note the reorder point worked out for a day and policy, and which lots are expired that day."""
    shelf.reorder_at, shelf.refreshed, shelf.version = reorder_at, today, version
    shelf.expired_lots = [name for name, lot in shelf.lots.items() if 0 < lot.expires() < today]


def available(shelf: Shelf) -> int:
    """Return base units that may be issued: not held, kept for a named receiver, or expired (D5)."""
    expired = sum(max(0, shelf.lots[lot].on_hand - shelf.lots[lot].held) for lot in shelf.expired_lots)
    return stock.available(shelf.on_hand, shelf.held, expired, shelf.reserved)
