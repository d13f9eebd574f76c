"""Who carries which volumes: those a worker is told (`--volumes`), in every role, or those its group shares out."""

import time
from pathlib import Path
from zlib import crc32

import pytest

from ledger.errors import WrongUse
from ledger.logs.kafka.cluster import Cluster
from ledger.logs.kafka.wire import ALERTS, BALANCES, PAGES, SCANS, Outgoing
from processors.worker import read_volumes
from tests.kafka.road import Road
from tests.kafka.test_lake import rows
from tests.spec import described, issued, received

SITES = {crc32(site.encode()) % 2: site for site in ("WH-01", "WH-02", "WH-03", "WH-04")}


@pytest.mark.drill
def test_workers_carry_the_volumes_they_are_told_and_leave_the_others(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "book"
    monkeypatch.setenv("BAOGONG_BOOK", str(folder))
    road = Road(cluster, tmp_path)
    road.open(volumes=2)
    try:
        road.start("admission")
        for role in ("gatherer", "folds", "alerts", "lake"):
            road.start(role, volumes="1")
        road.wait_admitted(road.submit([described().but(number=1).bytes()]))
        for volume, site in SITES.items():
            document = issued(5, site=site).but(number=1).bytes()
            road.writer.send([Outgoing(SCANS, volume, site.encode(), document, [])])
        road.wait("balances", lambda: road.reader.bounds(BALANCES, 1)[1] >= 3)
        road.wait("alerts", lambda: road.reader.bounds(ALERTS, 1)[1] >= 1)
        road.wait("the lake", lambda: lake(folder) == [(1, 3)])
        assert [road.reader.bounds(topic, 0)[1] for topic in (PAGES, BALANCES, ALERTS)] == [2, 0, 0]
        for role in ("gatherer", "admission", "folds", "alerts"):
            road.start(role, volumes="0")
        road.wait("the other volume", lambda: road.reader.bounds(BALANCES, 0)[1] >= 3)
        road.wait("its alerts", lambda: road.reader.bounds(ALERTS, 0)[1] >= 1)
        assert all(worker.poll() is None for worker in road.workers), road.log()[-2000:]
        road.verify()
    finally:
        road.stop()


@pytest.mark.drill
def test_workers_without_a_name_share_the_volumes_and_do_not_put_each_other_out(
    cluster: Cluster, tmp_path: Path
) -> None:
    road = Road(cluster, tmp_path)
    road.open(volumes=2)
    try:
        for role in ("admission", "folds") * 2:
            road.start(role)
        road.wait_admitted(road.submit([described().but(number=1).bytes()]))
        for number in range(1, 40):  # for longer than a session: one that was put out would come back by then
            last = road.submit([received(1, site=site).but(number=number).bytes() for site in SITES.values()])
            time.sleep(cluster.session_seconds / 20)
        road.wait_admitted(last)
        for volume in range(2):
            road.wait_folded(volume)
        assert "not recognized" not in road.log()
        assert road.log().count("because it is rebalancing") <= 4, "each kind settles once, when its second joins"
    finally:
        road.stop()


def lake(folder: Path) -> list[tuple[object, ...]]:
    try:
        return rows(folder, "SELECT volume, max(page) FROM lake.page GROUP BY volume")
    except Exception:  # noqa: BLE001 - the lake may not be there yet; the wait ends with what the workers said
        return []


@pytest.mark.parametrize(("written", "wanted"), [("", ()), ("0", (0,)), ("0,2-3", (0, 2, 3)), ("3,1-2,2", (1, 2, 3))])
def test_volumes_are_written_as_numbers_and_ranges(written: str, wanted: tuple[int, ...]) -> None:
    assert read_volumes(written, 4) == wanted


@pytest.mark.parametrize("written", ["4", "x", "1-", "-1", "2-1", ",", "0,9"])
def test_volumes_that_are_not_there_are_refused(written: str) -> None:
    with pytest.raises(WrongUse) as wrong:
        read_volumes(written, 4)
    assert "the last volume is 3" in wrong.value.text("en")
