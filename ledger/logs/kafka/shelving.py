"""Stock of one volume on Kafka: a fold in memory, and after each page one message of the balances it touched.

The messages are absolute figures with the page they are of, so one said twice changes nothing. How far they go is read
from their own topic: a fold never trusts a group's offset.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import orjson

from ledger.errors import Damage
from ledger.logs.kafka.chain import Chain
from ledger.logs.kafka.keeping import Keeper
from ledger.logs.kafka.reading import Reader
from ledger.logs.kafka.wire import BALANCES, BALANCES_TYPE, Outgoing, Record, cloud_event
from projections.stock import Stock, Taken, take_page
from schemas.page import Page

Key = tuple[str, str, str]
Row = tuple[str, str, str, int, int, int]
Figures = tuple[int, ...]
"""On hand and held in base units, and the last entry that touched them."""


@dataclass(slots=True)
class KeptStock:
    """A snapshot: the state, the offset after its last page, and the book."""

    offset: int
    book: str
    state: Stock


class StockVolume:
    """The stock of one volume in the hands of a worker. Not for several threads at once."""

    def __init__(self, volume: int) -> None:
        self.volume = volume
        self.chain = Chain(volume)
        self.stock = Stock()
        self.said_to = 0
        """Page whose balances were said last, by whichever worker."""
        self.keeper = Keeper("stock", volume, KeptStock)

    def resume(self, reader: Reader) -> None:
        """Begin from the snapshot, if there is one of this chain, else from the first page; learn what was said."""
        if not self.chain.page:
            self.stock = self.keeper.resume(reader, self.chain) or self.stock
        _, end = reader.bounds(BALANCES, self.volume)
        for record in reader.records(BALANCES, self.volume, end - 1, end) if end else ():
            self.said_to = parse_balances(record, self.volume)[0]

    def said(self) -> None:
        """Note that all is said that was folded; from time to time keep a snapshot."""
        self.keeper.keep(self.chain, self.stock)

    def take(self, record: Record) -> Outgoing | None:
        """Fold a page and say what it touched; None for a repeat. Raises `Damage` for a gap or a fork."""
        taken = self.chain.take(record.value, record.offset)
        if taken is None:
            return None
        page, seal = taken
        done = take_page(self.stock, page, seal)
        self.keeper.grown(len(record.value or b""))
        return balances_record(page, seal, done)

    def take_all(self, records: Iterable[Record]) -> Iterator[Outgoing]:
        """Fold pages in order; yield what those touched whose balances were not said before."""
        for record in records:
            message = self.take(record)
            if message is not None and self.chain.page > self.said_to:
                yield message


def balances_record(page: Page, seal: str, done: Iterable[Taken]) -> Outgoing:
    """Write the balances a page touched, as they stand after it."""
    header = page.header
    touched = {
        (taken.said.site, item, lot): taken.shelves[item][0].lots[lot]
        for taken in done
        for item, lot, _, _ in taken.moved
    }
    rows = [(*key, balance.on_hand, balance.held, balance.seq) for key, balance in touched.items()]
    value = {"volume": header.volume, "page": header.page, "seal": seal, "balances": rows}
    identity = f"{header.book}/{header.volume}/{header.page}"
    headers = cloud_event(BALANCES_TYPE, identity, "application/json")
    return Outgoing(BALANCES, header.volume, str(header.page).encode(), orjson.dumps(value), headers)


def figures_of(stock: Stock) -> dict[Key, Figures]:
    """Return the figures a replay gives, to compare with those said."""
    return {key: (b.on_hand, b.held, b.seq) for key, b in stock.balances.items()}


class SaidBalances:
    """What the balances topic says of one volume, applied page by page.

    Compaction keeps the last of a repeated message, so one may come after messages of later pages: these wait for it.
    """

    def __init__(self, volume: int) -> None:
        self.volume = volume
        self.figures: dict[Key, Figures] = {}
        self.page = 0
        self.seal = ""
        self._waiting: dict[int, tuple[str, list[Row]]] = {}

    def read(self, records: Iterable[Record]) -> None:
        """Take messages. One of a page already taken changes nothing."""
        for record in records:
            page, seal, rows = parse_balances(record, self.volume)
            if page > self.page:
                self._waiting[page] = (seal, rows)
            while self.page + 1 in self._waiting:
                self.page += 1
                self.seal, rows = self._waiting.pop(self.page)
                self.figures.update(((site, item, lot), tuple(figures)) for site, item, lot, *figures in rows)

    def check_whole(self) -> None:
        """Raise `Damage` when messages of later pages still wait for one that is not there."""
        if self._waiting:
            raise Damage("balances_gap", volume=self.volume, expected=self.page + 1, found=min(self._waiting))


def parse_balances(record: Record, volume: int) -> tuple[int, str, list[Row]]:
    """Read one message. Raises `Damage` for anything else: only the stock worker writes there."""
    try:
        said = orjson.loads(record.value or b"")
        return int(said["page"]), str(said["seal"]), said["balances"]
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise Damage("balances_unreadable", volume=volume, offset=record.offset, found=error) from error
