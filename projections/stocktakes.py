"""Counts (盘点) against the book: each last count is compared with the book as of its moment, again when that changes.

What is remembered of one shelf (a site and item) is bounded: the last movements, and the last count of each lot and of
all lots together. A count older than movements already forgotten is not judged here; the lake's audit judges it.
A reversal takes effect at the moment of what it undoes, so a mistake corrected later no longer makes a count differ.
This fold raises nothing: `projections.alerts` asks it.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from projections.movements import movements, read
from projections.shelves import DEMAND_DAYS_KEPT, Count, Day, Lot, Shelf
from projections.stock import Party
from schemas.document import LineReading
from schemas.entry import StockEntry
from schemas.goods import GoodsIssued, GoodsReceived, GoodsReleased, GoodsReturned, TransferArrived
from schemas.page import AdmittedEntry
from schemas.stocktakes import StockAdjusted, StockCounted

MOVES_KEPT = 64
"""Movements a shelf remembers at least; twice as many are dropped to this many at once."""
_MOVES_MAX = 2 * MOVES_KEPT
NOT_DEMAND = frozenset({"sent_back", "write_off"})
"""Uses of an issue that nobody asked for: they say nothing of demand."""
ALL_LOTS = "*"
_WITH_PARTIES = (GoodsIssued, GoodsReturned, GoodsReceived, GoodsReleased)
_WITH_EXPIRIES = (GoodsReceived, TransferArrived)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment_of(at: datetime) -> int:
    """Return a moment in microseconds since 1970 UTC: quick to compare and to keep."""
    since = at - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def grain_of(lot: str | None) -> str:
    """Return the key a count is kept under: all lots together, or one lot (which may be the unknown one)."""
    return ALL_LOTS if lot is None else "=" + lot


def take_movements(
    shelves: dict[str, Shelf], said: StockEntry, admitted: AdmittedEntry, today: int
) -> dict[str, Shelf]:
    """Take what an entry moves; `said` is the entry, or the one it reverses. Return each shelf touched, by item.

    `today` is the number of the day the entry was recorded on (`date.toordinal`).
    """
    moment = moment_of(said.happened_at)
    answers = str(said.answers) if isinstance(said, StockAdjusted) else ""
    touched: dict[str, Shelf] = {}
    before: dict[str, int] = {}
    for item, lot, on_hand, held in movements(admitted.entry, admitted.readings):
        shelf = touched.get(item)
        if shelf is None:
            shelf = shelves.get(item)
            if shelf is None:
                shelf = shelves[item] = Shelf()
            touched[item] = shelf
            before[item] = shelf.on_hand
        kept = shelf.lots.get(lot)
        if kept is None:
            kept = shelf.lots[lot] = Lot()
        if held:
            shelf.held += held
            kept.held += held
        if on_hand:
            shelf.on_hand += on_hand
            kept.on_hand += on_hand
            moves = shelf.moves
            moves.append((moment, lot, on_hand, answers))
            if len(moves) >= _MOVES_MAX:
                _forget(shelf)
            if moment <= shelf.counted_to or answers:
                _move_under_counts(shelf, moment, lot, on_hand, answers)
    _take_days(touched, said, before, today)
    if isinstance(said, _WITH_PARTIES):
        _take_parties(touched, said, admitted, before)
    if isinstance(said, _WITH_EXPIRIES):
        _take_expiries(touched, said, admitted, today)
    return touched


def _take_days(touched: dict[str, Shelf], said: StockEntry, before: dict[str, int], today: int) -> None:
    day = said.happened_at.toordinal()
    kept, late = day >= today - DEMAND_DAYS_KEPT, day < today
    wanted = isinstance(said, GoodsIssued) and said.use not in NOT_DEMAND
    for item, shelf in touched.items():
        if not 0 < shelf.first_day <= day:
            shelf.first_day = day
        if not kept:
            continue
        moved = shelf.days.get(day)
        if moved is None:
            moved = shelf.days[day] = Day()
        net = shelf.on_hand - before[item]
        moved.net += net
        if wanted:
            moved.issued -= net
        if late:
            shelf.refreshed = 0


def _take_parties(
    shelves: dict[str, Shelf],
    said: GoodsIssued | GoodsReturned | GoodsReceived | GoodsReleased,
    admitted: AdmittedEntry,
    before: dict[str, int],
) -> None:
    if isinstance(said, GoodsReceived) and said.donation is None:
        return
    readings = admitted.readings
    sign = 1 if admitted.entry is said else -1
    party = next((r.party for r in readings if r.party), None)
    match said:
        case GoodsIssued() | GoodsReturned():  # what was lost moves nothing, so it was not given back (H3)
            written = said.receiver if isinstance(said, GoodsIssued) else said.returned_by
            for item, was in before.items():
                _reserve(shelves[item], party or written, issued=was - shelves[item].on_hand)
        case GoodsReceived() if said.donation is not None and said.donation.designated_receiver:
            for item, was in before.items():
                receiver = party or said.donation.designated_receiver
                _reserve(shelves[item], receiver, designated=shelves[item].on_hand - was)
        case GoodsReleased() if said.designated_receiver:
            for item, factor, _, freed in read(said.lines, readings):
                _reserve(shelves[item], party or said.designated_receiver, designated=-sign * freed.quantity * factor)


def _reserve(shelf: Shelf, name: str, *, issued: int = 0, designated: int = 0) -> None:
    party = shelf.parties.get(name)
    if party is None:
        party = shelf.parties[name] = Party()
    was = party.reserved()
    party.issued += issued
    party.designated += designated
    shelf.reserved += party.reserved() - was


def _take_expiries(
    shelves: dict[str, Shelf], said: GoodsReceived | TransferArrived, admitted: AdmittedEntry, today: int
) -> None:
    if not [line for line in said.lines if line.expires_on]:
        return
    if isinstance(said, GoodsReceived):
        stated = [(item, line.lot, line.expires_on) for item, _, _, line in read(said.lines, admitted.readings)]
    else:
        stated = [(item, line.lot, line.expires_on) for item, _, _, line in read(said.lines, admitted.readings)]
    sign = 1 if admitted.entry is said else -1
    for item, lot, expires_on in stated:
        if expires_on is not None:
            expiries, day = shelves[item].lots[lot].expiries, expires_on.toordinal()
            expiries[day] = expiries.get(day, 0) + sign
            if not expiries[day]:
                del expiries[day]
            if day < today:
                shelves[item].refreshed = 0


def _forget(shelf: Shelf) -> None:
    dropped = shelf.moves[:-MOVES_KEPT]
    shelf.forgotten = max(shelf.forgotten, *(m[0] for m in dropped))
    del shelf.moves[:-MOVES_KEPT]


def _move_under_counts(shelf: Shelf, moment: int, lot: str, change: int, answers: str) -> None:
    shelf.recount = True
    for grain, count in shelf.counts.items():
        if grain == ALL_LOTS or grain[1:] == lot:
            if moment <= count.moment:
                count.book += change
            elif answers == count.entry:
                count.answered += change


def take_count(shelf: Shelf, grain: str, entry: str, moment: int, counted: int) -> Count | None:
    """Take what was counted of a grain. None when a later count is here, or the book of that moment is forgotten."""
    known = shelf.counts.get(grain)
    if (known is not None and known.moment > moment) or moment < shelf.forgotten:
        return None
    book = shelf.on_hand if grain == ALL_LOTS else shelf.lots[grain[1:]].on_hand if grain[1:] in shelf.lots else 0
    answered = 0
    for moved_at, lot, change, answers in shelf.moves:
        if moved_at > moment and (grain == ALL_LOTS or grain[1:] == lot):
            book -= change
            answered += change if answers == entry else 0
    count = Count(entry, moment, counted, book, answered, known is not None and known.differs)
    shelf.counts[grain] = count
    shelf.counted_to = max(shelf.counted_to, moment)
    return count


def counted_in(entry: StockCounted, readings: tuple[LineReading, ...]) -> Iterator[tuple[str, str, int]]:
    """Yield item, grain and base units counted. Goods counted on several lines lay in several places: they add."""
    sums: dict[tuple[str, str], int] = {}
    for item, factor, _, line in read(entry.lines, readings):
        key = (item, grain_of(line.lot))
        sums[key] = sums.get(key, 0) + line.quantity * factor
    for (item, grain), counted in sums.items():
        yield item, grain, counted
