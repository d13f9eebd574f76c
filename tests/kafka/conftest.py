"""One real broker a session, on a free port, and a fresh set of topics a test. Nothing here is simulated."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from ledger.logs.kafka.cluster import Cluster
from tests.kafka.broker import NoBroker, local_broker
from tests.kafka.road import Road

_NUMBERS = count(1)


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start Apache Kafka, give its address, stop it."""
    try:
        with local_broker(tmp_path_factory.mktemp("kafka")) as address:
            yield address
    except NoBroker as error:
        pytest.fail(str(error), pytrace=False)


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
