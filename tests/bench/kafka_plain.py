"""What the road is compared with: the same bytes only carried, and the Faust program a beginner would write.

`python -m tests.bench.kafka_plain BROKER TOPIC` is that program.
"""

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import faust
import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from ledger.logs.kafka.cluster import REQUEST_BYTES_MAX
from ledger.logs.kafka.reading import Reader
from ledger.logs.kafka.wire import QUARANTINE, SCANS, SUBMISSIONS
from tests.bench.figures import Figure
from tests.bench.kafka_road import LOOKING_SECONDS, PATIENCE_SECONDS, ends, fill_scans, fill_submissions, road
from tests.conftest import ROOT

CHANGELOG = "plain-stock-changelog"


def pass_through(folder: Path, lines: int, per_document: int) -> Figure:
    """Carry the bytes of so many lines from one topic to another, read nothing, and see every one confirmed."""
    with road(folder) as laid:
        if per_document == 1:
            fill_scans(laid, lines)
        else:
            fill_submissions(laid, lines, per_document)
        topic = SCANS if per_document == 1 else SUBMISSIONS
        began = time.monotonic()
        asyncio.run(_carry(laid.cluster.bootstrap[0], topic, QUARANTINE, ends(laid, topic)[0]))
        seconds = time.monotonic() - began
    return Figure(round(lines / seconds), "lines/s", note=f"{lines:,} lines, carried untouched, acks=all")


async def _carry(broker: str, source: str, target: str, records: int) -> None:
    consumer: Any = AIOKafkaConsumer(bootstrap_servers=broker, max_partition_fetch_bytes=REQUEST_BYTES_MAX // 4)
    producer: Any = AIOKafkaProducer(bootstrap_servers=broker, acks="all", linger_ms=2, max_batch_size=1_000_000)
    await consumer.start()
    await producer.start()
    try:
        at = TopicPartition(source, 0)
        consumer.assign([at])
        consumer.seek(at, 0)
        carried = 0
        while carried < records:
            polled = await consumer.getmany(timeout_ms=100, max_records=20_000)
            sent = [await producer.send(target, m.value, m.key, partition=0) for part in polled.values() for m in part]
            await asyncio.gather(*sent)
            carried += len(sent)
    finally:
        await consumer.stop()
        await producer.stop()


def plain_faust(folder: Path, lines: int) -> float:
    """Return the lines a second of a plain Faust program: by the append times of what its table wrote."""
    with road(folder) as laid:
        fill_scans(laid, lines)
        broker = laid.cluster.bootstrap[0]
        with (folder / "plain.log").open("wb") as log:
            program = subprocess.Popen(
                [sys.executable, "-m", "tests.bench.kafka_plain", broker, SCANS], cwd=ROOT, stdout=log, stderr=log,
                env=os.environ | {"F_DATADIR": str(folder / "faust")},
            )  # fmt: skip
        try:
            return lines / _seconds_of_table(laid.reader, lines, program)
        finally:
            program.kill()
            program.wait()


def _seconds_of_table(reader: Reader, lines: int, program: subprocess.Popen[bytes]) -> float:
    until = time.monotonic() + PATIENCE_SECONDS
    while _written(reader) < lines:
        assert program.poll() is None, "the plain program ended"
        assert time.monotonic() < until, f"{_written(reader)} of {lines}"
        time.sleep(5 * LOOKING_SECONDS)
    first, last = (next(iter(reader.records(CHANGELOG, 0, at, at + 1))) for at in (0, lines - 1))
    return (last.appended_ms - first.appended_ms) / 1000


def _written(reader: Reader) -> int:
    try:
        return reader.bounds(CHANGELOG, 0)[1]
    except Exception:  # noqa: BLE001 - its table's topic is not there until it has started
        return 0


def main(broker: str, topic: str) -> None:
    """Run the program: every scan is a message, every message a write to a table."""
    app = faust.App("plain", broker=f"kafka://{broker}", store="memory://", web_enabled=False, topic_partitions=1)
    scans = app.topic(topic, value_type=bytes, value_serializer="raw")
    stock = app.Table("stock", default=int, partitions=1)

    @app.agent(scans)
    async def count(stream: Any) -> None:
        async for document in stream:
            said = orjson.loads(document)
            sign = 1 if said["kind"] == "goods_received.v1" else -1
            for line in said["lines"]:
                key = f"{said['site']}/{line['item']}/{line['lot']}"
                stock[key] += sign * line["quantity"]

    faust.Worker(app, loglevel="WARN", quiet=True).execute_from_commandline()


if __name__ == "__main__":
    main(*sys.argv[1:])
