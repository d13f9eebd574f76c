"""The road under test: topics, workers as processes of their own, and patient questions to the log."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path

from ledger import topics
from ledger.folds import Folds, begin
from ledger.logs.kafka.chain import Chain
from ledger.logs.kafka.cluster import SETTINGS_VARIABLE, Cluster
from ledger.logs.kafka.reading import Reader
from ledger.logs.kafka.shelving import SaidBalances
from ledger.logs.kafka.verifying import Replayed, verify_volume
from ledger.logs.kafka.wire import BALANCES, PAGES, Record
from ledger.logs.kafka.writing import Writer, open_book
from schemas.page import Sender
from tests.conftest import ROOT
from tests.spec import ANYONE

PATIENCE_SECONDS = 60
BOOK = "bg-road"


class Road:
    """A book on a cluster and the workers that carry it."""

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        self.cluster = cluster
        self.folder = folder
        self.volumes = 1
        self.workers: list[subprocess.Popen[bytes]] = []
        self._settings = folder / "kafka.toml"
        known = {k: v for k, v in asdict(cluster).items() if v is not None and k != "password"}
        lines = (f"{name} = {json.dumps(value, default=str)}\n" for name, value in known.items())
        self._settings.write_text("[kafka]\n" + "".join(lines), encoding="utf-8")
        self._writer: Writer | None = None
        self._reader: Reader | None = None

    @property
    def writer(self) -> Writer:
        """A producer of submissions."""
        self._writer = self._writer or Writer(self.cluster)
        return self._writer

    @property
    def reader(self) -> Reader:
        """A reader of any topic."""
        self._reader = self._reader or Reader(self.cluster)
        return self._reader

    def open(self, volumes: int = 1, book_id: str = BOOK, opened_at: datetime | None = None, **changed: int) -> None:
        """Make the topics and open a rehearsal book in them."""
        self.volumes = volumes
        wanted = topics.read_topics(ROOT / "deploy" / "topics.yaml", volumes=volumes, replicas=1)
        if "scan_partitions" in changed:
            wanted = [replace(t, partitions=changed["scan_partitions"]) if t.name == "scans" else t for t in wanted]
        topics.apply(self.cluster, wanted)
        open_book(self.cluster, nature="rehearsal", book_id=book_id, opened_at=opened_at)

    def start(
        self, role: str, instance: str = "", build: Path | None = None, volumes: str = ""
    ) -> subprocess.Popen[bytes]:
        """Start a worker, or a build of it that a test has made."""
        program = [str(build)] if build else ["-m", "processors.running"]
        with (self.folder / "workers.log").open("ab") as log:
            worker = subprocess.Popen(
                [sys.executable, *program, role, instance, volumes], cwd=self.folder, stdout=log, stderr=log,
                env=os.environ | {SETTINGS_VARIABLE: str(self._settings), "PYTHONPATH": str(ROOT)},
            )  # fmt: skip
        self.workers.append(worker)
        return worker

    def kill(self, worker: subprocess.Popen[bytes]) -> None:
        """End a worker as a power cut would."""
        worker.send_signal(signal.SIGKILL)
        worker.wait()

    def stop(self) -> None:
        """End whatever still runs."""
        for worker in self.workers:
            if worker.poll() is None:
                self.kill(worker)
        for connection in (self._writer, self._reader):
            if connection is not None:
                connection.close()

    def log(self) -> str:
        """Return what the workers said."""
        return (self.folder / "workers.log").read_text(errors="replace")

    def submit(
        self, documents: Sequence[bytes], sender: Sender = ANYONE, recorded_at: datetime | None = None
    ) -> dict[int, int]:
        """Send documents; return volume → position."""
        return self.writer.submit(documents, sender, self.volumes, recorded_at)

    def wait(self, what: str, answer: Callable[[], bool], seconds: int = PATIENCE_SECONDS) -> None:
        """Wait until something is so."""
        until = time.monotonic() + seconds
        while not answer():
            assert time.monotonic() < until, f"not within {seconds} s: {what}\n{self.log()[-4000:]}"
            time.sleep(0.05)

    def wait_admitted(self, positions: dict[int, int], seconds: int = PATIENCE_SECONDS) -> None:
        """Wait until these submissions have their pages."""
        for volume, position in positions.items():
            follower = Follower(self.reader, volume)
            self.wait(
                f"page of submission {position} in volume {volume}", lambda f=follower, p=position: f.at() >= p, seconds
            )  # type: ignore[misc]  # a lambda with bound defaults

    def wait_folded(self, volume: int = 0, seconds: int = PATIENCE_SECONDS) -> None:
        """Wait until the stock worker has said the balances of the last page there is."""
        pages = Follower(self.reader, volume)
        pages.at()
        said = SaidBalances(volume)
        start = [0]

        def reached() -> bool:
            records = list(self.reader.records(BALANCES, volume, start[0]))
            start[0] += len(records)
            said.read(records)
            return said.page >= pages.chain.page

        self.wait(f"balances of page {pages.chain.page}", reached, seconds)

    def verify(self) -> list[Replayed]:
        """Verify every volume; every check must hold."""
        found = [verify_volume(self.reader, volume) for volume in range(self.volumes)]
        for replayed in found:
            assert not [check for check in replayed.checks if check.differing], replayed.checks
        return found

    def stored(self, volume: int = 0) -> list[bytes]:
        """Return the pages of a volume, each once."""
        chain = Chain(volume, remembered=None)
        return [
            record.value or b"" for record in self.records(PAGES, volume) if chain.take(record.value, record.offset)
        ]

    def records(self, topic: str, volume: int = 0) -> Iterator[Record]:
        """Read a topic from its beginning."""
        return self.reader.records(topic, volume, self.reader.bounds(topic, volume)[0])


class Follower:
    """Every fold over the pages of one volume, as far as they have come."""

    def __init__(self, reader: Reader, volume: int, book: str = BOOK) -> None:
        self.reader = reader
        self.chain = Chain(volume)
        self.folds: Folds = begin(book, volume)
        self.last: Record | None = None

    def at(self) -> int:
        """Read on; return the position of the last submission with a page."""
        for record in self.reader.records(PAGES, self.chain.volume, self.chain.offset):
            taken = self.chain.take(record.value, record.offset)
            if taken is not None:
                self.folds.take(*taken)
                self.last = record
        return self.folds.admission.submission
