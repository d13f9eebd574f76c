"""A stock card (货卡): every entry that moved one item at one site, in book order, with the balance after each."""

from dataclasses import asdict, dataclass
from datetime import datetime

from ledger.routing import volume_of
from ledger.standing import Standing, item_meant
from projections.movements import movements, original_of, read
from projections.reading import party_written
from schemas.corrections import EntryReversed
from schemas.entry import StockEntry
from schemas.page import AdmittedEntry
from schemas.stocktakes import StockCounted


@dataclass(frozen=True, slots=True)
class CardRow:
    """One line of a card, in base units. A count shows what was found and changes nothing."""

    seq: int
    happened_at: datetime
    recorded_at: datetime
    kind: str
    entry: str
    lot: str
    party: str
    change: int
    balance: int
    counted: int | None = None

    def as_dict(self) -> dict[str, object]:
        """Return the row by column name."""
        return asdict(self)


def card_of(book: Standing, site: str, item: str, lot: str | None = None) -> list[CardRow]:
    """Return the card of an item (by id or any recorded name) at a site, or of one lot of it. It reads the volume."""
    facts = item_meant(book, item)
    wanted = facts.item if facts else item
    rows: list[CardRow] = []
    balance = 0
    for page, _ in book.pages(volume=volume_of(site, len(book.volumes))):
        for admitted in page.entries:
            if admitted.entry.site != site:
                continue
            for at_lot, change, found in _touches(admitted, wanted, lot):
                balance += change
                rows.append(_row(admitted, page.header.recorded_at, at_lot, change, balance, found))
    return rows


def _touches(admitted: AdmittedEntry, item: str, lot: str | None) -> list[tuple[str, int, int | None]]:
    entry = admitted.entry
    if isinstance(entry, StockCounted):
        return [
            (line.lot or "", 0, line.quantity * factor)
            for of, factor, _, line in read(entry.lines, admitted.readings)
            if of == item and lot in (None, line.lot)
        ]
    return [
        (at_lot, change, None)
        for of, at_lot, change, _ in movements(entry, admitted.readings)
        if of == item and lot in (None, at_lot)
    ]


def _row(
    admitted: AdmittedEntry, recorded_at: datetime, lot: str, change: int, balance: int, counted: int | None
) -> CardRow:
    entry = admitted.entry
    said = original_of(entry) if isinstance(entry, EntryReversed) else entry
    assert isinstance(said, StockEntry), "nothing else touches a card"
    party = next((r.party for r in admitted.readings if r.party), None) or party_written(said) or ""
    return CardRow(
        admitted.seq, entry.happened_at, recorded_at, entry.kind, f"{entry.site}/{entry.source}/{entry.number}",
        lot, party, change, balance, counted,
    )  # fmt: skip
