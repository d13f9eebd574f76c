"""The topics a book needs, as a file says them, and how a cluster differs from it. Every difference is a fault."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import KafkaError

from ledger.errors import WrongUse
from ledger.logs.kafka.cluster import Cluster

DEFAULT_FILE = Path("deploy/topics.yaml")
_KEYS = {"volumes", "replicas", "every", "topics"}


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic as it should be."""

    name: str
    partitions: int
    replicas: int
    settings: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing about a topic that is not as it should be."""

    topic: str
    setting: str
    expected: str
    found: str

    def as_dict(self) -> dict[str, str]:
        """Return it as a row."""
        return {"topic": self.topic, "setting": self.setting, "expected": self.expected, "found": self.found}


def read_topics(path: Path, *, volumes: int | None = None, replicas: int | None = None) -> list[Topic]:
    """Read the file, with volumes and replicas of one's own where given. Raises `WrongUse`, naming the file."""
    try:
        said: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert isinstance(said, dict)
        assert set(said) == _KEYS
        partitions, copies = int(volumes or said["volumes"]), int(replicas or said["replicas"])
        every = {str(name): str(value) for name, value in said["every"].items()}
        every["min.insync.replicas"] = str(min(int(every["min.insync.replicas"]), copies))
        return [
            Topic(name, partitions, copies, every | {str(k): str(v) for k, v in (own or {}).items()})
            for name, own in said["topics"].items()
        ]
    except (OSError, yaml.YAMLError, KeyError, ValueError, TypeError, AttributeError, AssertionError) as error:
        raise WrongUse("topics_unreadable", path=path, found=f"{type(error).__name__}: {error}") from error


def compare(cluster: Cluster, topics: list[Topic]) -> list[Difference]:
    """Return every difference between the topics as they should be and as the cluster has them."""
    admin = _connect(cluster)
    try:
        return [difference for topic in topics for difference in _differences(admin, cluster, topic)]
    except KafkaError as error:
        raise cluster.unreachable(error) from error
    finally:
        admin.close()


def apply(cluster: Cluster, topics: list[Topic]) -> list[str]:
    """Make missing topics and settings; return what was done. The number of volumes of a book is never changed."""
    admin = _connect(cluster)
    done: list[str] = []
    try:
        there = set(admin.list_topics())
        new = {
            cluster.topic(t.name): {
                "num_partitions": t.partitions, "replication_factor": t.replicas, "configs": dict(t.settings),
            }
            for t in topics
            if cluster.topic(t.name) not in there
        }  # fmt: skip
        if new:
            admin.create_topics(new, wait_for_metadata=True)
            done += list(new)
        for topic in topics:
            if any(d.setting in topic.settings for d in _differences(admin, cluster, topic)):
                name = cluster.topic(topic.name)
                admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, dict(topic.settings))])
                done.append(name)
    except KafkaError as error:
        raise cluster.unreachable(error) from error
    finally:
        admin.close()
    return done


def close_to_writers(cluster: Cluster, topic: str) -> None:
    """Have the brokers refuse whatever is sent to a topic from now on: no record is short enough. Reading goes on."""
    admin = _connect(cluster)
    try:
        name = cluster.topic(topic)
        admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, {"max.message.bytes": "1"})])
    except KafkaError as error:
        raise cluster.unreachable(error) from error
    finally:
        admin.close()


def _connect(cluster: Cluster) -> Any:
    try:
        return KafkaAdminClient(**cluster.client())
    except KafkaError as error:
        raise cluster.unreachable(error) from error


def _differences(admin: Any, cluster: Cluster, topic: Topic) -> list[Difference]:
    name = cluster.topic(topic.name)
    if name not in admin.list_topics():
        return [Difference(name, "topic", "present", "absent")]
    partitions = admin.describe_topics([name])[0]["partitions"]
    copies = min(len(p["replica_nodes"]) for p in partitions)
    found = {"partitions": str(len(partitions)), "replicas": str(copies)}
    expected = {"partitions": str(topic.partitions), "replicas": str(topic.replicas), **topic.settings}
    found |= _settings(admin, name)
    return [
        Difference(name, setting, value, found.get(setting, "?"))
        for setting, value in expected.items()
        if found.get(setting) != value
    ]


def _settings(admin: Any, name: str) -> dict[str, str]:
    described = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)], config_filter="all")
    return {setting: str(has["value"]) for setting, has in described["topic"][name].items()}
