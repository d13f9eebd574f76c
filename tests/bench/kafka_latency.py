"""Kafka: how long until others see a scan, at 1,000 documents a second, and until a killed worker serves again.

A scan is timed from the broker's append time of its record: to the append time of the message with its balances, and of
the alert it raises; for auditors to the first of a reader's askings, ten a second, that sees its page.
"""

import signal
import statistics
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import orjson

from ledger.lake import Lake
from ledger.logs.kafka.wire import ALERTS, BALANCES, PAGES, SCANS, Outgoing, cloud_event
from ledger.seals import read_page
from tests.bench.figures import Figure, Figures, Run
from tests.bench.kafka_road import appended, ends, fill_submissions, road, submitted, wait, wait_lake
from tests.bench.keys import ITEMS, documents
from tests.kafka.road import Road
from tests.spec import document, line

DOCUMENTS_A_SECOND = 1_000
SECONDS = 20
AN_ALERT_EVERY = 50
TICK_SECONDS = 0.005
ASKING_SECONDS = 0.1
HEADERS = cloud_event("goods_received.v1", "made", "application/json")


def kafka_latency(run: Run) -> Figures:
    """Scans at an even pace, a fiftieth of which take the book below nothing and so raise an alert."""
    folder = run.folder / "latency"
    seconds = SECONDS if run.share(1) > SECONDS * DOCUMENTS_A_SECOND else 3
    with road(folder) as laid:
        for role in ("gatherer", "admission", "folds", "alerts", "lake"):
            laid.start(role)
        wait(laid, BALANCES, submitted(laid))
        wait_lake(laid, folder / "book")
        seen = _Seen(folder / "book")
        _send(laid, seconds * DOCUMENTS_A_SECOND)
        time.sleep(3)
        wait(laid, BALANCES, submitted(laid))
        wait_lake(laid, folder / "book")
        seen.stop()
        page_of = dict(_pages(laid))
        scanned = dict(_scans(laid))
        said = {orjson.loads(r.value or b"{}")["page"]: r.appended_ms for r in laid.records(BALANCES)}
        alerted = {r.key: r.appended_ms for r in laid.records(ALERTS)}
    stock = [said[page_of[name]] - at for name, at in scanned.items()]
    sql = [seen.first(page_of[name]) - at for name, at in scanned.items()]
    alert = [
        alerted[f"negative_book/{site}/{ITEMS[number - 1]}".encode()] - scanned[site, number]
        for site, number in scanned if site.startswith("NEG")
    ]  # fmt: skip
    return {
        "kafka_scan_to_stock": _spread(stock),
        "kafka_scan_to_alert": _spread(alert),
        "kafka_scan_to_sql": _spread(sql),
    }


def kafka_kill(run: Run) -> Figures:
    """A million lines in the book; a worker is killed and started again, a document sent: until it is in the stock."""
    with road(run.folder / "kill") as laid:
        fill_submissions(laid, run.share(1), 100)
        workers = {role: laid.start(role, f"bench-{role}") for role in ("admission", "folds")}
        wait(laid, BALANCES, submitted(laid))
        return {f"kafka_kill_{role}": _killed(laid, workers, role, n) for n, role in enumerate(workers, 1)}


def kafka_start(run: Run) -> Figures:
    """Ten million lines in the book; the stock worker is stopped and started: until it takes the next page."""
    with road(run.folder / "start") as laid:
        fill_submissions(laid, run.share(10), 100)
        workers = {role: laid.start(role, f"bench-{role}") for role in ("admission", "folds")}
        wait(laid, BALANCES, submitted(laid))
        return {"kafka_start_10m": _killed(laid, workers, "folds", 1)}


def _killed(laid: Road, workers: dict[str, subprocess.Popen[bytes]], role: str, number: int) -> Figure:
    last = submitted(laid)
    workers[role].send_signal(signal.SIGKILL)
    workers[role].wait()
    laid.workers.remove(workers[role])
    began = time.time()
    goods = [line(1, ITEMS[0])]
    late = document("goods_received", "WH-00", "late.b1", origin="purchased", lines=goods).but(number=number)
    laid.submit([late.bytes()])
    workers[role] = laid.start(role, f"bench-{role}")
    wait(laid, BALANCES, {volume: n + 1 for volume, n in last.items()})
    ended = max(appended(laid, BALANCES, {v: end - 1 for v, end in ends(laid, BALANCES).items()}))
    note = (
        f"kill -9 of {role}, started again at once under the same name, with {sum(last.values()):,} pages in the book"
    )
    return Figure(round(ended - began, 2), "s", note=note)


class _Seen:
    """An auditor who asks again and again for the last page there is."""

    def __init__(self, folder: Path) -> None:
        self.lake = Lake.connect(folder)
        self.looks: list[tuple[float, int]] = []
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self._look)
        self.thread.start()

    def _look(self) -> None:
        while not self.ending.wait(ASKING_SECONDS):
            (page,) = self.lake.execute("SELECT max(page) FROM pages").fetchall()[0]
            self.looks.append((time.time() * 1000, page))

    def stop(self) -> None:
        """Ask no more."""
        self.ending.set()
        self.thread.join()
        self.lake.close()

    def first(self, page: int) -> float:
        """Return when a page was first seen, in milliseconds."""
        return next(at for at, seen in self.looks if seen >= page)


def _send(laid: Road, count: int) -> None:
    """Send documents as they come due. Sending never waits for an answer."""
    made = documents(count, 1)
    began, sent = time.monotonic(), 0
    while sent < count:
        wanted = min(count, int((time.monotonic() - began) * DOCUMENTS_A_SECOND))
        for number in range(sent, wanted):
            site, raw = next(made)
            if number % AN_ALERT_EVERY == 0:
                site, raw = _below_nothing(number // AN_ALERT_EVERY)
            laid.writer.start(Outgoing(SCANS, 0, site.encode(), raw, HEADERS))
        sent = max(sent, wanted)
        time.sleep(TICK_SECONDS)


def _below_nothing(number: int) -> tuple[str, bytes]:
    site = f"NEG-{number // len(ITEMS)}"
    place = number % len(ITEMS)
    goods = [line(1, ITEMS[place])]
    fields = {"receiver": "Ward 1", "approval": "A-1", "lines": goods}
    return site, document("goods_issued", site, "dev-1.b1", **fields).but(number=place + 1).bytes()


def _scans(laid: Road) -> Iterator[tuple[tuple[str, int], int]]:
    for record in laid.records(SCANS):
        said = orjson.loads(record.value or b"{}")
        yield (said["site"], said["number"]), record.appended_ms


def _pages(laid: Road) -> Iterator[tuple[tuple[str, int], int]]:
    for number, record in enumerate(laid.records(PAGES), 1):
        page, _ = read_page(record.value or b"", number)
        for admitted in page.entries:
            yield (admitted.entry.site, admitted.entry.number), number


def _spread(milliseconds: list[float]) -> Figure:
    parts = statistics.quantiles(milliseconds, n=100)
    note = (
        f"p99 of {len(milliseconds):,} at {DOCUMENTS_A_SECOND:,} documents/s; p50 {parts[49]:.0f}, p95 {parts[94]:.0f}"
    )
    return Figure(round(parts[98]), "ms", note=note)
