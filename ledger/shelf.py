"""Stock as people ask for it: rows by site and item, or by lot, from the live folds. No SQL, no lake."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date

from ledger.standing import Standing, item_meant
from projections.stock import available
from projections.transfers import joined


@dataclass(slots=True)
class ShelfRow:
    """Base units of one item (or one lot of it) at a site."""

    site: str
    item: str
    name: str
    unit: str
    lot: str | None = None
    on_hand: int = 0
    held: int = 0
    designated: int = 0
    expired: int = 0
    in_transit: int = 0
    available: int = 0
    expires_on: date | None = None
    last_seq: int = 0

    def as_dict(self) -> dict[str, object]:
        """Return the row by column name."""
        return asdict(self)


def shelf(book: Standing, *, site: str | None = None, item: str | None = None, lots: bool = False) -> list[ShelfRow]:
    """Return the stock rows of a book, in order of site, item and lot, as of the book's own day."""
    wanted = item_meant(book, item) if item else None
    item = wanted.item if wanted else item
    today = book.now().date()
    rows: dict[tuple[str, str, str | None], ShelfRow] = {}
    balances = (of_volume for folds in book.volumes for of_volume in folds.stock.balances.items())
    for (at, of, lot), balance in balances:
        if (site and at != site) or (item and of != item):
            continue
        row = _row(book, rows, at, of, lot if lots else None)
        row.on_hand += balance.on_hand
        row.held += balance.held
        row.last_seq = max(row.last_seq, balance.seq)
        if lots:
            row.expires_on = balance.expires_on
        if balance.expires_on is not None and balance.expires_on < today:
            row.expired += max(0, balance.on_hand - balance.held)
    if not lots:
        for at, of, quantity in _in_transit(book, site, item):
            _row(book, rows, at, of, None).in_transit += quantity
        _designate(book, rows)
    for row in rows.values():
        row.available = available(row.on_hand, row.held, row.expired, row.designated)
    return sorted(rows.values(), key=lambda r: (r.site, r.item, r.lot or ""))


def _row(
    book: Standing, rows: dict[tuple[str, str, str | None], ShelfRow], site: str, item: str, lot: str | None
) -> ShelfRow:
    key = (site, item, lot)
    if key not in rows:
        facts = item_meant(book, item)
        assert facts is not None, f"{item} was described before it moved"
        rows[key] = ShelfRow(site, item, facts.name, facts.base_unit, lot)
    return rows[key]


def _in_transit(book: Standing, site: str | None, item: str | None) -> Iterator[tuple[str, str, int]]:
    for (_, of, _), leg in joined([folds.transfers for folds in book.volumes]).items():
        if leg.in_transit() and (not site or leg.to_site == site) and (not item or of == item):
            yield leg.to_site, of, leg.in_transit()


def _designate(book: Standing, rows: dict[tuple[str, str, str | None], ShelfRow]) -> None:
    reserved: defaultdict[tuple[str, str], int] = defaultdict(int)
    for folds in book.volumes:
        for (site, item, _), party in folds.stock.parties.items():
            reserved[site, item] += party.reserved()
    for (site, item, _), row in rows.items():
        row.designated = reserved[site, item]
