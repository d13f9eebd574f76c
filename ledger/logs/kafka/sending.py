"""Sending from a worker: one batch in flight for each volume, whole or not at all, so that no failure can leave a gap.

A page is sent only after everything it refused is durable. It decides nothing and retries nothing of its own.
"""

import asyncio
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.helpers import create_ssl_context

from ledger.errors import BrokenEnvironment
from ledger.logs.kafka.cluster import REQUEST_BYTES_MAX, Cluster
from ledger.logs.kafka.wire import Outgoing

BATCH_BYTES = 4_000_000
DELIVERY_MS_MAX = 60_000
_PLACE = attrgetter("topic", "volume")


def async_client(cluster: Cluster) -> dict[str, Any]:
    """Return what any aiokafka client needs to connect."""
    given: dict[str, Any] = {
        "bootstrap_servers": list(cluster.bootstrap), "security_protocol": cluster.security_protocol,
    }  # fmt: skip
    if cluster.sasl_mechanism:
        given |= {
            "sasl_mechanism": cluster.sasl_mechanism, "sasl_plain_username": cluster.username,
            "sasl_plain_password": cluster.password,
        }  # fmt: skip
    if cluster.security_protocol.endswith("SSL"):
        given["ssl_context"] = create_ssl_context(cafile=str(cluster.ca_file) if cluster.ca_file else None)
    return given


class Sending:
    """An idempotent producer that waits for all in-sync replicas. Lives in one event loop."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self._producer: Any = None
        self._starting = asyncio.Lock()

    async def send(self, records: Iterable[Outgoing]) -> dict[int, int]:
        """Send records of one topic in order, volumes beside each other; return when all are durable.

        The answer is the offset of the last record of each volume. Raises `BrokenEnvironment`.
        """
        by_place = [list(group) for _, group in groupby(sorted(records, key=_PLACE), key=_PLACE)]
        if not by_place:
            return {}
        try:
            await self._start()
            ends = await asyncio.gather(*(self._send_in_order(group) for group in by_place))
        except KafkaError as error:
            raise BrokenEnvironment(
                "kafka_unreachable", brokers=",".join(self.cluster.bootstrap), found=f"{type(error).__name__}: {error}"
            ) from error
        return {group[0].volume: end for group, end in zip(by_place, ends, strict=True)}

    async def _send_in_order(self, records: Sequence[Outgoing]) -> int:
        topic, volume = self.cluster.topic(records[0].topic), records[0].volume
        at, last = 0, -1
        while at < len(records):
            batch = self._producer.create_batch()
            while at < len(records):
                record = records[at]
                appended = batch.append(timestamp=None, key=record.key, value=record.value, headers=record.headers)
                if appended is None:
                    break
                at += 1
            batch.close()
            first = (await (await self._producer.send_batch(batch, topic, partition=volume))).offset
            last = first + batch.record_count() - 1 if first >= 0 else -1
        return last

    async def _start(self) -> None:
        async with self._starting:
            if self._producer is None:
                producer = AIOKafkaProducer(
                    **async_client(self.cluster), acks="all", enable_idempotence=True,
                    max_request_size=REQUEST_BYTES_MAX, max_batch_size=BATCH_BYTES, request_timeout_ms=DELIVERY_MS_MAX,
                )  # fmt: skip
                await producer.start()
                self._producer = producer

    async def stop(self) -> None:
        """Let the connection go."""
        if self._producer is not None:
            await self._producer.stop()
