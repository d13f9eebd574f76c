"""How fast the road is: `python -m tests.kafka.speed [--lines 500000] [--documents 1] [--at HOST:PORT]`.

Submissions of 100 lines are written first; then a worker is started, and what it wrote is timed by the broker's own
append times: from its first record to its last. Neither start-up nor its CPU is in the figures.
"""

import argparse
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from ledger.logs.kafka.cluster import Cluster
from ledger.logs.kafka.reading import Reader
from ledger.logs.kafka.wire import BALANCES, PAGES, Outgoing, submission_record
from tests.kafka.road import Road
from tests.spec import ANYONE, described

LINES_A_SUBMISSION = 100
KEYS = 50_000
CHUNK = 500


def submissions(lines: int, documents: int) -> Iterator[Outgoing]:
    """Give submissions of 100 lines, in so many documents each."""
    lines_each = LINES_A_SUBMISSION // documents
    made = 0
    for number in range(1, lines // lines_each + 1, documents):
        batch = []
        for n in range(number, number + documents):
            rows = [
                {"line": i + 1, "item": "KN95", "unit": "只", "lot": f"L{(made + i) % KEYS}", "quantity": 5}
                for i in range(lines_each)
            ]
            made += lines_each
            fields = {
                "kind": "goods_received.v1", "site": "WH-01", "source": "dev-1.t1", "number": n,
                "happened_at": "2020-01-29T12:00:00+08:00", "recorded_by": "k1", "origin": "purchased", "lines": rows,
            }  # fmt: skip
            batch.append(json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode())
        yield submission_record(0, batch, ANYONE)


def prepare(address: str, name: str, lines: int, documents: int, folder: Path) -> tuple[Road, int]:
    """Open a book of one volume and write what it is to admit; return it with the number of submissions."""
    road = Road(Cluster((address,), prefix=f"speed{os.getpid()}-{name}-"), folder)
    road.open()
    road.submit([described().but(number=1).bytes()])
    total, chunk = 0, []
    for record in submissions(lines, documents):
        chunk.append(record)
        total += 1
        if len(chunk) == CHUNK:
            road.writer.send(chunk)
            chunk = []
    road.writer.send(chunk)
    return road, total


def until(road: Road, topic: str, records: int, workers: dict[str, subprocess.Popen[bytes]]) -> dict[str, float]:
    """Wait until a topic holds so many records; return the CPU seconds each worker used since the first page."""
    at_first: dict[str, float] = {}
    while (there := road.reader.bounds(topic, 0)[1]) < records:
        assert all(worker.poll() is None for worker in workers.values()), road.log()[-3000:]
        if there and not at_first:
            at_first = {role: cpu_seconds(worker.pid) for role, worker in workers.items()}
        time.sleep(0.05)
    return {role: cpu_seconds(worker.pid) - at_first.get(role, 0) for role, worker in workers.items()}


def seconds_between(reader: Reader, topic: str, last: int, since: tuple[str, int]) -> float:
    """Return the seconds from the append time of one record to that of the last of a topic."""
    times = [next(iter(reader.records(name, 0, at, at + 1))).appended_ms for name, at in (since, (topic, last))]
    return (times[1] - times[0]) / 1000


def cpu_seconds(process: int) -> float:
    """Return the CPU a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def show(name: str, lines: int, seconds: float, cpu: dict[str, float]) -> None:
    """Print one row."""
    spent = " ".join(f"{role} {used / lines * 1e6:.1f} s CPU/M lines" for role, used in cpu.items())
    print(f"{name:<16} {lines:>9,} lines {seconds:7.2f} s {lines / seconds:>9,.0f} lines/s   {spent}", flush=True)  # noqa: T201 - a benchmark prints its table


def main() -> None:
    """Measure admission alone, stock alone, and both at once."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--lines", type=int, default=500_000)
    parser.add_argument("--documents", type=int, default=1, help="documents the 100 lines of a submission are in")
    parser.add_argument("--at", default="127.0.0.1:9092")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        road, total = prepare(given.at, "one", given.lines, given.documents, Path(folder))
        first = 2  # after the opening and the description of the item
        try:
            worker = road.start("admission")
            cpu = until(road, PAGES, total + first, {"admission": worker})
            show("admission", given.lines, seconds_between(road.reader, PAGES, total + 1, (PAGES, 0)), cpu)
            road.kill(worker)
            road.workers.clear()
            worker = road.start("folds")
            cpu = until(road, BALANCES, total + first, {"stock": worker})
            show("stock", given.lines, seconds_between(road.reader, BALANCES, total + 1, (BALANCES, 0)), cpu)
        finally:
            road.stop()
    with tempfile.TemporaryDirectory() as folder:
        road, total = prepare(given.at, "both", given.lines, given.documents, Path(folder))
        try:
            workers = {"stock": road.start("folds"), "admission": road.start("admission")}
            cpu = until(road, BALANCES, total + first, workers)
            show("both", given.lines, seconds_between(road.reader, BALANCES, total + 1, (PAGES, 0)), cpu)
            began = time.monotonic()
            (replayed,) = road.verify()
            on_hand = sum(b.on_hand for b in replayed.stock.balances.values())
            assert on_hand == given.lines * 5, on_hand
            show("verify", given.lines, time.monotonic() - began, {})
        finally:
            road.stop()


if __name__ == "__main__":
    main()
