"""A book on a cluster as one reader has it: every fold of every volume, as far as its pages were read.

Snapshots in the folder it works from shorten a start; they are of this reader alone. It belongs to no group, writes
nothing to the cluster, and stops at a page that is missing, forked or damaged.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from ledger import folds as live
from ledger import snapshots
from ledger.book import BYTES_A_SNAPSHOT, ZONE
from ledger.errors import BookHeld, BrokenEnvironment, Damage
from ledger.folds import Folds
from ledger.joint import Joint
from ledger.logs.kafka.chain import Chain
from ledger.logs.kafka.cluster import Cluster
from ledger.logs.kafka.paged import PagesOnKafka
from ledger.logs.kafka.reading import Reader
from ledger.logs.kafka.wire import PAGES, Record
from ledger.seals import read_chain, read_page, seal_of
from ledger.standing import recorded_at
from ledger.writer_lock import WriterLock
from projections import timed_alerts
from schemas.alerts import Alert
from schemas.page import FIRST_SEAL, Opening, Page

JOINT_SNAPSHOT = "joint.snapshot"


class Following:
    """The folds of one reader. Not for several threads at once."""

    def __init__(self, path: Path, cluster: Cluster) -> None:
        """Read every volume to its end. Raises `BrokenEnvironment` where no book was opened, or `Damage`."""
        self.path = path
        self.cluster = cluster
        self.log = PagesOnKafka(cluster)
        self.reader = Reader(cluster)
        self.opening, self.id = _read_opening(self.log)
        self.unsaved_bytes = 0
        self.joint = self._resume_joint()
        resumed = [self._resume(volume) for volume in range(self.log.volumes)]
        self._volumes = tuple(folds for folds, _ in resumed)
        self.chains = tuple(chain for _, chain in resumed)
        self.catch_up()

    @property
    def volumes(self) -> tuple[Folds, ...]:
        """The folds of every volume, in order."""
        return self._volumes

    @property
    def snapshots(self) -> Path:
        """Folder of this reader's snapshots."""
        return self.path / "snapshots"

    def now(self) -> datetime:
        """Return the moment the book is at, in its zone: the clock's; in a rehearsal that of its last page (Q1)."""
        last = recorded_at(self.volumes)
        return last.astimezone(ZONE) if self.opening.nature == "rehearsal" and last else datetime.now(ZONE)

    def held(self, now: datetime) -> tuple[Alert, ...]:
        """Return the alerts that hold at a moment without an entry of their own: of time and of cases (D8)."""
        timed = (alert for folds in self._volumes for alert in timed_alerts.due(folds.alerts, now))
        return tuple(sorted((*timed, *self.joint.due(now)), key=live.by_identity))

    def catch_up(self) -> None:
        """Fold the pages written since."""
        for chain in self.chains:
            self.take((chain.volume, record) for record in self.reader.records(PAGES, chain.volume, chain.offset))
        if self.unsaved_bytes >= BYTES_A_SNAPSHOT:
            self.save_snapshots()

    def tail(self) -> Iterator[list[tuple[int, Record]]]:
        """Yield the records of all volumes as they come, from where this reader is, for ever. It folds none of them."""
        return self.reader.tail(PAGES, {chain.volume: chain.offset for chain in self.chains})

    def take(self, records: Iterable[tuple[int, Record]]) -> list[Page]:
        """Fold records of the topic, each with its volume; return the pages that were new. Raises `Damage`."""
        new = []
        with live.uncollected():
            for volume, record in records:
                taken = self.chains[volume].take(record.value, record.offset)
                if taken is not None:
                    self._volumes[volume].take(*taken)
                    self.joint.take(*taken)
                    self.unsaved_bytes += len(record.value or b"")
                    new.append(taken[0])
        return new

    def pages(self, after: int = 0, volume: int = 0) -> Iterator[tuple[Page, str]]:
        """Yield every page of a volume after a number, read and checked, with its seal."""
        seal = self._seal_at(volume, after) if after else FIRST_SEAL
        if seal is not None:
            yield from read_chain((s.stored for s in self.log.pages(volume, after)), self.id, after, seal)

    def save_snapshots(self) -> None:
        """Write a snapshot of every fold, unless another process is doing so."""
        try:
            lock = WriterLock(self.path / "snapshots.lock")
        except BookHeld:
            return  # a cache: what the other writes serves as well
        try:
            for chain, folds in zip(self.chains, self._volumes, strict=True):
                live.save(folds, self.snapshots, chain.volume)
            snapshots.save(self.snapshots / JOINT_SNAPSHOT, self.joint)
        finally:
            lock.release()
        self.unsaved_bytes = 0

    def forget_snapshots(self) -> None:
        """Remove every snapshot of this reader, and those of workers where it sees them."""
        workers = self.cluster.state.glob(f"{self.cluster.prefix}*.snapshot") if self.cluster.state else ()
        for snapshot in (*self.snapshots.glob("*.snapshot"), *workers):
            snapshot.unlink(missing_ok=True)

    def close(self) -> None:
        """Let the connections go."""
        self.log.close()
        self.reader.close()

    def _resume(self, volume: int) -> tuple[Folds, Chain]:
        folds = live.resume(self.id, volume, self.snapshots, lambda page: self._seal_at(volume, page))
        page, seal = min(folds.least(), self.joint.place(volume))
        chain = Chain(volume)
        if page:
            chain.resume(page, seal, page, self.id)  # pages are said once or more, so what follows lies at or after it
        return folds, chain

    def _resume_joint(self) -> Joint:
        kept = snapshots.load(self.snapshots / JOINT_SNAPSHOT, Joint)
        fits = kept is not None and all(self._seal_at(v, page) == seal for v, (page, seal) in kept.at.items())
        return kept if kept is not None and fits else Joint()

    def _seal_at(self, volume: int, page: int) -> str | None:
        stored = self.log.page(volume, page)
        return seal_of(stored.stored, page) if stored else None


def _read_opening(log: PagesOnKafka) -> tuple[Opening, str]:
    first = log.page(0, 1)
    if first is None:
        raise BrokenEnvironment("kafka_volume_unadmitted", volume=0)
    page, _ = read_page(first.stored, 1)
    if page.header.opening is None:
        raise Damage("page_unreadable", found="no opening")
    return page.header.opening, page.header.book
