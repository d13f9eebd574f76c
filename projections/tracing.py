"""Tracing (追溯): which gift every unit came from and where it went, through lots, kits, transfers and returns (B5).

The rule of attribution, told once. An issue takes (1) what is kept for its receiver, then common stock, last what is
kept for others (B3); (2) the lot it names, else stock without a lot, which also serves lots, else any lot; (3) what
came first. A kit takes all that went into it, and gives it out unit by unit. A return brings back what its party got
last. What the book has no source for is said to be of no known source. Pure: lines in, traces out.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import Literal, NamedTuple

End = Literal["in_stock", "in_transit", "issued", "passed_on", "adjusted"]


class Moved(NamedTuple):
    """One line of one entry that was not reversed, in base units. `change` is 0 where nothing moves at the site."""

    at: datetime
    on: date
    """The day as it was written."""
    volume: int
    seq: int
    line: int
    entry: str
    kind: str
    site: str
    item: str
    lot: str
    change: int
    quantity: int
    party: str = ""
    """Who received it, gave it back, or is meant to get it; as the catalogue reads the name."""
    transfer: str = ""
    donor: str | None = None
    """None: no gift. Empty: an anonymous donor (B7)."""


class Source(NamedTuple):
    """The line by which goods first came in. Without an entry: the book knows of none."""

    entry: str
    line: int
    on: date | None
    donor: str | None
    item: str


class Part(NamedTuple):
    """So many base units of an item, of one source, and the transfers and kits they went through."""

    source: Source
    quantity: int
    via: tuple[str, ...] = ()


@dataclass(slots=True)
class Batch:
    """Goods that came in, went out or travel together, and what they are made of. A kit is made of several items."""

    quantity: int
    parts: list[Part]
    lot: str = ""
    meant_for: str = ""
    out: Moved | None = None
    """The line by which they left."""

    def split(self, quantity: int) -> list[Part]:
        """Take so many units off, first of what they are made of first; of each item its share."""
        shares: dict[str, int] = defaultdict(int)
        for part in self.parts:
            shares[part.source.item] += part.quantity
        wanted = {item: total * quantity // self.quantity for item, total in shares.items()}
        taken, left = [], []
        for part in self.parts:
            of_it = min(part.quantity, wanted[part.source.item])
            wanted[part.source.item] -= of_it
            if of_it:
                taken.append(part._replace(quantity=of_it))
            if part.quantity > of_it:
                left.append(part._replace(quantity=part.quantity - of_it))
        self.quantity -= quantity
        self.parts = left
        return taken


class Trace(NamedTuple):
    """Units of one source that came to one end. `where` is a site, or the transfer they travel by."""

    source: Source
    quantity: int
    end: End
    where: str
    receiver: str
    entry: str
    on: date | None
    via: tuple[str, ...]


@dataclass(slots=True)
class _Goods:
    shelves: dict[tuple[str, str], list[Batch]] = field(default_factory=lambda: defaultdict(list))
    travelling: dict[tuple[str, str], list[Batch]] = field(default_factory=lambda: defaultdict(list))
    """By transfer and item."""
    given: dict[tuple[str, str, str], list[Batch]] = field(default_factory=lambda: defaultdict(list))
    """By site, item and receiver."""
    ended: list[tuple[End, Batch]] = field(default_factory=list)


_RANK = {
    "goods_received": 0, "gift_passed_on": 0, "goods_released": 1, "transfer_dispatched": 2, "transfer_arrived": 3,
    "kits_packed": 4, "kits_unpacked": 4, "goods_issued": 5, "goods_returned": 6, "stock_adjusted": 7,
}  # fmt: skip
"""What moved at one instant is taken in this order: in before out."""
KINDS = tuple(_RANK)
"""The families a trace reads."""


def trace(lines: Iterable[Moved]) -> list[Trace]:
    """Follow every unit of the lines from its source to where it is. The sum of a source's traces is what came in."""
    goods = _Goods()
    ordered = sorted(lines, key=lambda m: (m.at, _RANK[m.kind], m.volume, m.seq, m.line))
    for _, entry in groupby(ordered, key=lambda m: (m.at, _RANK[m.kind], m.volume, m.seq)):
        said = list(entry)
        if said[0].kind in ("kits_packed", "kits_unpacked"):
            _pack(goods, said)
        else:
            for moved in said:
                _follow(goods, moved)
    return sorted(_traces(goods), key=lambda t: (t.source[:2], t.end, t.where, t.receiver, t.entry, t.via))


