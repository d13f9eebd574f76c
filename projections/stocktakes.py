"""Counts (盘点) against the book: each last count is compared with the book as of its moment, again when that changes.

What is remembered of one site is bounded: its last movements, and the last count of each lot of an item and of all its
lots together. A count older than movements already forgotten is not judged here; the lake's audit judges it.
A reversal takes effect at the moment of what it undoes, so a mistake corrected later no longer makes a count differ.
This fold raises nothing: `projections.alerts` asks it.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from projections.movements import Movement, read
from projections.shelves import DEMAND_DAYS_KEPT, NEVER, Count, Day, Watch, WatchedSite
from projections.stock import Site, Taken
from schemas.document import LineReading
from schemas.goods import GoodsIssued
from schemas.stocktakes import StockAdjusted, StockCounted

MOVES_KEPT = 4096
"""Movements a site remembers at least; when there are twice as many, the oldest entries are dropped at once."""
NOT_DEMAND = frozenset({"sent_back", "write_off"})
"""Uses of an issue that nobody asked for: they say nothing of demand."""
ALL_LOTS = "*"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment_of(at: datetime) -> int:
    """Return a moment in microseconds since 1970 UTC: quick to compare and to keep."""
    since = at - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def grain_of(lot: str | None) -> str:
    """Return the key a count is kept under: all lots together, or one lot (which may be the unknown one)."""
    return ALL_LOTS if lot is None else "=" + lot


def take_movements(watched: WatchedSite, taken: Taken, today: int) -> bool:
    """Take what an entry moved. Tell whether that may have changed what a count is compared with.

    `today` is the number of the day the entry was recorded on (`date.toordinal`).
    """
    said = taken.said
    _take_day(watched, taken, said.happened_at.toordinal(), today)
    for item, expires_on in taken.expiries:
        if expires_on.toordinal() < today:
            watched.shelves[item].refreshed = 0
    moment = moment_of(said.happened_at)
    answers = str(said.answers) if type(said) is StockAdjusted else ""
    _remember(watched, moment, answers, taken.moved)
    if moment > watched.counted_to and not answers:
        return False
    _move_under_counts(watched, moment, answers, taken.moved)
    return True


def _take_day(watched: WatchedSite, taken: Taken, day: int, today: int) -> None:
    """Note what an entry of a day moved. Days too long ago are not kept."""
    kept, late = day >= today - DEMAND_DAYS_KEPT, day < today
    wanted = type(taken.said) is GoodsIssued and taken.said.use not in NOT_DEMAND
    shelves = watched.shelves
    for item, (shelf, before) in taken.shelves.items():
        watch = shelves.get(item)
        if watch is None:
            watch = shelves[item] = Watch()
        if not 0 < watch.first_day <= day:
            watch.first_day = day
        if not kept:
            continue
        moved = watch.days.get(day)
        if moved is None:
            moved = watch.days[day] = Day()
            if len(watch.days) > DEMAND_DAYS_KEPT:
                _forget_days(watch, today)
        net = shelf.on_hand - before
        moved.net += net
        if wanted:
            moved.issued -= net
        if late:
            watch.refreshed = 0


def _forget_days(watch: Watch, today: int) -> None:
    for day in [d for d in watch.days if d < today - DEMAND_DAYS_KEPT]:
        del watch.days[day]


def _remember(watched: WatchedSite, moment: int, answers: str, moved: list[Movement]) -> None:
    remembered = watched.remembered
    latest = max(moment, remembered[-1][1]) if remembered else moment
    items, lots, changes, _ = zip(*moved, strict=True)
    remembered.append((moment, latest, answers, items, lots, changes))
    watched.lines += len(moved)
    if watched.lines < 2 * MOVES_KEPT:
        return
    dropped = 0
    forgotten: dict[str, int] = {}
    for then, _, _, items, _, _ in remembered:
        if watched.lines - len(items) < MOVES_KEPT:
            break
        dropped += 1
        watched.lines -= len(items)
        for item in items:
            if then > forgotten.get(item, NEVER):
                forgotten[item] = then
    del remembered[:dropped]
    for item, then in forgotten.items():
        watch = watched.shelves[item]
        watch.forgotten = max(watch.forgotten, then)


def _move_under_counts(watched: WatchedSite, moment: int, answers: str, moved: list[Movement]) -> None:
    for item, lot, change, _ in moved:
        for grain, count in watched.shelves[item].counts.items():
            if grain in (ALL_LOTS, "=" + lot):
                if moment <= count.moment:
                    count.book += change
                elif answers == count.entry:
                    count.answered += change


def take_counts(watched: WatchedSite, site: Site | None, said: StockCounted, counts: "Counted") -> Iterator[str]:
    """Take what was counted; yield each item as it is taken.

    What a later count has overtaken is not, nor what would be compared with a book that is forgotten.
    """
    moment, entry = moment_of(said.happened_at), name_of(said)
    later = _moved_after(watched, moment)
    watched.counted_to = max(watched.counted_to, moment)
    for item, grain, counted in counts:
        watch = watched.shelf(item)
        known = watch.counts.get(grain)
        if (known is not None and known.moment > moment) or moment < watch.forgotten:
            continue
        book, answered = _on_hand(site, item, grain), 0
        for lot, change, answers in later.get(item, ()):
            if grain in (ALL_LOTS, "=" + lot):
                book -= change
                answered += change if answers == entry else 0
        watch.counts[grain] = Count(entry, moment, counted, book, answered, known is not None and known.differs)
        yield item


def _moved_after(watched: WatchedSite, moment: int) -> dict[str, list[tuple[str, int, str]]]:
    """Return what was moved later than a moment, by item: lot, change, and the count it answers."""
    found: dict[str, list[tuple[str, int, str]]] = {}
    for then, latest, answers, items, lots, changes in reversed(watched.remembered):
        if latest <= moment:
            break
        if then > moment:
            for item, lot, change in zip(items, lots, changes, strict=True):
                found.setdefault(item, []).append((lot, change, answers))
    return found


def _on_hand(site: Site | None, item: str, grain: str) -> int:
    shelf = site.shelves.get(item) if site else None
    if shelf is None:
        return 0
    if grain == ALL_LOTS:
        return shelf.on_hand
    return shelf.lots[grain[1:]].on_hand if grain[1:] in shelf.lots else 0


def name_of(said: StockCounted) -> str:
    """Return a count's identity as adjustments name it."""
    return f"{said.site}/{said.source}/{said.number}"


Counted = list[tuple[str, str, int]]
"""Item, grain, base units counted."""


def counted_in(entry: StockCounted, readings: tuple[LineReading, ...]) -> Counted:
    """Return what was counted. Goods counted on several lines lay in several places: they add."""
    sums: dict[tuple[str, str], int] = {}
    for item, factor, _, line in read(entry.lines, readings):
        key = (item, grain_of(line.lot))
        sums[key] = sums.get(key, 0) + line.quantity * factor
    return [(item, grain, counted) for (item, grain), counted in sums.items()]
