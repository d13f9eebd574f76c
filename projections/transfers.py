"""Transfers (调拨) between sites, by transfer id: dispatched, arrived, in transit. The ends come in any order (F9)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import assert_never, get_args

from projections.movements import movements, original_of, read
from schemas.corrections import EntryReversed
from schemas.entry import Entry
from schemas.goods import TransferArrived, TransferDispatched
from schemas.page import FIRST_SEAL, AdmittedEntry, Page
from schemas.transfers import TransferDifferenceExplained

End = TransferDispatched | TransferArrived | TransferDifferenceExplained
"""Entries that change what is on the way."""
_ENDS = frozenset(get_args(End))
MADE_GOOD = {"lost": 1, "damaged": 1, "still_moving": 0, "surplus": -1}
"""What an explanation takes off the way: lost goods no longer come, a surplus was never written down as sent (F9)."""


@dataclass(slots=True)
class Leg:
    """One item and lot of one transfer, in base units. What differs between the ends stays open until explained."""

    from_site: str = ""
    to_site: str = ""
    dispatched: int = 0
    arrived: int = 0
    explained: int = 0
    """Lost or damaged on the way; below zero for a surplus."""

    def in_transit(self) -> int:
        """Return what left and is still to arrive; below zero when more arrived than was said to leave."""
        return self.dispatched - self.arrived - self.explained


@dataclass(slots=True)
class Transfers:
    """Transfers known after `page`."""

    page: int = 0
    seal: str = FIRST_SEAL
    legs: dict[tuple[str, str, str], Leg] = field(default_factory=dict)
    """By transfer, item and lot."""


def evolve(state: Transfers, page: Page, seal: str) -> Transfers:
    """Take one page into the transfers. A page already taken changes nothing."""
    number = page.header.page
    if number <= state.page:
        return state
    assert number == state.page + 1, f"page {number} follows {state.page}"
    for admitted in page.entries:
        entry: Entry = admitted.entry
        said = original_of(entry) if type(entry) is EntryReversed else entry
        if type(said) in _ENDS:
            assert isinstance(said, End)
            for item, lot, left in taken_off(said, admitted):
                _take(state, said, (said.transfer, item, lot), left)
    state.page, state.seal = number, seal
    return state


def taken_off(said: End, admitted: AdmittedEntry) -> Iterator[tuple[str, str, int]]:
    """Yield item, lot and what each line takes off the way, in base units; a dispatch and a reversal put on it."""
    entry = admitted.entry
    if not isinstance(said, TransferDifferenceExplained):
        yield from ((item, lot, on_hand) for item, lot, on_hand, _ in movements(entry, admitted.readings))
        return
    undone = isinstance(entry, EntryReversed)
    readings = entry.readings if isinstance(entry, EntryReversed) else admitted.readings
    for item, factor, _, line in read(said.lines, readings):
        yield item, line.lot, MADE_GOOD[line.condition] * line.quantity * factor * (-1 if undone else 1)


def _take(state: Transfers, said: End, key: tuple[str, str, str], left: int) -> None:
    leg = state.legs.get(key)
    if leg is None:
        leg = state.legs[key] = Leg()
    match said:
        case TransferDispatched():
            leg.dispatched -= left
            leg.from_site, leg.to_site = said.site, said.to_site
        case TransferArrived():
            leg.arrived += left
            leg.from_site, leg.to_site = leg.from_site or said.from_site, leg.to_site or said.site
        case TransferDifferenceExplained():
            leg.explained += left
            leg.from_site, leg.to_site = leg.from_site or said.from_site, leg.to_site or said.to_site
        case _:
            assert_never(said)


def joined(states: Sequence[Transfers]) -> Mapping[tuple[str, str, str], Leg]:
    """Put together what several volumes know of transfers: one may hold the dispatch, another the arrival (F9)."""
    if len(states) == 1:
        return states[0].legs
    legs: dict[tuple[str, str, str], Leg] = {}
    for known in (leg for state in states for leg in state.legs.items()):
        key, part = known
        leg = legs.setdefault(key, Leg(part.from_site, part.to_site))
        if part.dispatched:
            leg.from_site, leg.to_site = part.from_site, part.to_site
        leg.dispatched += part.dispatched
        leg.arrived += part.arrived
        leg.explained += part.explained
    return legs
