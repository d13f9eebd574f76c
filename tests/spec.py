"""The one dialect of tests: documents in a few words, and given(...).when(...).then(...) over the real folds.

    given(described("KN95", "只", 箱=700), received(15, unit="箱")).when(issued(500)).then(on_hand=10_000)

Every document gets the next number of its source at its site, unless told otherwise. Nothing here knows a rule.
"""

import json
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from ledger import folds as live
from ledger.admission import decide, open_volume
from ledger.seals import write_page
from schemas.entry import Entry, read_entry
from schemas.page import Opening, Page, Result, Sender, Submission

NOON = datetime.fromisoformat("2020-01-29T12:00:00+08:00")
START = NOON.astimezone(UTC)
ANYONE = Sender(name="test")


@dataclass(frozen=True)
class Doc:
    """A document to be: fields as they will stand on the wire. `number` 0 means the next of its source."""

    fields: dict[str, Any]

    def but(self, **changes: Any) -> "Doc":
        """Return the same document with some fields changed."""
        return replace(self, fields={**self.fields, **changes})

    def at(self, moment: str | datetime) -> "Doc":
        """Return the same document, happened at another moment (ISO 8601 with offset)."""
        return self.but(happened_at=moment if isinstance(moment, str) else moment.isoformat())

    def numbered(self, numbers: "Numbers") -> "Doc":
        """Return the document with its number, minting the next one if it has none."""
        if self.fields["number"]:
            return self
        return self.but(number=numbers.next(self.fields["site"], self.fields["source"]))

    def bytes(self) -> bytes:
        """Write it as one line of JSON."""
        return json.dumps(self.fields, ensure_ascii=False, separators=(",", ":")).encode()

    def entry(self) -> Entry:
        """Read it as the book would."""
        return read_entry(self.bytes())


class Numbers:
    """Counts documents per site and source, as a device does."""

    def __init__(self) -> None:
        self.last: defaultdict[tuple[str, str], int] = defaultdict(int)

    def next(self, site: str, source: str) -> int:
        """Mint the next number."""
        self.last[site, source] += 1
        return self.last[site, source]


def document(kind: str, site: str = "WH-01", source: str = "dev-1.t1", **fields: Any) -> Doc:
    """Begin a document of any kind."""
    common = {"kind": f"{kind}.v1", "site": site, "source": source, "number": 0}
    return Doc({**common, "happened_at": NOON.isoformat(), "recorded_by": "keeper-1", **fields})


def line(quantity: int, item: str = "KN95", unit: str = "只", number: int = 1, **fields: Any) -> dict[str, Any]:
    """Write one line about goods."""
    return {"line": number, "item": item, "unit": unit, "quantity": quantity, **fields}


def described(item: str = "KN95", base_unit: str = "只", /, name: str | None = None, **packs: int) -> Doc:
    """Describe an item; keywords are packs: `箱=2000`."""
    return document(
        "item_described", "*", "desk.t1", item=item, name=name or item, base_unit=base_unit, packs=packs
    )  # fmt: skip


def synonym(of: str, name: str, means: str, item: str | None = None) -> Doc:
    """Record another way people write something."""
    fields = {"item": item} if item else {}
    return document("synonym_recorded", "*", "desk.t1", of=of, name=name, means=means, reason="as written", **fields)


def _split(quantity: int | list[dict[str, Any]], line_fields: dict[str, Any]) -> list[dict[str, Any]]:
    return [line(quantity, **line_fields)] if isinstance(quantity, int) else quantity


_LINE_FIELDS = {
    "item", "unit", "lot", "pack", "expires_on", "produced_on", "registration", "certificate", "specification",
    "price_fen", "scan", "condition", "quantity_change",
}  # fmt: skip


def _about_goods(kind: str, quantity: int | list[dict[str, Any]], fields: dict[str, Any]) -> Doc:
    on_line = {k: v for k, v in fields.items() if k in _LINE_FIELDS}
    on_document = {k: v for k, v in fields.items() if k not in _LINE_FIELDS}
    return document(kind, lines=_split(quantity, on_line), **on_document)


def received(quantity: int | list[dict[str, Any]], **fields: Any) -> Doc:
    """Receive goods: a quantity of one item, or a list of lines."""
    return _about_goods("goods_received", quantity, {"origin": "purchased"} | fields)


def donated(quantity: int, donor: str = "donor-1", designated: str | None = None, **fields: Any) -> Doc:
    """Receive a gift."""
    gift = {"donor": donor} | ({"designated_receiver": designated} if designated else {})
    return received(quantity, origin="donated", donation=gift, **fields)


def issued(quantity: int | list[dict[str, Any]], receiver: str = "Ward 1", **fields: Any) -> Doc:
    """Issue goods."""
    return _about_goods("goods_issued", quantity, {"receiver": receiver} | fields)


def returned(quantity: int, condition: str = "good", returned_by: str = "Ward 1", **fields: Any) -> Doc:
    """Take goods back."""
    return _about_goods("goods_returned", quantity, {"condition": condition, "returned_by": returned_by} | fields)


def released(quantity: int, designated_receiver: str | None = None, **fields: Any) -> Doc:
    """Lift a hold, or free a gift from its designation."""
    what = {"releases": "designation", "designated_receiver": designated_receiver} if designated_receiver else {}
    return _about_goods(
        "goods_released",
        quantity,
        {"releases": "hold", "approved_by": "head-1", "reason": "papers came"} | what | fields,
    )


