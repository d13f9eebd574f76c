"""The Faust app of one worker: one role, one group, no table, no web server. States no rule of the domain."""

import asyncio
import ssl
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import faust
from aiokafka.helpers import create_ssl_context

from ledger.logs.kafka.cluster import REQUEST_BYTES_MAX, Cluster
from ledger.logs.kafka.wire import Record
from processors.carrying import BATCH, Carrier

WITHIN_SECONDS = 0.01


def make_app(role: str, cluster: Cluster, instance: str | None = None) -> faust.App:
    """Return the app of a role. `instance` makes its membership static: a quick restart keeps its volumes."""
    return faust.App(
        cluster.group(role),
        broker=[f"kafka://{address}" for address in cluster.bootstrap],
        broker_credentials=_credentials(cluster),
        broker_session_timeout=cluster.session_seconds, broker_heartbeat_interval=cluster.session_seconds / 4,
        broker_commit_interval=1.0, broker_commit_every=100_000, broker_max_poll_records=2_000,
        broker_max_poll_interval=600.0, broker_request_timeout=60.0,
        consumer_max_fetch_size=REQUEST_BYTES_MAX // 16, consumer_auto_offset_reset="earliest",
        consumer_group_instance_id=instance,
        processing_guarantee="at_least_once", stream_buffer_maxsize=2_000, stream_wait_empty=False,
        topic_allow_declare=False, topic_disable_leader=True, store="memory://", web_enabled=False,
        datadir=Path(tempfile.gettempdir()) / "baogong-faust",
        key_serializer="raw", value_serializer="raw",
    )  # fmt: skip


class Sharing:
    """Has an app's group share out the volumes a carrier carries."""

    def __init__(self, app: Any, carrier: Carrier[Any]) -> None:
        """Add the agent to the app."""
        self.carrier = carrier
        self._catching_up: asyncio.Task[None] | None = None
        topic = read_topic(app, carrier.cluster, carrier.topic)
        app.agent(topic, name=carrier.what, concurrency=1)(self._agent)
        app.on_partitions_assigned.connect(self._assigned)
        app.task(carrier.tend)

    async def _agent(self, stream: Any) -> None:
        async for events in stream.take_events(BATCH, within=WITHIN_SECONDS):
            found = by_volume(events)
            await self.carrier.carry({number: [record_of(event) for event in some] for number, some in found.items()})

    async def _assigned(self, _: Any, assigned: Iterable[Any], **__: Any) -> None:
        self.carrier.current.clear()
        topic = self.carrier.cluster.topic(self.carrier.topic)
        numbers = sorted(at.partition for at in assigned if at.topic == topic)
        self._catching_up = asyncio.create_task(self._catch_up(numbers))

    async def _catch_up(self, numbers: list[int]) -> None:
        for number in numbers:
            await self.carrier.catch_up(number, None)


def read_topic(app: faust.App, cluster: Cluster, name: str) -> Any:
    """Return one of the book's topics, as bytes."""
    return app.topic(
        cluster.topic(name), key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw"
    )


def record_of(event: Any) -> Record:
    """Return the record behind a Faust event, as any reader of the log would give it."""
    message = event.message
    return Record(
        message.offset, round(message.timestamp * 1000), message.key, message.value, dict(message.headers or ())
    )


def by_volume(events: Any) -> dict[int, list[Any]]:
    """Sort events by their partition, in order."""
    sorted_: dict[int, list[Any]] = {}
    for event in events:
        sorted_.setdefault(event.message.partition, []).append(event)
    return sorted_


def _credentials(cluster: Cluster) -> Any:
    context: ssl.SSLContext | None = None
    if cluster.security_protocol.endswith("SSL"):
        context = create_ssl_context(cafile=str(cluster.ca_file) if cluster.ca_file else None)
    if cluster.sasl_mechanism:
        return faust.SASLCredentials(
            username=cluster.username, password=cluster.password, mechanism=cluster.sasl_mechanism, ssl_context=context
        )
    return faust.SSLCredentials(context=context) if context else None
