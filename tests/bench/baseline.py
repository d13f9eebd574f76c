"""The same recording done with the `eventsourcing` library on its SQLite module, beside ours, in one process.

An aggregate a stock item and site, an event a line, a `save` a document, as its documentation does it; and once more
with documents saved together by hand and every setting in its favour, which none of its applications does by itself.
It checks no document, recognises no repeat and seals nothing: what it does is decode, keep the stock, and commit.
"""

from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, UUID, uuid5

import orjson
from eventsourcing.application import AggregateNotFoundError, Application
from eventsourcing.domain import Aggregate, event

from tests.bench.books import Commit, commits, opened, record
from tests.bench.figures import Figure, Figures, Run, Watch
from tests.bench.trade import IN_A_BOX, ITEMS, SITES, Trade

_FACTOR = {"只": 1, "箱": IN_A_BOX}
_WORDS = {
    "goods_received.v1": "receive", "goods_issued.v1": "issue", "transfer_dispatched.v1": "issue",
    "stock_counted.v1": "count",
}  # fmt: skip
IN_ITS_FAVOUR = {
    "AGGREGATE_CACHE_MAXSIZE": "0",
    "AGGREGATE_CACHE_FASTFORWARD": "n",
    "DEEPCOPY_FROM_AGGREGATE_CACHE": "n",
}
"""Every aggregate stays in memory, is not read again and not copied: one process writes, as in ours."""


class StockItem(Aggregate):
    """Stock of one item at one site, by lot."""

    @event("Described")
    def __init__(self, site: str, item: str) -> None:
        self.site = site
        self.item = item
        self.lots: dict[str, int] = {}

    @event("Received")
    def receive(self, document: str, happened_at: str, line: int, lot: str, quantity: int) -> None:
        """Add what came in."""
        self.lots[lot] = self.lots.get(lot, 0) + quantity

    @event("Issued")
    def issue(self, document: str, happened_at: str, line: int, lot: str, quantity: int) -> None:
        """Take off what left."""
        self.lots[lot] = self.lots.get(lot, 0) - quantity

    @event("Counted")
    def count(self, document: str, happened_at: str, line: int, lot: str, quantity: int) -> None:
        """Keep what was counted; a count changes nothing."""

    @classmethod
    def create_id(cls, site: str, item: str) -> UUID:
        """Return the id that follows from what the aggregate is about."""
        return uuid5(NAMESPACE_URL, f"/stock/{site}/{item}")


class Recording(Application[UUID]):
    """Records documents: lines become events, one transaction a `save`."""

    def stock_item(self, site: str, item: str) -> StockItem:
        """Return the aggregate, from the repository or new."""
        try:
            return self.repository.get(StockItem.create_id(site, item))
        except AggregateNotFoundError:
            return StockItem(site=site, item=item)

    def record(self, commit: Commit) -> None:
        """Turn documents into events and save them, with their aggregates, in one transaction."""
        touched: dict[tuple[str, str], StockItem] = {}
        for raw in chain.from_iterable(commit):
            document: dict[str, Any] = orjson.loads(raw)
            site, word = document["site"], _WORDS[document["kind"]]
            name = f"{site}/{document['source']}/{document['number']}"
            for line in document["lines"]:
                key = (site, line["item"])
                item = touched.get(key)
                if item is None:
                    item = touched[key] = self.stock_item(*key)
                quantity = line["quantity"] * _FACTOR[line["unit"]]
                getattr(item, word)(name, document["happened_at"], line["line"], line.get("lot", ""), quantity)
        self.save(*touched.values())


def embedded_vs_eventsourcing(run: Run) -> Figures:
    """The same documents recorded by both; the ratio is ours over theirs. Ours commits together what waits together."""
    name, batched = "embedded_vs_eventsourcing", "embedded_vs_batched_eventsourcing"
    return {
        name: _beside(run, run.share(0.01), 1, _AS_USED),
        f"{name}_100": _beside(run, run.share(0.02), 100, _AS_USED),
        batched: _beside(run, run.share(0.03), 1, _BATCHED),
        f"{batched}_100": _beside(run, run.share(0.1), 100, _BATCHED),
        f"{name}_single": _beside(run, run.share(0.001), 1, _SINGLE),
    }


class _Way(NamedTuple):
    """How documents reach the two: one by one, or as many together as one commit of ours holds."""

    ours_together: bool
    theirs_together: bool
    settings: dict[str, str]
    said: str


_OURS = "ours a synced commit every 1,000 documents or 10,000 lines"
_AS_USED = _Way(
    ours_together=True, theirs_together=False, settings={},
    said=f"{_OURS}, theirs a `save` a document with its default settings",
)  # fmt: skip
_BATCHED = _Way(
    ours_together=True, theirs_together=True, settings=IN_ITS_FAVOUR,
    said=f"{_OURS}, theirs saved together as many, all aggregates in its cache",
)  # fmt: skip
_SINGLE = _Way(ours_together=False, theirs_together=False, settings={}, said="of both each document a synced commit")


def _beside(run: Run, lines: int, per_document: int, way: _Way) -> Figure:
    trade = Trade()
    filling = list(commits(trade.documents(len(SITES) * len(ITEMS), per_document), per_document))
    documents = list(trade.documents(lines, per_document))
    for_ours, for_theirs = (
        list(commits(documents, per_document, single=not together))
        for together in (way.ours_together, way.theirs_together)
    )
    theirs = _theirs(run.folder / "eventsourcing.sqlite3", way.settings, filling, for_theirs)
    ours = _ours(run.folder / "book_beside", filling, for_ours)
    about = f"{lines:,} lines, {per_document} a document; {way.said}"
    note = f"ratio to eventsourcing: {round(lines / theirs):,} lines/s; {about}"
    return Figure(round(lines / ours), "lines/s", round(theirs / ours, 2), note)


def _ours(path: Path, filling: list[Commit], measured: list[Commit]) -> float:
    book, watch = opened(path), Watch()
    record(book, filling, Watch())
    record(book, measured, watch)
    book.close()
    return watch.seconds


def _theirs(path: Path, settings: dict[str, str], filling: list[Commit], measured: list[Commit]) -> float:
    for left in path.parent.glob(path.name + "*"):
        left.unlink()
    on_sqlite = {"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": str(path)}
    watch = Watch()
    with Recording(env={**on_sqlite, **settings}) as recording:
        for commit in filling:
            recording.record(commit)
        for commit in measured:
            with watch.on():
                recording.record(commit)
        assert recording.recorder.max_notification_id(), "it has recorded"
    return watch.seconds
