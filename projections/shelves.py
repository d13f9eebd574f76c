"""What alerts remember of shelves (an item at a site) beyond their stock: movements, counts, days of demand. Bounded.

The state and what can be read off it; how entries change it is said in `projections.stocktakes`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from projections import stock
from projections.stock import Shelf, Site
from schemas.alerts import Severity

DEMAND_DAYS_KEPT = 92
"""Days of movements kept to expect demand from; a longer window of policy sees no further."""
NEVER = -(2**62)
"""A moment before all others."""

Remembered = tuple[int, int, str, tuple[str, ...], tuple[str, ...], tuple[int, ...]]
"""One entry: its moment, the latest moment of it and all before it, the count it answers, and line by line the items,
lots and changes on hand. In columns: a movement each would be kept in four times the memory.
"""


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
class Watch:
    """What is remembered of one item at one site, to judge counts and demand."""

    inbound: int = 0
    """Dispatched to this site by another, not arrived; as far as this volume has seen."""
    on_order: int = 0
    """Ordered by this site, not received."""
    counts: dict[str, Count] = field(default_factory=dict)
    forgotten: int = NEVER
    """Latest moment of any movement no longer remembered."""
    days: dict[int, Day] = field(default_factory=dict)
    first_day: int = 0
    """Day of its earliest movement; 0: it never moved."""
    negative: bool = False
    """An alert is open for a negative book."""
    low: Severity | None = None
    """How low the stock was told to be by the alert open for it."""
    reorder_at: int = 0
    """Reorder point in base units; 0: none is recorded and no demand is expected."""
    refreshed: int = 0
    version: int = -1
    """Day and policy version `reorder_at` was worked out for."""
    expired_lots: tuple[str, ...] = ()


@dataclass(slots=True)
class WatchedSite:
    """What is remembered of one site."""

    shelves: dict[str, Watch] = field(default_factory=dict)
    """By item."""
    remembered: list[Remembered] = field(default_factory=list)
    """Latest recorded last."""
    lines: int = 0
    """Movements remembered."""
    counted_to: int = NEVER
    """Latest moment anything was counted."""

    def shelf(self, item: str) -> Watch:
        """Return what is remembered of an item, from now on."""
        watch = self.shelves.get(item)
        if watch is None:
            watch = self.shelves[item] = Watch()
        return watch


def demand_over(site: WatchedSite, item: str, on_hand: int, today: int, window_days: int, cycle_days: int) -> int:
    """Return expected demand over a cycle: mean daily issues of the days before today, rounded up (D5)."""
    issued, seen = demand_seen(site, item, on_hand, today, window_days)
    return -(-issued * cycle_days // seen) if seen else 0


def demand_seen(site: WatchedSite, item: str, on_hand: int, today: int, window_days: int) -> tuple[int, int]:
    """Return base units issued on the days before today within a window, and how many of those days count (D5).

    Days that ended with nothing on hand are left out: they say what there was, not what was wanted. Days before the
    shelf's first movement are not days of no demand.
    """
    watch = site.shelves[item]
    first = max(watch.first_day, today - min(window_days, DEMAND_DAYS_KEPT))
    level = on_hand - sum(moved.net for day, moved in watch.days.items() if day >= today)
    seen = issued = 0
    until = today
    for day in sorted((d for d in watch.days if first <= d < today), reverse=True):
        if level > 0:  # as on every day from this one until the next on which the shelf moved
            seen += until - day
            issued += watch.days[day].issued
        level -= watch.days[day].net
        until = day
    return max(0, issued), seen + (max(0, until - first) if level > 0 else 0)


def refresh(watch: Watch, shelf: Shelf, today: int, reorder_at: int, version: int) -> None:
    """Note the reorder point worked out for a day and policy, and which lots are expired that day."""
    watch.reorder_at, watch.refreshed, watch.version = reorder_at, today, version
    watch.expired_lots = expired_on(shelf, date.fromordinal(today))


def expired_on(shelf: Shelf, day: date) -> tuple[str, ...]:
    """Return the lots of a shelf whose last day of use is before a day."""
    return tuple(name for name, lot in shelf.lots.items() if lot.expires_on is not None and lot.expires_on < day)


def as_told(watch: Watch, shelf: Shelf) -> bool:
    """Tell at a glance that what was told of a shelf still holds, for a watch refreshed today.

    It does not look at what is kept for named receivers.
    """
    if watch.low or (shelf.on_hand < 0) != watch.negative:
        return False
    return not watch.reorder_at or (not watch.expired_lots and shelf.on_hand - shelf.held > watch.reorder_at)


def available(site: Site | None, item: str, expired_lots: Sequence[str]) -> int:
    """Return base units of an item that may be issued: not held, kept for a named receiver, or expired (D5)."""
    shelf = site.shelves.get(item) if site else None
    if site is None or shelf is None:
        return 0
    lots = shelf.lots
    expired = sum(max(0, lots[lot].on_hand - lots[lot].held) for lot in expired_lots) if expired_lots else 0
    return stock.available(shelf.on_hand, shelf.held, expired, site.reserved(item) if site.designated else 0)
