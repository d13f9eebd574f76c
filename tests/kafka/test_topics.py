"""Topics as a file: what it says is made, and what is not as it says is found."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType

from ledger import topics
from ledger.errors import BrokenEnvironment, WrongUse
from ledger.logs.kafka.cluster import SETTINGS_VARIABLE, Cluster
from ledger.logs.kafka.writing import open_book
from tests.conftest import ROOT
from tests.kafka.road import Road

BAOGONG = str(Path(sys.executable).parent / "baogong")
FILE = ROOT / "deploy" / "topics.yaml"


def test_what_the_file_says_is_made_and_a_change_on_the_cluster_is_found_and_mended(cluster: Cluster) -> None:
    wanted = topics.read_topics(FILE, volumes=2, replicas=1)
    assert {d.setting for d in topics.compare(cluster, wanted)} == {"topic"}
    assert len(topics.apply(cluster, wanted)) == len(wanted)
    assert topics.compare(cluster, wanted) == []
    admin = KafkaAdminClient(**cluster.client())
    name = cluster.topic("pages")
    admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, {"retention.ms": "86400000"})])
    admin.close()
    found = topics.compare(cluster, wanted)
    assert [(d.topic, d.setting, d.expected, d.found) for d in found] == [(name, "retention.ms", "-1", "86400000")]
    assert topics.apply(cluster, wanted) == [name]
    assert topics.compare(cluster, wanted) == []


def test_more_volumes_than_the_book_has_is_a_difference_that_apply_never_mends(cluster: Cluster) -> None:
    topics.apply(cluster, topics.read_topics(FILE, volumes=2, replicas=1))
    more = topics.read_topics(FILE, volumes=3, replicas=1)
    topics.apply(cluster, more)
    assert {d.setting for d in topics.compare(cluster, more)} == {"partitions"}


def test_the_commands_make_check_open_and_say_what_differs_by_their_exit_code(cluster: Cluster, tmp_path: Path) -> None:
    settings = tmp_path / "kafka.toml"
    settings.write_text(f'[kafka]\nbootstrap = ["{cluster.bootstrap[0]}"]\nprefix = "{cluster.prefix}"\n')

    def baogong(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [BAOGONG, "topics", *arguments, "--lang", "en"],
            cwd=ROOT, env=os.environ | {SETTINGS_VARIABLE: str(settings)}, capture_output=True, text=True, check=False,
        )  # fmt: skip

    small = ("--volumes", "1", "--replicas", "1")
    found = baogong("check", *small, "--format", "json")
    assert found.returncode == 1
    assert {row["found"] for row in json.loads(found.stdout)} == {"absent"}
    assert baogong("apply", *small).returncode == 0
    assert baogong("check", *small).returncode == 0
    assert baogong("open", "--rehearsal").returncode == 0
    again = baogong("open", "--rehearsal")
    assert again.returncode == 3
    assert "holds a book already" in again.stderr


def test_a_book_is_opened_once(road: Road) -> None:
    with pytest.raises(BrokenEnvironment, match="holds a book already"):
        open_book(road.cluster, nature="rehearsal")


def test_a_broker_that_is_not_there_and_a_file_that_is_wrong_are_named(tmp_path: Path) -> None:
    nowhere = Cluster(("127.0.0.1:1",))
    with pytest.raises(BrokenEnvironment, match=r"127\.0\.0\.1:1 does not answer"):
        open_book(nowhere, nature="real")
    wrong = tmp_path / "topics.yaml"
    wrong.write_text("topics: [pages]")
    with pytest.raises(WrongUse, match=r"topics\.yaml is wrong"):
        topics.read_topics(wrong)
    settings = tmp_path / "kafka.toml"
    settings.write_text('[kafka]\nbootstrp = ["x:1"]\n')
    with pytest.raises(WrongUse, match="bootstrp"):
        Cluster.read(settings)
