"""Writing to the log from one thread: documents as submissions, and the record that opens a book.

Everything is acknowledged by all in-sync replicas before a call returns. It does not say what becomes of a document.
"""

import json
import secrets
from collections.abc import Sequence
from datetime import datetime
from types import TracebackType
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError

from ledger.errors import BrokenEnvironment, WrongUse
from ledger.logs.kafka.cluster import REQUEST_BYTES_MAX, Cluster
from ledger.logs.kafka.reading import Reader
from ledger.logs.kafka.wire import PAGES, SUBMISSIONS, Opened, Outgoing, opening_record, submission_record
from ledger.routing import volumes_of
from schemas.document import EVERY_SITE
from schemas.page import Opening, Sender

DELIVERY_SECONDS_MAX = 60


class Writer:
    """One idempotent producer."""

    def __init__(self, cluster: Cluster, delivery_seconds_max: int = DELIVERY_SECONDS_MAX) -> None:
        """Connect. Raises `BrokenEnvironment` when no broker answers."""
        self.cluster = cluster
        self.delivery_seconds_max = delivery_seconds_max
        try:
            self._producer: Any = KafkaProducer(
                **cluster.client(), acks="all", enable_idempotence=True, max_request_size=REQUEST_BYTES_MAX,
                linger_ms=2, batch_size=262_144, delivery_timeout_ms=delivery_seconds_max * 1000,
                request_timeout_ms=delivery_seconds_max * 500, max_block_ms=delivery_seconds_max * 1000,
                allow_auto_create_topics=False,
            )  # fmt: skip
        except KafkaError as error:
            raise cluster.unreachable(error) from error

    def start(self, outgoing: Outgoing) -> Any:
        """Begin to send a record; the future answers when it is durable."""
        try:
            return self._producer.send(
                self.cluster.topic(outgoing.topic), outgoing.value, outgoing.key, outgoing.headers,
                partition=outgoing.volume,
            )  # fmt: skip
        except KafkaError as error:
            raise self.cluster.unreachable(error) from error

    def send(self, records: Sequence[Outgoing]) -> list[int]:
        """Send records and return their offsets, once all are durable. Raises `BrokenEnvironment` if any is not."""
        futures = [self.start(record) for record in records]
        try:
            return [int(future.get(timeout=self.delivery_seconds_max + 5).offset) for future in futures]
        except KafkaError as error:
            raise self.cluster.unreachable(error) from error

    def submit(
        self, documents: Sequence[bytes], sender: Sender, volumes: int, recorded_at: datetime | None = None
    ) -> dict[int, int]:
        """Send documents to the volumes of their sites, a submission each; return volume → position, once durable."""
        parts = by_volume(documents, volumes)
        records = [submission_record(v, part, sender, recorded_at=recorded_at) for v, part in parts.items()]
        return dict(zip(parts, self.send(records), strict=True))

    def close(self) -> None:
        """Send what is begun, then let the connection go."""
        self._producer.close()

    def abandon(self) -> None:
        """Let the connection go without waiting for what was begun."""
        self._producer.close(timeout=0)

    def __enter__(self) -> "Writer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def by_volume(documents: Sequence[bytes], volumes: int) -> dict[int, list[bytes]]:
    """Sort documents by the volume of their site, in order. Those for every site go to every volume."""
    parts: dict[int, list[bytes]] = {}
    for document in documents:
        for volume in volumes_of(site_of(document), volumes):
            parts.setdefault(volume, []).append(document)
    return parts


def site_of(document: bytes) -> str:
    """Return the site a document names, or nothing: then any volume can refuse it."""
    try:
        said = json.loads(document)
    except (ValueError, RecursionError):
        return ""
    site = said.get("site", EVERY_SITE) if isinstance(said, dict) else ""
    return site if isinstance(site, str) else ""


def open_book(
    cluster: Cluster, *, nature: str, title: str = "", book_id: str | None = None, opened_at: datetime | None = None
) -> Opened:
    """Write the record that opens each volume. Raises `BrokenEnvironment` if the topics are missing or not empty."""
    if nature not in ("real", "rehearsal"):
        raise WrongUse("nature_unknown", found=nature)
    with Reader(cluster) as reader:
        volumes = reader.volumes(SUBMISSIONS)
        if reader.volumes(PAGES) != volumes:
            raise BrokenEnvironment("kafka_volumes_differ", expected=volumes, found=reader.volumes(PAGES))
        for topic in (SUBMISSIONS, PAGES):
            if any(reader.bounds(topic, volume)[1] for volume in range(volumes)):
                raise BrokenEnvironment("kafka_book_exists", topic=cluster.topic(topic))
    opening = Opening(nature=nature, volumes=volumes, title=title)  # type: ignore[arg-type]  # checked above
    opened = Opened(book=book_id or f"bg-{secrets.token_hex(8)}", opening=opening)
    with Writer(cluster) as writer:
        writer.send([opening_record(volume, opened, opened_at) for volume in range(volumes)])
    return opened
