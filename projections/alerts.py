"""Alerts (预警) that follow entries: what raises and clears negative book, count difference, reorder point, number gap.

Cases are judged after each entry in book order, so how entries were batched into pages changes nothing. There is no
clock: alerts of time are asked of `due` with a moment (projections.timed_alerts), and the reorder point of a shelf is
judged when the shelf moves or its policy changes. It keeps its own small sums: it is rebuilt from the pages alone.
"""

from datetime import datetime

from projections import policy as policies
from projections import shelves as shelving
from projections import stocktakes
from projections.cases import (
    CHANGES_KEPT,
    AlertState,
    Case,
    SourceSeen,
    acknowledge,
    changes_after,
    clear,
    described,
    forget_old,
    identity,
    judge,
    open_alerts,
)
from projections.movements import movements, original_of
from projections.numbering import Gaps
from projections.shelves import Shelf
from projections.stocktakes import ALL_LOTS
from projections.timed_alerts import due, transitions
from schemas.alerts import Severity
from schemas.catalogue import ItemDescribed
from schemas.corrections import EntryReversed
from schemas.entry import Entry, StockEntry
from schemas.goods import GoodsIssued, GoodsReceived, GoodsReleased, GoodsReturned, TransferArrived, TransferDispatched
from schemas.page import AdmittedEntry, Page
from schemas.policy import PolicySet
from schemas.stocktakes import StockAdjusted, StockCounted
from schemas.watching import AlertAcknowledged

_GOODS = frozenset(
    {GoodsReceived, GoodsIssued, GoodsReturned, GoodsReleased, TransferDispatched, TransferArrived, StockAdjusted}
)
_JUDGED = frozenset(
    {"reorder_point", "safety_stock", "replenishment_cycle_days", "demand_window_days", "count_tolerance"}
)
"""Policies that change whether a shelf alerts."""


def evolve(state: AlertState, page: Page, seal: str) -> AlertState:
    """Take one page into the alerts. A page already taken changes nothing."""
    number = page.header.page
    if number <= state.page:
        return state
    assert number == state.page + 1, f"page {number} follows {state.page}"
    at = page.header.recorded_at
    forget_old(state)
    if state.policy.waiting and policies.advance(state.policy, at):
        for site, item in [(s, i) for s, shelves in state.shelves.items() for i in shelves]:
            _judge_shelf(state, site, item, at, at.toordinal())
    for admitted in page.entries:
        _take(state, admitted, at)
    state.page, state.seal = number, seal
    return state


def _take(state: AlertState, admitted: AdmittedEntry, at: datetime) -> None:
    entry = admitted.entry
    _take_number(state, entry, at)
    if type(entry) in _GOODS:
        assert isinstance(entry, StockEntry)
        return _take_goods(state, entry, admitted, at)
    match entry:
        case EntryReversed():
            said = original_of(entry)
            if isinstance(said, StockCounted):
                _void_count(state, said, entry, at)
            elif isinstance(said, StockEntry):
                _take_goods(state, said, admitted, at)
        case StockCounted():
            _take_count(state, entry, admitted, at)
        case AlertAcknowledged():
            acknowledge(state, entry, at)
        case ItemDescribed():
            state.items[entry.item] = (entry.name, entry.base_unit)
            policies.take(state.policy, entry, at)
        case PolicySet():
            policies.take(state.policy, entry, at)
            if entry.key in _JUDGED and entry.effective_from <= at:
                _judge_scope(state, entry, at)
        case _:
            policies.take(state.policy, entry, at)
    return None


def _take_goods(state: AlertState, said: StockEntry, admitted: AdmittedEntry, at: datetime) -> None:
    site = said.site
    shelves = state.shelves.get(site)
    if shelves is None:
        shelves = state.shelves[site] = {}
    today = at.astimezone(said.happened_at.tzinfo).toordinal()
    touched = stocktakes.take_movements(shelves, said, admitted, today)
    if isinstance(said, TransferDispatched | TransferArrived):
        for place, item in _take_legs(state, said, admitted):
            _judge_shelf(state, place, item, at, today)
    version = state.policy.version
    for item, shelf in touched.items():
        current = shelf.refreshed == today and shelf.version == version
        if not current or shelf.on_hand < 0 or shelf.negative or shelf.low or shelf.reorder_at:
            _judge_shelf(state, site, item, at, today)
        if shelf.recount:
            _judge_counts(state, site, item, at)
            shelf.recount = False


def _judge_shelf(state: AlertState, site: str, item: str, at: datetime, today: int) -> None:
    shelf = state.shelves[site][item]
    if shelf.on_hand < 0:
        facts = {"on_hand": shelf.on_hand, **described(state, item)}
        name = identity("negative_book", site, item)
        judge(state, Case(name, "negative_book", "warning", site, at, item, facts=facts))
        shelf.negative = True
    elif shelf.negative:
        clear(state, identity("negative_book", site, item), at, {"on_hand": shelf.on_hand})
        shelf.negative = False
    if shelf.refreshed != today or shelf.version != state.policy.version:
        shelving.refresh(shelf, today, _reorder_point(state, site, item, at, today), state.policy.version)
    if not (shelf.reorder_at and shelf.first_day) and not shelf.low:
        return
    available = shelving.available(shelf)
    name = identity("reorder_point", site, item)
    figures: dict[str, int | str] = {
        "available": available, "in_transit": shelf.inbound, "reorder_point": shelf.reorder_at
    }  # fmt: skip
    if shelf.reorder_at and available + shelf.inbound <= shelf.reorder_at:
        severity: Severity = "urgent" if available <= 0 else "warning"
        users = tuple(sorted(name for name, party in shelf.parties.items() if party.issued > 0))
        facts = {**figures, **described(state, item)}
        judge(state, Case(name, "reorder_point", severity, site, at, item, facts=facts, audience=users))
        shelf.low = True
    elif shelf.low:
        clear(state, name, at, figures)
        shelf.low = False


