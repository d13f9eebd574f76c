"""A road to measure on: a broker of its own, a book of so many volumes, documents waiting in it, workers, their cost.

What is measured is written before the workers start, so that making it costs them nothing. Broker, workers and whoever
measures share the machine.
"""

import os
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import duckdb

from ledger.errors import LedgerError
from ledger.lake import Lake
from ledger.logs.kafka.cluster import Cluster
from ledger.logs.kafka.wire import PAGES, SCANS, SUBMISSIONS, Outgoing, cloud_event, submission_record
from ledger.routing import volume_of
from tests.bench.keys import descriptions, documents
from tests.kafka.broker import local_broker
from tests.kafka.road import Road
from tests.spec import ANYONE

LINES_A_SUBMISSION = 100
SENT_AT_ONCE = 500
LOOKING_SECONDS = 0.1
PATIENCE_SECONDS = 900


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process has used: CPU seconds, and megabytes resident now and at most."""

    cpu_seconds: float
    megabytes: int
    megabytes_max: int


@contextmanager
def road(folder: Path, volumes: int = 1) -> Iterator[Road]:
    """Start a broker, make the topics, open a book and describe its items; end all of it with the block."""
    folder.mkdir(parents=True, exist_ok=True)
    with local_broker(folder / "kafka") as address:
        laid = Road(Cluster((address,), session_seconds=6, state=folder / "state"), folder)
        try:
            laid.open(volumes=volumes)
            laid.submit(descriptions())
            yield laid
        finally:
            laid.stop()


def fill_submissions(laid: Road, lines: int, per_document: int) -> None:
    """Write lines as submissions of 100 lines each, every volume its own."""
    waiting: dict[int, list[bytes]] = {volume: [] for volume in range(laid.volumes)}
    records: list[Outgoing] = []
    for site, document in documents(lines, per_document):
        volume = volume_of(site, laid.volumes)
        waiting[volume].append(document)
        if len(waiting[volume]) * per_document >= LINES_A_SUBMISSION:
            records.append(submission_record(volume, waiting[volume], ANYONE))
            waiting[volume] = []
        if len(records) >= SENT_AT_ONCE:
            laid.writer.send(records)
            records = []
    records += [submission_record(volume, rest, ANYONE) for volume, rest in waiting.items() if rest]
    laid.writer.send(records)


def fill_scans(laid: Road, lines: int) -> None:
    """Write lines as single documents to `scans`, a message each."""
    headers = cloud_event("goods_received.v1", "made", "application/json")
    made = (
        Outgoing(SCANS, volume_of(site, laid.volumes), site.encode(), document, headers)
        for site, document in documents(lines, 1)
    )
    while some := list(islice(made, 20_000)):
        laid.writer.send(some)


def wait(laid: Road, topic: str, records: dict[int, int]) -> None:
    """Wait until a topic holds so many records in each volume; a worker that ended meanwhile is a failure."""
    until = time.monotonic() + PATIENCE_SECONDS
    while any(laid.reader.bounds(topic, volume)[1] < wanted for volume, wanted in records.items()):
        assert time.monotonic() < until, f"{topic} did not come to its end: {laid.log()[-3000:]}"
        assert all(worker.poll() is None for worker in laid.workers), laid.log()[-3000:]
        time.sleep(LOOKING_SECONDS)


def wait_gathered(laid: Road) -> None:
    """Wait until the gatherer has committed every scan there is."""
    ends = {volume: laid.reader.bounds(SCANS, volume)[1] for volume in range(laid.volumes)}
    until = time.monotonic() + PATIENCE_SECONDS
    while any(laid.reader.committed("gatherer", SCANS, volume) < end for volume, end in ends.items()):
        assert time.monotonic() < until, laid.log()[-3000:]
        time.sleep(LOOKING_SECONDS)


def wait_lake(laid: Road, folder: Path) -> None:
    """Wait until the lake in a folder has every page. No page stands twice in what is measured."""
    until = time.monotonic() + PATIENCE_SECONDS
    while lake_pages(folder) != ends(laid, PAGES):
        assert time.monotonic() < until, laid.log()[-3000:]
        time.sleep(2 * LOOKING_SECONDS)


def lake_pages(folder: Path) -> dict[int, int]:
    """Return the last page of each volume an auditor's SQL sees; nothing while there is no lake."""
    try:
        connection = Lake.connect(folder)
    except (LedgerError, duckdb.Error):
        return {}
    try:
        return dict(
            connection.execute("SELECT volume, max(page) FROM pages GROUP BY volume ORDER BY volume").fetchall()
        )
    finally:
        connection.close()


def ends(laid: Road, topic: str) -> dict[int, int]:
    """Return the number of records in each volume of a topic."""
    return {volume: laid.reader.bounds(topic, volume)[1] for volume in range(laid.volumes)}


def appended(laid: Road, topic: str, offsets: dict[int, int]) -> list[float]:
    """Return the broker's append times, in seconds, of one record in each volume."""
    return [
        next(iter(laid.reader.records(topic, volume, offset, offset + 1))).appended_ms / 1000
        for volume, offset in offsets.items()
    ]


def costs(workers: Iterable[tuple[str, subprocess.Popen[bytes]]]) -> dict[str, Cost]:
    """Return what each worker has used."""
    return {role: _cost(worker.pid) for role, worker in workers}


def _cost(process: int) -> Cost:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    status = dict(line.split(":", 1) for line in Path(f"/proc/{process}/status").read_text().splitlines())
    resident, most = (int(status[name].split()[0]) // 1024 for name in ("VmRSS", "VmHWM"))
    return Cost((int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), resident, most)


def submitted(laid: Road) -> dict[int, int]:
    """Return how many submissions each volume holds: a page each is to come."""
    return ends(laid, SUBMISSIONS)
