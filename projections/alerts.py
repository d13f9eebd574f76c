"""Alerts (预警) that follow entries: what raises and clears negative book, count difference, reorder point, number gap.

Cases are judged after each entry in book order, so how entries were batched into pages changes nothing. There is no
clock: alerts of time are asked of `due` with a moment (projections.timed_alerts), and the reorder point of a shelf is
judged when the shelf moves or its policy changes. It folds the stock as well: every case is judged by the very figures
people are shown.
"""

from collections.abc import Iterable
from dataclasses import replace
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
)
from projections.movements import original_of
from projections.numbering import Gaps
from projections.on_the_way import Touched, take_order, take_transfer
from projections.stock import Taken
from projections.stock import take as take_stock
from projections.stocktakes import ALL_LOTS
from projections.timed_alerts import due, transitions
from schemas.alerts import Alert, Severity
from schemas.approvals import GoodsOrdered
from schemas.catalogue import ItemDescribed
from schemas.corrections import EntryReversed
from schemas.entry import Entry, ReversibleEntry
from schemas.goods import GoodsReceived, TransferArrived, TransferDispatched
from schemas.page import AdmittedEntry, Page
from schemas.policy import PolicySet
from schemas.stocktakes import StockCounted
from schemas.transfers import TransferDifferenceExplained
from schemas.watching import AlertAcknowledged

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
        for site, item in [(s, i) for s, watched in state.sites.items() for i in watched.shelves]:
            _judge_shelf(state, site, item, at, at.toordinal())
    for admitted in page.entries:
        _take(state, admitted, at)
    state.page, state.seal = state.stock.page, state.stock.seal = number, seal
    return state


def _take(state: AlertState, admitted: AdmittedEntry, at: datetime) -> None:
    entry = admitted.entry
    _take_number(state, entry, at)
    taken = take_stock(state.stock, admitted)
    if taken is not None:
        return _take_goods(state, taken, admitted, at)
    match entry:
        case EntryReversed():
            said = original_of(entry)
            if isinstance(said, StockCounted):
                _void_count(state, said, entry, at)
            elif isinstance(said, TransferDifferenceExplained):
                _judge_touched(state, said, take_transfer(state, said, admitted), at)
            elif isinstance(said, GoodsOrdered):
                _judge_touched(state, said, take_order(state, said, admitted), at)
        case TransferDifferenceExplained():
            _judge_touched(state, entry, take_transfer(state, entry, admitted), at)
        case GoodsOrdered():
            _judge_touched(state, entry, take_order(state, entry, admitted), at)
        case StockCounted():
            _take_count(state, entry, admitted, at)
        case AlertAcknowledged():
            if entry.alert in state.open:
                state.open[entry.alert] = _as_it_stands(state, state.open[entry.alert])
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


def _take_goods(state: AlertState, taken: Taken, admitted: AdmittedEntry, at: datetime) -> None:
    said = taken.said
    site, watched = said.site, state.watched(said.site)
    today = at.astimezone(said.happened_at.tzinfo).toordinal()
    recount = stocktakes.take_movements(watched, taken, today)
    if type(said) is TransferDispatched or type(said) is TransferArrived:
        _judge_touched(state, said, take_transfer(state, said, admitted), at)
    elif type(said) is GoodsReceived and said.references:
        take_order(state, said, admitted)
    _judge_items(state, site, taken.shelves, at, today, recount=recount)


def _judge_items(
    state: AlertState, site: str, items: Iterable[str], at: datetime, today: int, *, recount: bool = False
) -> None:
    """Judge shelves of a site that something moved. Most stand as was told of them: that is seen at a glance."""
    watched, place, version = state.sites[site].shelves, state.stock.sites.get(site), state.policy.version
    shelves, designated = (place.shelves, place.designated) if place else ({}, {})
    as_told = shelving.as_told
    for item in items:
        watch, shelf = watched[item], shelves.get(item)
        current = watch.refreshed == today and watch.version == version
        if shelf is None or not (current and as_told(watch, shelf)) or item in designated:
            _judge_shelf(state, site, item, at, today)
        if recount:
            _judge_counts(state, site, item, at)


def _judge_shelf(state: AlertState, site: str, item: str, at: datetime, today: int) -> None:
    watch, shelf = state.sites[site].shelves[item], state.stock.shelf(site, item)
    if (shelf.on_hand < 0) != watch.negative:
        watch.negative = not watch.negative
        name = identity("negative_book", site, item)
        if watch.negative:
            judge(state, _as_it_stands(state, Case(name, "negative_book", "warning", site, at, item)))
        else:
            _clear_shelf(state, name, at)
    if watch.refreshed != today or watch.version != state.policy.version:
        shelving.refresh(watch, shelf, today, _reorder_point(state, site, item, at, today), state.policy.version)
    if not (watch.reorder_at and watch.first_day) and not watch.low:
        return
    available = shelving.available(state.stock.sites.get(site), item, watch.expired_lots)
    if watch.reorder_at and available + watch.inbound + watch.on_order <= watch.reorder_at:
        severity: Severity = "urgent" if available <= 0 else "warning"
        if watch.low not in (severity, "urgent"):
            name = identity("reorder_point", site, item)
            judge(state, _as_it_stands(state, Case(name, "reorder_point", severity, site, at, item)))
            watch.low = severity
    elif watch.low:
        _clear_shelf(state, identity("reorder_point", site, item), at)
        watch.low = None


