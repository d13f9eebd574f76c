"""Who reads everything during a drill and compares: pages, balances, alerts, quarantine, and the lake by SQL.

It reads on from where it was, so comparing after each fault costs little; it trusts no worker's word for another's.
"""

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb

from ledger import folds as live
from ledger.errors import BrokenEnvironment, LedgerError
from ledger.folds import Folds
from ledger.lake import Lake
from ledger.logs.kafka.alerting import FOLD, SaidAlerts
from ledger.logs.kafka.chain import Chain
from ledger.logs.kafka.cluster import Cluster
from ledger.logs.kafka.reading import Reader
from ledger.logs.kafka.shelving import SaidBalances, figures_of
from ledger.logs.kafka.wire import BALANCES, PAGES, QUARANTINE


@dataclass
class Volume:
    """One volume as a plain reader has it: its replay, and what workers said of it."""

    chain: Chain
    folds: Folds
    said: SaidBalances
    alerts: SaidAlerts
    said_offset: int = 0
    kept_offset: int = 0
    recorded_at: datetime | None = None


@dataclass
class Witness:
    """Everything that can be read of a book on a cluster, and the folder of its lake."""

    cluster: Cluster
    volumes: int
    book: str
    folder: Path
    identities: Counter[str] = field(default_factory=Counter)
    quarantined: set[str] = field(default_factory=set)
    backwards: int = 0
    """Pages recorded before the page they follow."""

    def __post_init__(self) -> None:
        self.reader = Reader(self.cluster)
        self._asked: duckdb.DuckDBPyConnection | None = None
        self.of = [
            Volume(Chain(n, remembered=None), live.begin(self.book, n), SaidBalances(n), SaidAlerts(n, FOLD))
            for n in range(self.volumes)
        ]  # fmt: skip

    def read(self) -> None:
        """Read on to the end of every topic; try again another time when the cluster is away."""
        try:
            for number, volume in enumerate(self.of):
                self._read(number, volume)
        except BrokenEnvironment:
            self.reader.close()
            self.reader = Reader(self.cluster)

    def _read(self, number: int, volume: Volume) -> None:
        for record in self.reader.records(PAGES, number, volume.chain.offset):
            taken = volume.chain.take(record.value, record.offset)
            if taken is None:
                continue
            page, _ = taken
            volume.folds.take(*taken)
            self.identities.update(f"{e.entry.site}/{e.entry.source}/{e.entry.number}" for e in page.entries)
            self.backwards += volume.recorded_at is not None and page.header.recorded_at < volume.recorded_at
            volume.recorded_at = page.header.recorded_at
        for record in self.reader.records(BALANCES, number, volume.said_offset):
            volume.said.read([record])
            volume.said_offset = record.offset + 1
        volume.alerts.follow(self.reader)
        for record in self.reader.records(QUARANTINE, number, volume.kept_offset):
            self.quarantined.add(hashlib.sha256(record.value or b"").hexdigest())
            volume.kept_offset = record.offset + 1

    def repeats(self) -> int:
        """Return how many pages were found in the topic once more."""
        return sum(volume.chain.repeats for volume in self.of)

    def caught_up(self) -> bool:
        """Tell whether every worker has said all that follows from the pages read."""
        return all(
            v.said.page == v.chain.page and v.alerts.number == v.folds.alerts.number for v in self.of
        ) and self._lake("SELECT volume, max(page) FROM lake.page GROUP BY volume") == {
            (number, v.chain.page) for number, v in enumerate(self.of)
        }

    def wrong(self) -> list[str]:
        """Compare live, replay and SQL, key by key; return what differs."""
        found = [] if not self.backwards else [f"{self.backwards} pages recorded backwards"]
        replayed: dict[tuple[str, str, str], int] = {}
        for number, v in enumerate(self.of):
            v.said.check_whole()
            figures = figures_of(v.folds.stock)
            found += [f"balances/{number}: {key}" for key in figures.keys() ^ v.said.figures.keys()]
            found += [f"balances/{number}: {k}" for k, f in v.said.figures.items() if f != figures.get(k)]
            found += [] if v.said.seal == v.chain.seal else [f"balances/{number}: seal"]
            replayed |= {key: on_hand for key, (on_hand, *_) in figures.items()}
        by_sql = self._lake("SELECT site, item, lot, on_hand FROM lots")
        return found + [f"SQL: {row}" for row in by_sql ^ {(*key, on_hand) for key, on_hand in replayed.items()}]

    def on_hand(self) -> Counter[str]:
        """Return the replayed stock by site: what must be the sum of the documents."""
        total: Counter[str] = Counter()
        for v in self.of:
            for (site, _, _), balance in v.folds.stock.balances.items():
                total[site] += balance.on_hand
        return total

    def _lake(self, question: str) -> set[tuple[object, ...]]:
        """Ask the lake; nothing while it is not there, or is being made anew."""
        try:
            self._asked = self._asked or Lake.connect(self.folder)
            return set(self._asked.execute(question).fetchall())
        except (LedgerError, duckdb.Error):
            self._asked = None
            return set()
