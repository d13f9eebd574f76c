"""The broker itself killed and started again: what was acknowledged is there, and the workers go on."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from ledger.logs.kafka.cluster import Cluster
from tests.kafka.broker import BROKER
from tests.kafka.road import Follower, Road
from tests.kafka.test_kills import Device, entries, stock_by_site
from tests.spec import described


def broker(folder: Path, port: int = 0) -> dict[str, int]:
    command = [*BROKER, "start", "--port", str(port), "--folder", str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    said: dict[str, int] = json.loads((folder / "broker.json").read_text())
    return said


@pytest.mark.drill
def test_a_broker_killed_twice_and_started_again_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    folder = tmp_path / "kafka"
    said = broker(folder)
    road = Road(Cluster((f"127.0.0.1:{said['port']}",), session_seconds=3), tmp_path)
    try:
        road.open()
        road.submit([described().but(number=1).bytes()])
        road.start("admission", "a1")
        road.start("folds", "f1")
        follower = Follower(road.reader, 0)
        device = Device(road, 13)
        device.start()
        for _ in range(2):
            before = follower.at()
            road.wait("pages", lambda b=before: follower.at() > b + 20, 120)  # type: ignore[misc]  # a lambda with a bound default
            os.kill(said["process"], signal.SIGKILL)
            time.sleep(3)
            said = broker(folder, said["port"])
        before = follower.at()
        road.wait("pages again", lambda: follower.at() > before + 20, 120)
        device.stopping.set()
        device.join()
        road.wait_admitted(device.positions, 180)
        road.wait_folded(seconds=180)  # a client may wait out its request's minute before it asks the new broker
        assert stock_by_site(road) == device.expected
        assert entries(road) == device.sent + 1
        assert [worker.poll() for worker in road.workers] == [None, None], road.log()[-2000:]
    finally:
        road.stop()
        subprocess.run([*BROKER, "stop", "--folder", str(folder)], check=True, capture_output=True)
