"""`baogong worker all` and a scanner that is not ours: the whole road from scan to SQL, and an end without orphans."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from ledger.logs.kafka.cluster import SETTINGS_VARIABLE, Cluster
from tests.conftest import ROOT
from tests.kafka.road import Follower, Road
from tests.kafka.test_lake import STOCK, copied, rows
from tests.spec import described

BAOGONG = str(Path(sys.executable).parent / "baogong")


@pytest.mark.drill
def test_a_scan_of_a_plain_producer_ends_in_the_stock_and_in_sql_and_a_worker_that_ends_is_started_again(
    broker: str, tmp_path: Path
) -> None:
    road = Road(Cluster((broker,), session_seconds=3), tmp_path)
    road.open()
    folder = tmp_path / "book"
    everything = subprocess.Popen(
        [BAOGONG, "worker", "all", "--instance", "one"],
        cwd=tmp_path, stderr=(tmp_path / "workers.log").open("ab"),
        env=os.environ | {SETTINGS_VARIABLE: str(road._settings), "BAOGONG_BOOK": str(folder)},
    )  # fmt: skip
    road.workers.append(everything)
    try:
        carry(road, everything, folder)
        children = psutil.Process(everything.pid).children()
    finally:
        everything.send_signal(signal.SIGTERM)
        everything.wait(timeout=60)
        road.stop()
    assert not [child for child in children if child.is_running()]


def carry(road: Road, everything: "subprocess.Popen[bytes]", folder: Path) -> None:
    """Have documents carried to the end of the road, across a kill of every worker."""
    road.submit([described().but(number=1).bytes()])
    scanner = [sys.executable, str(ROOT / "examples" / "kafka_scanner.py"), *road.cluster.bootstrap]
    subprocess.run(scanner, check=True, timeout=60)
    follower = Follower(road.reader, 0)
    road.wait("both scans in the book", lambda: follower.at() > 0 and follower.folds.admission.seq == 3)
    children = psutil.Process(everything.pid).children()
    assert len(children) == 6
    for child in children:
        child.kill()
    road.wait_admitted(road.submit([b"after the kill"]))
    road.wait_folded()
    road.verify()
    road.wait("the place of the cases", lambda: road.reader.bounds("cases", 0)[1] > 1)
    road.wait("the lake", lambda: copied(road, folder))
    assert rows(folder, STOCK) == [("WH-01", "KN95", "", 30)]