def _follow(goods: _Goods, moved: Moved) -> None:
    site_item = (moved.site, moved.item)
    match moved.kind:
        case "goods_received":
            came = Batch(moved.quantity, [Part(_source(moved), moved.quantity)], moved.lot, moved.party)
            goods.shelves[site_item].append(came)
        case "gift_passed_on":
            straight = Batch(moved.quantity, [Part(_source(moved), moved.quantity)], out=moved)
            goods.ended.append(("passed_on", straight))
        case "goods_released":
            freed = _take(goods.shelves[site_item], moved, moved.party, only_meant=True)
            goods.shelves[site_item] += [Batch(_sum(freed), freed, moved.lot)] if freed else []
        case "transfer_dispatched":
            sent = [p._replace(via=(*p.via, moved.transfer)) for p in _take(goods.shelves[site_item], moved, "")]
            goods.travelling[moved.transfer, moved.item].append(Batch(moved.quantity, sent, moved.lot, out=moved))
        case "transfer_arrived":
            arrived = _take(goods.travelling[moved.transfer, moved.item], moved, "")
            goods.shelves[site_item].append(Batch(moved.quantity, arrived, moved.lot))
        case "goods_issued":
            gone = Batch(moved.quantity, _take(goods.shelves[site_item], moved, moved.party), moved.lot, out=moved)
            goods.given[moved.site, moved.item, moved.party].append(gone)
            goods.ended.append(("issued", gone))
        case "goods_returned":
            back = _take(goods.given[moved.site, moved.item, moved.party][::-1], moved, "")
            goods.shelves[site_item].append(Batch(moved.quantity, back, moved.lot))
        case _:
            _adjust(goods, moved)


def _adjust(goods: _Goods, moved: Moved) -> None:
    shelf = goods.shelves[moved.site, moved.item]
    if moved.change > 0:
        shelf.append(Batch(moved.change, [_unknown(moved, moved.change)], moved.lot))
    elif moved.change < 0:
        goods.ended.append(("adjusted", Batch(moved.quantity, _take(shelf, moved, ""), moved.lot, out=moved)))


def _pack(goods: _Goods, said: list[Moved]) -> None:
    """Take all that went in; give each line that came out its own item, or, for a kit, all that is left (G7)."""
    basket = [p for m in said if m.change < 0 for p in _take(goods.shelves[m.site, m.item], m, "")]
    for moved in sorted((m for m in said if m.change > 0), key=lambda m: m.item not in {p.source.item for p in basket}):
        own = [p for p in basket if p.source.item == moved.item]
        if own:
            holder = Batch(_sum(own), own)
            parts = holder.split(min(moved.change, holder.quantity))
            basket = [p for p in basket if p.source.item != moved.item] + holder.parts
            parts += [_unknown(moved, moved.change - _sum(parts))] if _sum(parts) < moved.change else []
        else:
            parts, basket = basket or [_unknown(moved, moved.change)], []
        through = [p._replace(via=(*p.via, moved.entry)) for p in parts]
        goods.shelves[moved.site, moved.item].append(Batch(moved.change, through, moved.lot))


def _take(batches: list[Batch], moved: Moved, receiver: str, *, only_meant: bool = False) -> list[Part]:
    """Take the units of a line off batches, by the rule of attribution; what they lack is of no known source."""
    ranked = sorted(
        (not (receiver and b.meant_for == receiver), _lot_rank(b, moved.lot), bool(b.meant_for), place)
        for place, b in enumerate(batches)
        if b.quantity and (b.meant_for == receiver if only_meant else b.lot in ("", moved.lot) or not moved.lot)
    )
    wanted, parts = moved.quantity, []
    for *_, place in ranked:
        off = min(wanted, batches[place].quantity)
        if off:
            parts += batches[place].split(off)
            wanted -= off
    if wanted and not only_meant:
        parts.append(_unknown(moved, wanted))
    return parts


def _lot_rank(batch: Batch, lot: str) -> int:
    return 0 if batch.lot == lot else 1


def _source(moved: Moved) -> Source:
    return Source(moved.entry, moved.line, moved.on, moved.donor, moved.item)


def _unknown(moved: Moved, quantity: int) -> Part:
    return Part(Source("", 0, None, None, moved.item), quantity)


def _sum(parts: Iterable[Part]) -> int:
    return sum(part.quantity for part in parts)


def _traces(goods: _Goods) -> Iterator[Trace]:
    found: dict[Trace, int] = defaultdict(int)
    for end, batch in goods.ended:
        out = batch.out
        assert out is not None, "what ended left by a line"
        for part in batch.parts:
            found[Trace(part.source, 0, end, out.site, out.party, out.entry, out.on, part.via)] += part.quantity
    for (site, _), batches in goods.shelves.items():
        for part in (part for batch in batches for part in batch.parts):
            found[Trace(part.source, 0, "in_stock", site, "", "", None, part.via)] += part.quantity
    for (transfer, _), batches in goods.travelling.items():
        for part in (part for batch in batches for part in batch.parts):
            found[Trace(part.source, 0, "in_transit", transfer, "", "", None, part.via)] += part.quantity
    return (key._replace(quantity=quantity) for key, quantity in found.items())


class GiftDay(NamedTuple):
    """A day of one donor's gifts of one item, in base units (B4)."""

    donor: str
    item: str
    received: int
    issued: int
    left: int


def gift_day(traces: Iterable[Trace], day: date) -> list[GiftDay]:
    """Sum up a day by donor and item: received and issued that day, left at its end (B4).

    The traces are those of everything that happened up to the end of the day. Days are those the entries were
    written on.
    """
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for one in traces:
        if one.source.donor is None:
            continue
        row = sums[one.source.donor, one.source.item]
        row[0] += one.quantity * (one.source.on == day)
        row[1] += one.quantity * (one.end in ("issued", "passed_on") and one.on == day)
        row[2] += one.quantity * (one.end in ("in_stock", "in_transit"))
    return [GiftDay(donor, item, *row) for (donor, item), row in sorted(sums.items()) if any(row)]
