"""Snapshots on Kafka shorten a start and change nothing: without them, or with wrong ones, the pages are the same."""

from dataclasses import replace
from pathlib import Path

import pytest

from ledger.logs.kafka import keeping
from ledger.logs.kafka.admitting import AdmittedVolume
from ledger.logs.kafka.shelving import StockVolume
from ledger.logs.kafka.wire import PAGES, SUBMISSIONS, Outgoing, Record
from tests.kafka.road import Road
from tests.spec import described, received


@pytest.fixture
def kept(road: Road, monkeypatch: pytest.MonkeyPatch) -> Road:
    """Give a road with a few pages and snapshots taken at once, by volumes in this process."""
    monkeypatch.setattr(keeping, "BYTES_A_SNAPSHOT", 1)
    road.reader.cluster = replace(road.cluster, state=road.folder / "state")
    road.submit([described().but(number=1).bytes()])
    for number in range(1, 6):
        road.submit([received(number).but(number=number).bytes()])
    admitted, stock = AdmittedVolume(0), StockVolume(0)
    admitted.resume(road.reader)
    stock.resume(road.reader)
    decided = admitted.decide_all(road.reader.records(SUBMISSIONS, 0))
    (*_, last) = road.writer.send([d.written for d in decided])
    admitted.sent(len(decided), last)
    assert len(list(stock.take_all(road.reader.records(PAGES, 0)))) == len(decided)
    stock.said()
    return road


def started(road: Road) -> tuple[AdmittedVolume, StockVolume]:
    admitted, stock = AdmittedVolume(0), StockVolume(0)
    admitted.resume(road.reader)
    stock.resume(road.reader)
    return admitted, stock


def next_page(road: Road, admitted: AdmittedVolume) -> bytes | None:
    admitted.take_pages(road.reader.records(PAGES, 0, admitted.chain.offset))
    (decided,) = admitted.decide_all([Record(7, 0, b"", b"junk", {})])
    return decided.written.value


def test_a_start_from_a_snapshot_reads_no_page_again_and_writes_the_same_next_page(kept: Road) -> None:
    admitted, stock = started(kept)
    assert admitted.chain.offset == stock.chain.offset == 7
    assert stock.stock.balances["WH-01", "KN95", ""].on_hand == 15
    slow = AdmittedVolume(0)
    assert next_page(kept, slow) == next_page(kept, admitted)


@pytest.mark.parametrize("how", ["deleted", "cut", "changed"])
def test_a_snapshot_deleted_or_damaged_only_costs_time(kept: Road, how: str) -> None:
    good = next_page(kept, started(kept)[0])
    for path in (kept.folder / "state").iterdir():
        body = path.read_bytes()
        if how == "deleted":
            path.unlink()
        else:
            path.write_bytes(body[:-1] if how == "cut" else body.replace(b"KN95", b"KN96"))
    admitted, stock = started(kept)
    assert admitted.chain.offset == stock.chain.offset == 0
    assert next_page(kept, admitted) == good


def test_a_snapshot_of_another_chain_or_ahead_of_the_log_is_not_used(kept: Road, tmp_path: Path) -> None:
    other = Road(replace(kept.cluster, prefix=kept.cluster.prefix + "other-"), tmp_path)
    other.open(book_id="bg-other")
    state = kept.folder / "state"
    for path in list(state.iterdir()):
        path.rename(state / path.name.replace(kept.cluster.prefix, other.cluster.prefix))
    other.reader.cluster = replace(other.cluster, state=state)
    assert [v.chain.offset for v in started(other)] == [0, 0]
    other.writer.send([Outgoing(PAGES, 0, b"", b"x", [])] * 8)
    assert [v.chain.offset for v in started(other)] == [0, 0]
    other.stop()


def test_a_worker_that_wrote_among_anothers_pages_keeps_no_snapshot_of_its_place(kept: Road) -> None:
    admitted, _ = started(kept)
    (decided,) = admitted.decide_all([Record(7, 0, b"", b"junk", {})])
    kept.writer.send([decided.written])
    (last,) = kept.writer.send([decided.written])
    admitted.sent(1, last)
    assert admitted.chain.offset == 7
    assert started(kept)[0].chain.offset == 7