def _reorder_point(state: AlertState, site: str, item: str, at: datetime, today: int) -> int:
    shelf = state.shelves[site][item]
    explicit = policies.whole(state.policy, "reorder_point", at, site=site, item=item)
    if explicit >= 0:
        return explicit
    window = policies.whole(state.policy, "demand_window_days", at, site=site, item=item)
    cycle = policies.whole(state.policy, "replenishment_cycle_days", at, site=site, item=item)
    safety = policies.whole(state.policy, "safety_stock", at, site=site, item=item)
    return max(0, shelving.demand_over(shelf, today, window, max(0, cycle)) + safety)


def _judge_scope(state: AlertState, entry: PolicySet, at: datetime) -> None:
    sites = [entry.scope.site] if entry.scope.site else list(state.shelves)
    for site in sites:
        shelves = state.shelves.get(site, {})
        for item in [entry.scope.item] if entry.scope.item else list(shelves):
            if item in shelves and policies.covers(entry.scope, state.policy, site=site, item=item):
                _judge_shelf(state, site, item, at, at.toordinal())
                _judge_counts(state, site, item, at)


def _take_legs(
    state: AlertState, said: TransferDispatched | TransferArrived, admitted: AdmittedEntry
) -> list[tuple[str, str]]:
    """Take both ends of a transfer, in either order; what left and has not arrived is inbound at its destination."""
    site = said.to_site if isinstance(said, TransferDispatched) else said.site
    shelves = state.shelves.setdefault(site, {})
    touched = {}
    for item, lot, on_hand, _ in movements(admitted.entry, admitted.readings):
        key = (said.transfer, site, item, lot)
        was = state.legs.pop(key, 0)
        left = was - on_hand
        if left:
            state.legs[key] = left
        shelf = shelves.setdefault(item, Shelf())
        shelf.inbound += max(0, left) - max(0, was)
        touched[site, item] = True
    return list(touched)


def _take_count(state: AlertState, entry: StockCounted, admitted: AdmittedEntry, at: datetime) -> None:
    name = f"{entry.site}/{entry.source}/{entry.number}"
    if name in state.voided:
        state.voided.discard(name)
        return
    shelves = state.shelves.setdefault(entry.site, {})
    moment = stocktakes.moment_of(entry.happened_at)
    for item, grain, counted in stocktakes.counted_in(entry, admitted.readings):
        shelf = shelves.setdefault(item, Shelf())
        if stocktakes.take_count(shelf, grain, name, moment, counted):
            _judge_counts(state, entry.site, item, at)


def _void_count(state: AlertState, said: StockCounted, entry: EntryReversed, at: datetime) -> None:
    """Undo a count: nothing is compared with it any more. One reversed before it came is not taken when it comes."""
    name, found = str(entry.reverses), False
    shelves = state.shelves.setdefault(said.site, {})
    for item, grain, _ in stocktakes.counted_in(said, entry.readings):
        shelf = shelves.get(item)
        count = shelf.counts.get(grain) if shelf else None
        if shelf is not None and count is not None and count.entry == name:
            found = True
            del shelf.counts[grain]
            clear(state, _count_name(said.site, item, grain), at, {})
    if not found:
        state.voided.add(name)


def _judge_counts(state: AlertState, site: str, item: str, at: datetime) -> None:
    tolerance = policies.whole(state.policy, "count_tolerance", at, site=site, item=item)
    for grain, count in state.shelves[site][item].counts.items():
        difference = count.difference()
        name = _count_name(site, item, grain)
        figures: dict[str, int | str] = {"counted": count.counted, "book": count.book, "difference": difference}
        if abs(difference) > max(0, tolerance):
            severity: Severity = "warning" if difference < 0 else "notice"
            facts = {**figures, "answered": count.answered, "count": count.entry, **described(state, item)}
            lot = "" if grain == ALL_LOTS else grain[1:]
            judge(state, Case(name, "count_difference", severity, site, at, item, lot, facts))
            count.differs = True
        elif count.differs:
            clear(state, name, at, figures)
            count.differs = False


def _count_name(site: str, item: str, grain: str) -> str:
    name = identity("count_difference", site, item)
    return name + "/*" if grain == ALL_LOTS else identity("count_difference", site, item, grain[1:])


def _take_number(state: AlertState, entry: Entry, at: datetime) -> None:
    """Note a number. Admission has refused repeats, so a number not after the last one fills a gap."""
    key = (entry.site, entry.source)
    seen = state.sources.get(key)
    if seen is None:
        seen = state.sources[key] = SourceSeen(at)
    seen.seen = at
    in_order = entry.number == seen.numbers.last + 1
    seen.numbers.note(entry.number)
    if not in_order:
        _judge_gaps(state, entry.site, entry.source, seen.numbers, at)


def _judge_gaps(state: AlertState, site: str, source: str, numbers: Gaps, at: datetime) -> None:
    missing = numbers.missing()
    name = identity("number_gap", site, source)
    if missing:
        first = numbers.gaps[0][0] if numbers.gaps else 0
        facts: dict[str, int | str] = {"source": source, "missing": missing, "first": first, "last": numbers.last}
        judge(state, Case(name, "number_gap", "warning", site, at, facts=facts))
    else:
        clear(state, name, at, {"missing": 0})


__all__ = ["CHANGES_KEPT", "AlertState", "Case", "changes_after", "due", "evolve", "open_alerts", "transitions"]
