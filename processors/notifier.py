"""Tells the targets of `settings.toml` what the topic `alerts` says. One for a book: its record of deliveries is one.

It must not decide what is told or remember what was: `ledger.logs.kafka.alerting`, `processors.notify` and
`ledger.deliveries` do. No rules here.
"""

import signal
import threading
from pathlib import Path

from ledger.errors import WrongUse
from ledger.logs.kafka.alerting import SaidAlerts
from ledger.logs.kafka.cluster import Cluster
from ledger.logs.kafka.reading import Reader
from ledger.logs.kafka.wire import ALERTS
from ledger.routing import volume_of
from ledger.settings import SETTINGS_FILE
from ledger.writer_lock import WriterLock
from processors.notify import Notifier, Patience
from processors.telling import targets_of
from processors.watchdog import Watch
from schemas.alerts import Alert

EVERY_SECONDS = 0.5


class TopicFollower:
    """How far the targets were told of each volume. One that never followed begins with the cases open now."""

    def __init__(self, notifier: Notifier, reader: Reader, volumes: tuple[int, ...]) -> None:
        self.deliveries = notifier.deliveries
        self.reader = reader
        there = reader.volumes(ALERTS)
        self.said = {volume: SaidAlerts(volume) for volume in volumes or range(there)}
        self.new: set[int] = set()
        for volume, said in self.said.items():
            offset = self.deliveries.position(_name(volume))
            if offset is None:
                self.new.add(volume)
            else:
                timed = [a for a in self.deliveries.timed() if volume_of(a.site, there) == volume]
                said.begin(offset, -1, timed)

    def take_up(self) -> None:
        """Note, for each volume in one step, what it says that was not taken up before."""
        for volume, said in self.said.items():
            before = said.offset
            changed = said.follow(self.reader)
            if volume in self.new:
                changed = list(said.open.values())
            if volume in self.new or said.offset != before:
                self.deliveries.take_up(_name(volume), said.offset, self._timed(), changed)
            self.new.discard(volume)

    def _timed(self) -> list[Alert]:
        return [alert for said in self.said.values() for alert in said.timed()]


def _name(volume: int) -> str:
    return f"alerts/{volume}"


def notify(cluster: Cluster, folder: Path, volumes: tuple[int, ...] = (), patience: Patience | None = None) -> None:
    """Tell the targets a folder's settings name, until stopped. Raises `LedgerError` when another does, or none is."""
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    targets = targets_of(folder)
    if not targets:
        raise WrongUse("targets_unnamed", path=folder / SETTINGS_FILE)
    lock, watch = WriterLock(folder / "notifier.lock"), Watch("notifier")
    notifier = Notifier(folder, targets, patience)
    try:
        with Reader(cluster) as reader:
            follower = TopicFollower(notifier, reader, volumes)
            while not stop.is_set():
                with watch.work():
                    follower.take_up()
                notifier.tell()  # not watched: each try has its own limit of time
                stop.wait(EVERY_SECONDS)
    finally:
        notifier.close()
        lock.release()
