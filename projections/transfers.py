"""Transfers (调拨) between sites, by transfer id: dispatched, arrived, in transit. The ends come in any order (F9)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from projections.movements import movements, original_of
from schemas.corrections import EntryReversed
from schemas.entry import Entry
from schemas.goods import TransferArrived, TransferDispatched
from schemas.page import FIRST_SEAL, Page


@dataclass(slots=True)
class Leg:
    """One item and lot of one transfer, in base units. What differs between the ends stays open until explained."""

    from_site: str = ""
    to_site: str = ""
    dispatched: int = 0
    arrived: int = 0

    def in_transit(self) -> int:
        """Return what left and has not arrived; below zero when more arrived than was said to leave."""
        return self.dispatched - self.arrived


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
        said = original_of(entry) if isinstance(entry, EntryReversed) else entry
        if isinstance(said, TransferDispatched | TransferArrived):
            for item, lot, on_hand, _ in movements(entry, admitted.readings):
                _take(state, said, (said.transfer, item, lot), on_hand)
    state.page, state.seal = number, seal
    return state


def _take(state: Transfers, said: TransferDispatched | TransferArrived, key: tuple[str, str, str], moved: int) -> None:
    leg = state.legs.get(key)
    if leg is None:
        leg = state.legs[key] = Leg()
    if isinstance(said, TransferDispatched):
        leg.dispatched -= moved
        leg.from_site, leg.to_site = said.site, said.to_site
    else:
        leg.arrived += moved
        leg.from_site, leg.to_site = leg.from_site or said.from_site, leg.to_site or said.site


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
    return legs
