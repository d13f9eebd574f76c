"""Cases on Kafka: what concerns two sites is said of a book of several volumes as of one, whichever worker dies."""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest

from ledger.book import ZONE
from ledger.logs.kafka.alerting import SaidAlerts
from ledger.logs.kafka.casebook import CaseBook
from ledger.logs.kafka.cluster import Cluster
from ledger.logs.kafka.wire import CASE_TYPE, CASES, Outgoing
from projections import chapters
from schemas.page import Result
from tests.kafka.road import Road
from tests.scenarios.dialect import read
from tests.scenarios.runtime import Embedded
from tests.spec import described, issued
from tests.test_scenarios import FILES, OPENED_AT, Run

DAMAGE_EXIT_CODE = 4
SETTLING = next(path for path in FILES if path.stem == "cross_district_settlement")


class Watched(Embedded):
    """An embedded book that notes what it was sent, and which cases were open after each submission."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, f"bg-{SETTLING.stem}", OPENED_AT)
        self.steps: list[tuple[bytes, datetime, list[str]]] = []

    def submit(self, documents: Sequence[bytes], recorded_at: datetime) -> list[Result]:
        results = super().submit(documents, recorded_at)
        open_ = [a.alert for a in chapters.due(self.book.folds.chapters, recorded_at.astimezone(ZONE))]
        self.steps.append((documents[0], recorded_at, open_))
        return results


def open_cases(road: Road) -> list[str]:
    """Return the cases the topic says are open, of every volume."""
    topics = [SaidAlerts(volume, "cases") for volume in range(road.volumes)]
    for topic in topics:
        topic.follow(road.reader)
    return sorted(name for topic in topics for name in topic.open)


@pytest.mark.drill
def test_a_settlement_between_volumes_is_said_as_one_book_says_it_whoever_is_killed(
    cluster: Cluster, tmp_path: Path
) -> None:
    """(F8) (F10) (F12) Difference, price held, dispute, overdue, papers: each raised and cleared as it should be."""
    watched = Watched(tmp_path)
    Run(watched).play(read(SETTLING))
    road = Road(cluster, tmp_path)
    road.open(volumes=3, opened_at=OPENED_AT)
    try:
        road.start("admission", volumes="0,1,2")
        workers = [road.start("cases", "c1"), road.start("cases", "c2")]
        before, changes = [""], 0
        for document, recorded_at, wanted in watched.steps:
            road.wait_admitted(road.submit([document], recorded_at=recorded_at))
            changes += wanted != before
            if wanted != before and changes % 2:
                road.wait(f"{wanted}", lambda w=wanted: open_cases(road) == w)  # type: ignore[misc]  # a lambda with a bound default
                killed = changes // 2 % 2
                road.kill(workers[killed])
                workers[killed] = road.start("cases", f"c{killed + 1}")
            before = wanted
        road.wait("the last", lambda: open_cases(road) == before)
        assert changes > 6
        assert [w.poll() for w in workers] == [None, None], road.log()[-2000:]
    finally:
        watched.close()
        road.stop()


def carried(road: Road) -> list[bytes]:
    """Return the documents that were carried, in the order of the topic."""
    return [r.value or b"" for r in road.records(CASES) if r.headers["ce_type"] == CASE_TYPE.encode()]


def test_what_is_about_the_whole_book_is_carried_once_and_what_concerns_one_shelf_is_not(
    cluster: Cluster, tmp_path: Path
) -> None:
    road = Road(cluster, tmp_path)
    road.open(volumes=2)
    try:
        road.start("admission", volumes="0,1")
        road.start("cases", volumes="0,1")
        item = described().but(number=1).bytes()
        road.wait_admitted(road.submit([item, issued(1).but(number=1).bytes()]))
        road.wait("places", lambda: all(road.reader.bounds(CASES, v)[1] for v in range(2)))
        road.wait("the item", lambda: bool(carried(road)))
        assert carried(road) == [item]
        assert all(r.headers["ce_type"] != CASE_TYPE.encode() for r in road.records(CASES, 1))
    finally:
        road.stop()


def test_a_message_carried_twice_counts_once_and_what_is_none_stops_the_worker(road: Road) -> None:
    road.start("admission", volumes="0")
    road.start("cases", volumes="0")
    road.wait_admitted(road.submit([described().but(number=1).bytes()]))
    road.wait("the item", lambda: bool(list(road.records(CASES))))
    records = [r for r in road.records(CASES) if r.headers["ce_type"] == CASE_TYPE.encode()]
    once, twice = CaseBook(1), CaseBook(1)
    for record in records:
        once.take(0, record)
    for record in records * 2:
        twice.take(0, record)
    assert once.chapters == twice.chapters
    assert json.loads(records[0].value or b"")["kind"] == "item_described.v1"
    road.writer.send([Outgoing(CASES, 0, b"", b"junk", [])])
    assert road.workers[1].wait(timeout=30) == DAMAGE_EXIT_CODE
    assert road.start("cases", volumes="0").wait(timeout=30) == DAMAGE_EXIT_CODE
    assert "of `cases` cannot be read" in road.log()
