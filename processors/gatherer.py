"""The gatherer: packs single documents from `scans` into submissions. Stateless; it may repeat itself after a crash.

It routes by the key, the site, with the book's own function and looks into no document: admission does.
"""

import asyncio
import signal
from collections.abc import Iterable
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from ledger.logs.kafka.cluster import REQUEST_BYTES_MAX, Cluster
from ledger.logs.kafka.reading import Reader
from ledger.logs.kafka.sending import Sending, async_client
from ledger.logs.kafka.wire import SCANS, SUBMISSIONS, Outgoing, submission_record
from ledger.logs.kafka.writing import site_of
from ledger.routing import volume_of
from processors.watchdog import Watch, end
from schemas.document import EVERY_SITE
from schemas.page import Sender

DIRECT = Sender(name="scans")
"""Who wrote to `scans` is for the cluster's access rules to say; they let no one else in."""
DOCUMENTS_AT_ONCE = 2_000
BYTES_AT_ONCE = 4_000_000
WITHIN_MS = 10


class Router:
    """The volume of each key, remembered."""

    def __init__(self, volumes: int) -> None:
        self.volumes = volumes
        self._known: dict[bytes, tuple[int, ...]] = {}

    def of(self, key: bytes | None, document: bytes) -> tuple[int, ...]:
        """Return the volumes a document goes to: by its key, else by the site it names; else any will refuse it."""
        if not key:
            return self._place(site_of(document))
        place = self._known.get(key)
        if place is None:
            place = self._place(key.decode("utf-8", "replace"))
            if len(self._known) < 100_000:  # noqa: PLR2004 - keys are sites; beyond that they are noise
                self._known[key] = place
        return place

    def _place(self, site: str) -> tuple[int, ...]:
        return tuple(range(self.volumes)) if site == EVERY_SITE else (volume_of(site, self.volumes),)


def pack(router: Router, messages: Iterable[Any]) -> list[Outgoing]:
    """Pack scans, in order, into submissions of bounded size."""
    packed: list[Outgoing] = []
    parts: dict[int, list[bytes]] = {}
    sizes: dict[int, int] = {}
    for message in messages:
        document = message.value or b""
        for volume in router.of(message.key, document):
            part = parts.setdefault(volume, [])
            size = sizes.get(volume, 0) + len(document)
            if part and (size > BYTES_AT_ONCE or len(part) >= DOCUMENTS_AT_ONCE):
                packed.append(submission_record(volume, part, DIRECT))
                part = parts[volume] = []
                size = len(document)
            part.append(document)
            sizes[volume] = size
    return packed + [submission_record(volume, part, DIRECT) for volume, part in parts.items()]


async def gather(cluster: Cluster, instance: str | None = None, partitions: tuple[int, ...] = ()) -> None:
    """Gather until stopped: read, send, wait until it is durable, and only then commit.

    With `partitions` only these of `scans`: the group's offsets, but no share of it is taken.
    """
    with Reader(cluster) as reader:
        router = Router(reader.volumes(SUBMISSIONS))
    consumer: Any = AIOKafkaConsumer(
        **async_client(cluster), group_id=cluster.group("gatherer"),
        group_instance_id=instance, enable_auto_commit=False, auto_offset_reset="earliest",
        session_timeout_ms=cluster.session_seconds * 1000, heartbeat_interval_ms=cluster.session_seconds * 250,
        max_partition_fetch_bytes=REQUEST_BYTES_MAX // 4,
    )  # fmt: skip
    sending, watch, stop = Sending(cluster), Watch("gatherer"), asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    try:
        await consumer.start()
        if partitions:
            consumer.assign([TopicPartition(cluster.topic(SCANS), number) for number in partitions])
        else:
            consumer.subscribe([cluster.topic(SCANS)])
        while not stop.is_set():
            polled = await consumer.getmany(timeout_ms=WITHIN_MS, max_records=20_000)
            if polled:
                with watch.work():
                    await sending.send(pack(router, (m for part in polled.values() for m in part)))
                    await consumer.commit({at: part[-1].offset + 1 for at, part in polled.items()})
    except Exception as error:  # noqa: BLE001 - the worker's last door: it says why and ends
        end(error)
    finally:
        await consumer.stop()
        await sending.stop()
