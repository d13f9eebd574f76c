"""Reading partitions from where one says, to where one says: for taking a volume over, for checking, for people.

It belongs to no group and commits nothing, so it can be run beside anything.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, TypeVar

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from ledger.errors import BrokenEnvironment
from ledger.logs.kafka.cluster import REQUEST_BYTES_MAX, Cluster
from ledger.logs.kafka.wire import Record

STALL_SECONDS_MAX = 60
"""Nothing new for so long before the end that is known: the cluster does not serve what it has."""
_POLL_MS = 500
Answer = TypeVar("Answer")
Passing = Callable[[Iterator[Record]], Iterator[Record]]


class Reader:
    """One connection that reads any partition of the book's topics. Not for several threads at once."""

    def __init__(self, cluster: Cluster, passing: Passing = iter) -> None:
        """Connect. `passing` is handed all records on their way: that long work moves can be seen.

        Raises `BrokenEnvironment` when no broker answers.
        """
        self.cluster = cluster
        self._passing = passing
        self._consumer: Any = self._asked(
            lambda: KafkaConsumer(
                **cluster.client(), enable_auto_commit=False, group_id=None, auto_offset_reset="none",
                max_partition_fetch_bytes=REQUEST_BYTES_MAX // 8, fetch_max_bytes=REQUEST_BYTES_MAX,
                max_poll_records=10_000,
            )
        )  # fmt: skip

    def volumes(self, topic: str) -> int:
        """Return how many partitions a topic has. Raises `BrokenEnvironment` when there is no such topic."""
        name = self.cluster.topic(topic)
        partitions = self._asked(lambda: self._consumer.partitions_for_topic(name))
        if not partitions:
            raise BrokenEnvironment("kafka_topic_missing", topic=name)
        return len(partitions)

    def bounds(self, topic: str, volume: int) -> tuple[int, int]:
        """Return the first offset kept and the offset after the last."""
        at = TopicPartition(self.cluster.topic(topic), volume)
        first = self._asked(lambda: self._consumer.beginning_offsets([at])[at])
        last = self._asked(lambda: self._consumer.end_offsets([at])[at])
        return int(first), int(last)

    def committed(self, role: str, topic: str, volume: int) -> int:
        """Return the offset up to which the workers of a role believe a volume done."""
        at = TopicPartition(self.cluster.topic(topic), volume)
        client = {**self.cluster.client(), "group_id": self.cluster.group(role), "enable_auto_commit": False}
        asking: Any = self._asked(lambda: KafkaConsumer(**client))
        try:
            return int(self._asked(lambda: asking.committed(at)) or 0)
        finally:
            asking.close()

    def records(self, topic: str, volume: int, start: int = 0, end: int | None = None) -> Iterator[Record]:
        """Yield records from offset `start` up to, not including, `end` (default: the end as it is now).

        Raises `BrokenEnvironment` when records before `end` are no longer kept or do not come.
        """
        first, last = self.bounds(topic, volume)
        end = last if end is None else end
        if start < first and start < end:
            raise BrokenEnvironment("kafka_records_gone", topic=topic, volume=volume, expected=start, found=first)
        at = TopicPartition(self.cluster.topic(topic), volume)
        # Both said, every time: a consumer that was only assigned may begin at the end and read nothing.
        self._consumer.assign([at])
        self._consumer.seek(at, start)
        yield from self._passing(self._between(at, start, end))

    def tail(self, topic: str, starts: Mapping[int, int]) -> Iterator[list[tuple[int, Record]]]:
        """Yield what comes in the volumes of a topic from their offsets on, for ever; nothing for half a second: empty.

        While it is followed this reader reads nothing else.
        """
        name = self.cluster.topic(topic)
        self._consumer.assign([TopicPartition(name, volume) for volume in starts])
        for volume, start in starts.items():
            self._consumer.seek(TopicPartition(name, volume), start)
        while True:
            polled = self._asked(lambda: self._consumer.poll(timeout_ms=_POLL_MS))
            yield [(at.partition, _record(found)) for at, batch in polled.items() for found in batch]

    def _between(self, at: TopicPartition, start: int, end: int) -> Iterator[Record]:
        for batch in self._batches(at, start, end):
            for found in batch:
                if found.offset >= end:
                    return
                yield _record(found)

    def _batches(self, at: TopicPartition, start: int, end: int) -> Iterator[Sequence[Any]]:
        idle = 0
        while start < end:
            polled = self._asked(lambda: self._consumer.poll(timeout_ms=_POLL_MS))
            batch = polled.get(at, ())
            idle = 0 if batch else idle + 1
            if idle * _POLL_MS > STALL_SECONDS_MAX * 1000:
                raise BrokenEnvironment(
                    "kafka_records_gone", topic=at.topic, volume=at.partition, expected=start, found="–"
                )
            if batch:
                start = batch[-1].offset + 1
                yield batch

    def _asked(self, ask: Callable[[], Answer]) -> Answer:
        try:
            return ask()
        except KafkaError as error:
            raise self.cluster.unreachable(error) from error

    def close(self) -> None:
        """Let the connection go."""
        self._consumer.close()

    def __enter__(self) -> "Reader":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _record(found: Any) -> Record:
    return Record(found.offset, found.timestamp, found.key, found.value, dict(found.headers))
