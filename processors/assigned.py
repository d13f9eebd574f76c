"""Volumes carried by assignment: a worker told which are its own, without a group that shares them out.

It needs no offset of anyone: where it goes on is read from the book, as whenever a volume is taken over. No rules here.
"""

import asyncio
import signal
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from ledger.logs.kafka.cluster import REQUEST_BYTES_MAX
from ledger.logs.kafka.reading import Reader
from ledger.logs.kafka.sending import async_client
from ledger.logs.kafka.wire import Record
from processors.carrying import BATCH, Carrier
from processors.watchdog import end

WAIT_MS = 500


async def follow(carrier: Carrier[Any], volumes: tuple[int, ...]) -> None:
    """Carry these volumes until stopped. Ends the process on any failure."""
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    consumer: Any = AIOKafkaConsumer(
        **async_client(carrier.cluster), enable_auto_commit=False, auto_offset_reset="none",
        max_partition_fetch_bytes=REQUEST_BYTES_MAX // 16,
    )  # fmt: skip
    tending = asyncio.create_task(carrier.tend())
    try:
        await consumer.start()
        await _take_over(carrier, consumer, volumes)
        while not stop.is_set():
            polled = await consumer.getmany(timeout_ms=WAIT_MS, max_records=BATCH)
            if polled:
                await carrier.carry({at.partition: [_record(found) for found in some] for at, some in polled.items()})
    except Exception as error:  # noqa: BLE001 - the worker's last door: it says why and ends
        end(error)
    finally:
        tending.cancel()
        await consumer.stop()
        await carrier.sending.stop()


async def _take_over(carrier: Carrier[Any], consumer: Any, volumes: tuple[int, ...]) -> None:
    """Bring each volume up to its log as it is now, then have the rest of it come from there."""
    with Reader(carrier.cluster) as reader:
        ends = {number: reader.bounds(carrier.topic, number)[1] for number in volumes}
    starts = {
        TopicPartition(carrier.cluster.topic(carrier.topic), number): await carrier.catch_up(number, upto)
        for number, upto in ends.items()
    }
    # Both said, one after the other: a consumer that was only assigned may begin at the end and read nothing.
    consumer.assign(list(starts))
    for at, start in starts.items():
        consumer.seek(at, start)


def _record(found: Any) -> Record:
    return Record(found.offset, found.timestamp, found.key, found.value, dict(found.headers))
