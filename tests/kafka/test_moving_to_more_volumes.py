"""A book grows into an edition with more volumes: same entries, stock and memory. The old one stays as it was."""

import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from ledger.errors import BrokenEnvironment
from ledger.logs.kafka.cluster import SETTINGS_VARIABLE, Cluster
from ledger.logs.kafka.growing import compare_editions
from ledger.logs.kafka.wire import PAGES, QUARANTINE, SCANS, SUBMISSIONS, Outgoing
from ledger.routing import volume_of
from ledger.seals import read_page
from schemas.page import Result
from tests.conftest import ROOT
from tests.kafka.road import Follower, Road
from tests.kafka.test_moving import BAOGONG
from tests.spec import described, issued, received, reversal

SITES = [f"WH-{n:02}" for n in range(1, 12)]
NEW = "bg-road.e2"
CARTON = received(2, unit="箱", site="WH-03", source="dev-9.t1").but(number=1)


@pytest.fixture
def old(cluster: Cluster, tmp_path: Path) -> Iterator[Road]:
    """Give a book of two volumes in which something of everything has happened."""
    road = Road(cluster, tmp_path)
    road.open(volumes=2)
    road.start("admission")
    road.start("folds")
    chance, last = Random(3), {}
    last |= road.submit([described(箱=700).but(number=1).bytes(), described("gown", "件").but(number=2).bytes()])
    for number in range(1, 120):
        documents = [
            (issued if number % 3 == 0 else received)(chance.randint(1, 9), site=site, lot=f"L{number % 4}")
            .but(number=number).bytes()
            for site in chance.sample(SITES, 4)
        ]  # fmt: skip
        last |= road.submit([*documents, chance.choice(documents), b"junk %d" % number])
    last |= road.submit([CARTON.bytes(), CARTON.but(note="another").bytes()])
    last |= road.submit(
        [reversal(CARTON, [{"line": 1, "item": "KN95", "factor": 700}], source="dev-8.t1").but(number=1).bytes()]
    )
    road.wait_admitted(last)
    for volume in (0, 1):
        road.wait_folded(volume)
    yield road
    road.stop()


@pytest.fixture
def new(old: Road, tmp_path: Path) -> Iterator[Road]:
    """Give the place the new edition will have."""
    folder = tmp_path / "new"
    folder.mkdir()
    road = Road(replace(old.cluster, prefix=f"{old.cluster.prefix}e2-"), folder)
    road.volumes = 5
    yield road
    road.stop()


def growing(old: Road, new: Road) -> subprocess.Popen[bytes]:
    command = [BAOGONG, "topics", "grow", "--volumes", "5", "--prefix", new.cluster.prefix, "--replicas", "1"]
    return subprocess.Popen(
        [*command, "--lang", "en"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env=os.environ | {SETTINGS_VARIABLE: str(old._settings)},
    )  # fmt: skip


def grown(old: Road, new: Road) -> tuple[int, str]:
    command = growing(old, new)
    said = command.communicate(timeout=120)[0].decode()
    return command.returncode, said


@pytest.mark.drill
def test_a_book_killed_while_it_grows_ends_with_the_same_stock_and_goes_on_in_five_volumes(
    old: Road, new: Road
) -> None:
    before, pages = old.verify(), [old.stored(volume) for volume in (0, 1)]
    killed = 0
    for patience in (0, 0.02):
        command = growing(old, new)
        while command.poll() is None and not has_begun(new):
            time.sleep(0.01)
        time.sleep(patience)
        if command.poll() is None:
            old.kill(command)
            killed += 1
    code, said = grown(old, new)
    assert (code, killed > 0) == (0, True), said
    assert grown(old, new)[0] == 0, "to say it again changes nothing"

    assert [old.stored(volume) for volume in (0, 1)] == pages
    old.verify()
    check_first_pages(new, [stored[-1][-64:].decode() for stored in pages])
    go_on(new)
    stock = {k: (b.on_hand, b.held) for r in before for k, b in r.stock.balances.items()}
    stock["WH-03", "KN95", ""] = (9, 0)
    assert {k: (b.on_hand, b.held) for r in new.verify() for k, b in r.stock.balances.items()} == stock
    assert [check.differing for check in compare_editions(old.cluster, new.cluster)] == [0] * 4
    assert kept(new) == kept(old) | {CARTON.but(note="a third").bytes()}


def check_first_pages(new: Road, ends: list[str]) -> None:
    """Each volume begins by naming the edition before and where it ended."""
    for volume in range(new.volumes):
        header = read_page(new.stored(volume)[0], 1)[0].header
        assert header.opening is not None
        assert header.opening.continues is not None
        assert [place.seal for place in header.opening.continues.last] == ends
        assert (header.book, header.opening.volumes) == (NEW, 5)


def go_on(new: Road) -> None:
    """Send what the old edition admitted, what contradicts it, and something new: the memory came along."""
    new.start("admission")
    new.start("folds")
    more = received(9, site="WH-03").but(number=500)
    last = new.submit([CARTON.bytes(), CARTON.but(note="a third").bytes(), more.bytes()])
    ((volume, position),) = last.items()
    assert volume == volume_of("WH-03", 5)
    follower = Follower(new.reader, volume, NEW)
    new.wait("the next page", lambda: follower.at() >= position)
    page = read_page(new.stored(volume)[-1], follower.chain.page)[0]
    assert [r.result for r in page.header.refused] == [Result.ALREADY_ADMITTED, Result.CONFLICTING]
    for number in range(new.volumes):
        new.wait_folded(number)


def has_begun(new: Road) -> bool:
    try:
        return any(new.reader.bounds(PAGES, volume)[1] for volume in range(5))
    except BrokenEnvironment:
        return False


def kept(road: Road) -> set[bytes]:
    return {record.value or b"" for volume in range(road.volumes) for record in road.records(QUARANTINE, volume)}


def test_a_book_with_something_unanswered_does_not_grow_and_nothing_is_taken_in_after(old: Road, new: Road) -> None:
    old.writer.send([Outgoing(SCANS, 0, b"WH-01", received(1).but(number=900).bytes(), [])])
    code, said = grown(old, new)
    assert (code, "1 documents are not gathered yet" in said) == (3, True), said
    gatherer = old.start("gatherer")
    old.wait("the scan gathered", lambda: old.reader.committed("gatherer", SCANS, 0) == 1)
    old.kill(gatherer)
    for worker in old.workers:
        old.kill(worker)
    position = old.submit([received(1).but(number=901).bytes()])
    code, said = grown(old, new)
    assert (code, "have no page yet" in said) == (3, True), said
    old.start("admission")
    old.wait_admitted(position)
    assert grown(old, new)[0] == 0
    ends = [old.reader.bounds(SUBMISSIONS, volume)[1] for volume in (0, 1)]
    with pytest.raises(BrokenEnvironment, match="TooLarge"):
        old.submit([received(1).but(number=902).bytes()])
    assert [old.reader.bounds(SUBMISSIONS, volume)[1] for volume in (0, 1)] == ends