def _clear_shelf(state: AlertState, name: str, at: datetime) -> None:
    state.open[name] = _as_it_stands(state, state.open[name])
    clear(state, name, at, {})


def _as_it_stands(state: AlertState, case: Case) -> Case:
    """Return a case of a shelf with the figures of now: they change with every entry, so they are read when asked."""
    if case.kind not in ("negative_book", "reorder_point"):
        return case
    about = described(state, case.item)
    if case.kind == "negative_book":
        return replace(case, facts={"on_hand": state.stock.shelf(case.site, case.item).on_hand, **about})
    watch, site = state.sites[case.site].shelves[case.item], state.stock.sites.get(case.site)
    figures: dict[str, int | str] = {
        "available": shelving.available(site, case.item, watch.expired_lots), "in_transit": watch.inbound,
        "on_order": watch.on_order, "reorder_point": watch.reorder_at,
    }  # fmt: skip
    users = {name for name, got in site.issued.items() if got.get(case.item, 0) > 0} if site else set()
    return replace(case, facts={**figures, **about}, audience=tuple(sorted({*case.audience, *users})))


def open_alerts(state: AlertState) -> tuple[Alert, ...]:
    """Return every case of entries that is raised or acknowledged now, oldest transition first."""
    cases = sorted(state.open.values(), key=lambda case: case.number)
    return tuple(_as_it_stands(state, case).as_alert() for case in cases)


def _reorder_point(state: AlertState, site: str, item: str, at: datetime, today: int) -> int:
    explicit = policies.whole(state.policy, "reorder_point", at, site=site, item=item)
    if explicit >= 0:
        return explicit
    window = policies.whole(state.policy, "demand_window_days", at, site=site, item=item)
    cycle = policies.whole(state.policy, "replenishment_cycle_days", at, site=site, item=item)
    safety = policies.whole(state.policy, "safety_stock", at, site=site, item=item)
    on_hand = state.stock.shelf(site, item).on_hand
    return max(0, shelving.demand_over(state.sites[site], item, on_hand, today, window, max(0, cycle)) + safety)


def _judge_scope(state: AlertState, entry: PolicySet, at: datetime) -> None:
    sites = [entry.scope.site] if entry.scope.site else list(state.sites)
    for site in sites:
        shelves = state.sites[site].shelves if site in state.sites else {}
        for item in [entry.scope.item] if entry.scope.item else list(shelves):
            if item in shelves and policies.covers(entry.scope, state.policy, site=site, item=item):
                _judge_shelf(state, site, item, at, at.toordinal())
                _judge_counts(state, site, item, at)


def _judge_touched(state: AlertState, said: ReversibleEntry, touched: Touched, at: datetime) -> None:
    today = at.astimezone(said.happened_at.tzinfo).toordinal()
    site, items = touched
    _judge_items(state, site, items, at, today)


def _take_count(state: AlertState, entry: StockCounted, admitted: AdmittedEntry, at: datetime) -> None:
    name = stocktakes.name_of(entry)
    if name in state.voided:
        state.voided.discard(name)
        return
    counts = stocktakes.counted_in(entry, admitted.readings)
    watched = state.watched(entry.site)
    for item in stocktakes.take_counts(watched, state.stock.sites.get(entry.site), entry, counts):
        _judge_counts(state, entry.site, item, at)


def _void_count(state: AlertState, said: StockCounted, entry: EntryReversed, at: datetime) -> None:
    """Undo a count: nothing is compared with it any more. One reversed before it came is not taken when it comes."""
    name, found = str(entry.reverses), False
    shelves = state.watched(said.site).shelves
    for item, grain, _ in stocktakes.counted_in(said, entry.readings):
        watch = shelves.get(item)
        count = watch.counts.get(grain) if watch else None
        if watch is not None and count is not None and count.entry == name:
            found = True
            del watch.counts[grain]
            clear(state, _count_name(said.site, item, grain), at, {})
    if not found:
        state.voided.add(name)


def _judge_counts(state: AlertState, site: str, item: str, at: datetime) -> None:
    counts = state.sites[site].shelves[item].counts
    if not counts:
        return
    tolerance = policies.whole(state.policy, "count_tolerance", at, site=site, item=item)
    for grain, count in counts.items():
        difference = count.difference()
        if abs(difference) <= max(0, tolerance) and not count.differs:
            continue
        name = _count_name(site, item, grain)
        figures: dict[str, int | str] = {"counted": count.counted, "book": count.book, "difference": difference}
        if abs(difference) > max(0, tolerance):
            severity: Severity = "warning" if difference < 0 else "notice"
            facts = {**figures, "answered": count.answered, "count": count.entry, **described(state, item)}
            lot = "" if grain == ALL_LOTS else grain[1:]
            judge(state, Case(name, "count_difference", severity, site, at, item, lot, facts))
        else:
            clear(state, name, at, figures)
        count.differs = abs(difference) > max(0, tolerance)


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
