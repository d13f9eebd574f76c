"""The snapshot of the cases: a worker that was killed goes on from it; one of other topics, or damaged, is not used."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ledger import snapshots
from ledger.logs.kafka.alerting import alert_record, parse_alert
from ledger.logs.kafka.casebook import FOLD, CaseBook, KeptCases, kept_cases
from ledger.logs.kafka.cluster import Cluster
from ledger.logs.kafka.wire import ALERTS
from ledger.routing import volume_of
from schemas.alerts import Alert
from tests.kafka.on_cluster import folder_of
from tests.kafka.road import Road
from tests.kafka.test_cases import open_cases
from tests.kafka.test_damage import build
from tests.kafka.test_queries import Asked, submissions
from tests.spec import NOON, arrived, described

SHORT = "transfer_difference/WH-T/TR/KN95/L1"
KEEPING = """
from ledger.logs.kafka import keeping
keeping.BYTES_A_SNAPSHOT = 1
"""
"""Keeps a snapshot after every question that read anything."""
READING_NOTHING_AGAIN = """
import os
from ledger.logs.kafka import casebook
take = casebook.CaseBook.take
casebook.CaseBook.take = lambda book, volume, record: take(book, volume, record) if record.offset else os._exit(9)
"""
"""Ends itself when it is handed the first message of a volume."""

SLOW = """
import time
from ledger.logs.kafka import alerting
from processors import watchdog
watchdog.Watch.__init__.__defaults__ = (6,)
parse = alerting.parse_alert
def slow(record, volume):
    time.sleep(0.4)
    return parse(record, volume)
alerting.parse_alert = slow
"""
"""Needs twice as long for the alerts there are as a worker may stand still."""


@pytest.fixture
def road(cluster: Cluster, tmp_path: Path) -> Iterator[Road]:
    """Give a book of two volumes in which a transfer between them came two short, and the workers it had."""
    laid = Road(replace(cluster, state=tmp_path / "state"), tmp_path)
    laid.open(volumes=2, opened_at=NOON)
    for role in ("admission", "folds"):
        laid.start(role, volumes="0,1")
    yield laid
    laid.stop()


def kept(road: Road) -> KeptCases:
    found = kept_cases(road.cluster)
    return found if found is not None else KeptCases()


@pytest.mark.drill
def test_a_cases_worker_killed_goes_on_from_its_snapshot_and_says_nothing_again(road: Road, tmp_path: Path) -> None:
    """(D8) What was raised before the kill is cleared after it, and each is said once."""
    worker = road.start("cases", "c1", build(tmp_path, KEEPING))
    for documents in submissions():
        road.wait_admitted(road.submit(documents, recorded_at=NOON))
    road.wait("raised", lambda: open_cases(road) == [SHORT])
    road.wait_admitted(road.submit([described("gown").but(number=3).bytes()], recorded_at=NOON))
    road.wait("kept", lambda: any(read.open for read in kept(road).read.values()))
    road.kill(worker)
    for volume in range(2):
        road.wait_folded(volume)
    asked = Asked(folder_of(road, road.folder / "book"))
    rows = [row for row in asked.rows("verify") if row["name"].startswith("worker_chapters")]
    assert sum(row["compared"] for row in rows) > 0
    worker = road.start("cases", "c1", build(tmp_path, READING_NOTHING_AGAIN))
    rest = arrived(2, site="WH-T", source="dev-2.t1", from_site="WH-01", lot="L1", transfer="TR").but(number=2)
    road.wait_admitted(road.submit([rest.bytes()], recorded_at=NOON))
    road.wait("cleared", lambda: open_cases(road) == [])
    assert worker.poll() is None, road.log()[-2000:]
    said = [parse_alert(record, volume) for volume in range(2) for record in road.records(ALERTS, volume)]
    assert [(alert.alert, alert.state) for alert in said] == [(SHORT, "raised"), (SHORT, "cleared")]


def test_a_snapshot_of_other_topics_ahead_of_them_or_damaged_is_not_used(road: Road) -> None:
    for documents in submissions()[:2]:
        road.wait_admitted(road.submit(documents, recorded_at=NOON))
    worker = road.start("cases", "c1", build(road.folder, KEEPING))
    road.wait("kept", lambda: bool(kept(road).read) and all(read.offset for read in kept(road).read.values()))
    road.kill(worker)
    path, state = road.cluster.snapshot("cases", 0), kept(road)
    assert path is not None
    assert resumed(road) == state
    good, beginning = path.read_bytes(), CaseBook(2).state
    path.write_bytes(good[:-3] + b"9]]")
    assert resumed(road) == beginning
    state.read[0].offset += 1000
    snapshots.save(path, state)
    assert resumed(road) == beginning
    state.read[0].offset -= 1000
    state.read[1].last = "bg-other/1/1/1"
    snapshots.save(path, state)
    assert resumed(road) == beginning


def resumed(road: Road) -> KeptCases:
    """Return what a new worker begins from."""
    book = CaseBook(2)
    book.resume(road.reader)
    return book.state


def test_a_long_first_read_of_what_was_said_is_work_that_moves(road: Road) -> None:
    forged = Alert(
        alert=SHORT, kind="transfer_difference", state="raised", severity="warning", site="WH-T", rule="G7",
        changed_at=NOON,
    )  # fmt: skip
    volume = volume_of("WH-T", 2)
    road.writer.send([alert_record(forged, volume, FOLD, "bg-road")] * 30)
    road.wait_admitted(road.submit([described().but(number=1).bytes()], recorded_at=NOON))
    worker = road.start("cases", "c1", build(road.folder, SLOW))
    road.wait("nothing short", lambda: open_cases(road) == [])
    assert worker.poll() is None, road.log()[-2000:]