def dispatched(quantity: int, transfer: str = "T1", to_site: str = "WH-02", **fields: Any) -> Doc:
    """Send goods to another site."""
    return _about_goods("transfer_dispatched", quantity, {"transfer": transfer, "to_site": to_site} | fields)


def arrived(quantity: int, transfer: str = "T1", from_site: str = "WH-01", site: str = "WH-02", **fields: Any) -> Doc:
    """Take in goods sent by another site."""
    return _about_goods(
        "transfer_arrived", quantity, {"transfer": transfer, "from_site": from_site, "site": site} | fields
    )


def counted(quantity: int | list[dict[str, Any]], **fields: Any) -> Doc:
    """Count goods on the shelf."""
    return _about_goods("stock_counted", quantity, {"counted_by": ["counter-1"]} | fields)


def adjusted(change: int, answers: Doc, **fields: Any) -> Doc:
    """Bring the book to the stock, answering a numbered count."""
    f = answers.fields
    at_line = {"line": 1, "item": fields.pop("item", "KN95"), "unit": "只", "quantity_change": change}
    at_line |= {"lot": fields.pop("lot")} if "lot" in fields else {}
    return document(
        "stock_adjusted", lines=[at_line], reason="count", approved_by="head-1",
        answers={"site": f["site"], "source": f["source"], "number": f["number"]}, **fields,
    )  # fmt: skip


def reversal(of: Doc, readings: list[dict[str, Any]] | None = None, **fields: Any) -> Doc:
    """Undo a numbered document. `readings` is what the book read on it, when it read anything."""
    f = of.fields
    return document(
        "entry_reversed", site=f["site"], reverses={k: f[k] for k in ("site", "source", "number")}, reason="mistake",
        original=of.bytes().decode(), readings=readings or [], **fields,
    )  # fmt: skip


@dataclass
class World:
    """Folds of one volume and the pages that made them. Pages are written and sealed for real, but kept in memory."""

    folds: live.Folds = field(default_factory=lambda: live.begin("bg-test", 0))
    numbers: Numbers = field(default_factory=Numbers)
    pages: list[tuple[Page, bytes]] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    clock: datetime = START

    def __post_init__(self) -> None:
        opening = Opening(nature="rehearsal", volumes=1)
        self._take(open_volume(self.folds.admission, opening, Submission(0, self.clock, ANYONE, ())))

    def submit(self, *documents: Doc | bytes, sender: Sender = ANYONE, times: int = 1) -> Page:
        """Send documents as one submission, `times` over; return the last page."""
        raws = tuple(d if isinstance(d, bytes) else d.numbered(self.numbers).bytes() for d in documents)
        page = None
        for _ in range(times):
            self.clock += timedelta(minutes=1)
            position = self.folds.admission.submission + 1
            page = decide(self.folds.admission, Submission(position, self.clock, sender, raws))
            self._take(page)
            refused = {r.index: r.result for r in page.header.refused}
            self.results = [refused.get(i, Result.ADMITTED) for i in range(len(raws))]
        assert page is not None
        return page

    def _take(self, page: Page) -> None:
        stored, seal = write_page(page)
        self.pages.append((page, stored))
        self.folds.take(page, seal)

    # -- the dialect
    def when(self, *documents: Doc | bytes, sender: Sender = ANYONE, times: int = 1) -> "World":
        """Send documents as one submission."""
        self.submit(*documents, sender=sender, times=times)
        return self

    def then(
        self, *results: Result, on_hand: int | None = None, held: int | None = None, designated: int | None = None,
        site: str = "WH-01", item: str = "KN95", lot: str | None = None,
    ) -> "World":  # fmt: skip
        """Check the results of the last submission and the stock of one site and item (or one lot of it)."""
        if results:
            assert self.results == list(results)
        if on_hand is not None:
            assert self.on_hand(site, item, lot) == on_hand
        if held is not None:
            assert self.held(site, item, lot) == held
        if designated is not None:
            assert self.folds.stock.reserved(site, item) == designated
        return self

    def on_hand(self, site: str = "WH-01", item: str = "KN95", lot: str | None = None) -> int:
        """Return base units on hand."""
        return sum(b.on_hand for k, b in self.folds.stock.balances.items() if self._about(k, site, item, lot))

    def held(self, site: str = "WH-01", item: str = "KN95", lot: str | None = None) -> int:
        """Return base units held."""
        return sum(b.held for k, b in self.folds.stock.balances.items() if self._about(k, site, item, lot))

    @staticmethod
    def _about(key: tuple[str, str, str], site: str, item: str, lot: str | None) -> bool:
        return key[:2] == (site, item) and lot in (None, key[2])


def given(*documents: Doc | bytes, describe: bool = True) -> World:
    """Begin a world in which KN95 is described (unless told not to) and these documents were admitted."""
    world = World()
    if describe and not any(isinstance(d, Doc) and d.fields["kind"].startswith("item_described") for d in documents):
        world.submit(described(箱=700))
    if documents:
        world.submit(*documents)
        assert set(world.results) == {Result.ADMITTED}, world.pages[-1][0].header.refused
    return world
