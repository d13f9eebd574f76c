"""What is on its way to a shelf (D5): dispatched by another site and not arrived, ordered and not received.

Both ends come in either order. What came or was lost beyond what was sent or ordered takes nothing off elsewhere.
"""

from collections.abc import Iterable, Iterator

from projections.cases import AlertState
from projections.movements import read
from projections.transfers import End, taken_off
from schemas.approvals import GoodsOrdered
from schemas.corrections import EntryReversed
from schemas.goods import GoodsReceived, TransferArrived
from schemas.page import AdmittedEntry

Touched = tuple[str, Iterable[str]]
"""A site and items there, each once."""


def take_transfer(state: AlertState, said: End, admitted: AdmittedEntry) -> Touched:
    """Take one end of a transfer, or what was lost between them."""
    site = said.site if isinstance(said, TransferArrived) else said.to_site
    watched, touched = state.watched(site), dict[str, None]()
    for item, lot, off in taken_off(said, admitted):
        key = (said.transfer, site, item, lot)
        was = state.legs.pop(key, 0)
        left = was - off
        if left:
            state.legs[key] = left
        watched.shelf(item).inbound += max(0, left) - max(0, was)
        touched[item] = None
    return site, touched


def take_order(state: AlertState, said: GoodsOrdered | GoodsReceived, admitted: AdmittedEntry) -> Touched:
    """Take an order, or a receipt that names one. An order that will not be filled is reversed."""
    watched, touched = state.watched(said.site), dict[str, None]()
    sign = -1 if isinstance(admitted.entry, EntryReversed) else 1
    for order, item, quantity in _ordered(said, admitted):
        key = (order, said.site, item)
        was = state.orders.pop(key, 0)
        left = was + sign * quantity
        if left:
            state.orders[key] = left
        watched.shelf(item).on_order += max(0, left) - max(0, was)
        touched[item] = None
    return said.site, touched


def _ordered(said: GoodsOrdered | GoodsReceived, admitted: AdmittedEntry) -> Iterator[tuple[str, str, int]]:
    """Yield order, item and base units: more on order, or less."""
    entry = admitted.entry
    readings = entry.readings if isinstance(entry, EntryReversed) else admitted.readings
    if isinstance(said, GoodsOrdered):
        for item, factor, _, ordered in read(said.lines, readings):
            yield said.order, item, ordered.quantity * factor
    else:
        order = next((r.text for r in said.references if r.role == "order"), None)
        for item, factor, _, line in read(said.lines, readings) if order else ():
            yield order or "", item, -line.quantity * factor
