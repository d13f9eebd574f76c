"""One real broker a session, on a free port, and a fresh set of topics a test. Nothing here is simulated."""

import json
import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from ledger.logs.kafka.cluster import Cluster
from tests.conftest import ROOT
from tests.kafka.road import Road

BROKER = [sys.executable, str(ROOT / "deploy" / "kafka" / "broker.py")]
_NUMBERS = count(1)


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start Apache Kafka, give its address, stop it."""
    folder = tmp_path_factory.mktemp("kafka")
    started = subprocess.run(
        [*BROKER, "start", "--port", "0", "--folder", str(folder)], capture_output=True, text=True, check=False
    )
    if started.returncode:
        pytest.fail(f"the tests need a real broker: {started.stdout}{started.stderr}", pytrace=False)
    port = json.loads((folder / "broker.json").read_text())["port"]
    yield f"127.0.0.1:{port}"
    subprocess.run([*BROKER, "stop", "--folder", str(folder)], capture_output=True, check=True)


@pytest.fixture
def cluster(broker: str) -> Cluster:
    """Give the broker with a prefix nobody has used."""
    return Cluster((broker,), prefix=f"t{next(_NUMBERS)}-", session_seconds=3)


@pytest.fixture
def road(cluster: Cluster, tmp_path: Path) -> Iterator[Road]:
    """Give topics of one volume and an opened rehearsal book; whatever workers it starts end with the test."""
    laid = Road(cluster, tmp_path)
    laid.open(volumes=1)
    yield laid
    laid.stop()
