"""Damage in the log and wrong builds: readers stop, name the page, and stay down. Nobody folds a figure from it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.admission import decide
from ledger.errors import Damage
from ledger.logs.kafka.shelving import SaidBalances
from ledger.logs.kafka.verifying import verify_volume
from ledger.logs.kafka.wire import PAGES, Outgoing, Record, page_record
from ledger.seals import read_page, write_page
from schemas.page import Submission
from tests.kafka.road import Follower, Road
from tests.spec import ANYONE, NOON, described, received

DAMAGE_EXIT_CODE, OUR_BUG = 4, 70


def altered(road: Road) -> bytes:
    """Return the next page with a figure changed after it was sealed."""
    return following(road, 1).replace(b'"quantity":7', b'"quantity":8')


def forked(road: Road) -> bytes:
    """Return the last page in another version, sealed as well as the first."""
    page, _ = read_page(road.stored()[-1], 3)
    return write_page(page.__class__(page.header.model_copy(update={"sender": "someone"}), page.entries))[0]


def not_a_page(_: Road) -> bytes:
    """Return bytes that are no page."""
    return b"\x00junk"


def cut(road: Road) -> bytes:
    """Return the page after the next one: the one between was cut out."""
    return following(road, 2)


def unchained(road: Road) -> bytes:
    """Return the next page of a chain that is not this one."""
    page, _ = read_page(following(road, 1), 4)
    return write_page(page.__class__(page.header.model_copy(update={"previous": "f" * 64}), page.entries))[0]


def following(road: Road, pages: int) -> bytes:
    """Return a page that would follow, so many after the last."""
    follower = Follower(road.reader, 0)
    stored = b""
    for number in range(pages):
        document = received(7).but(number=20 + number).bytes()
        position = follower.at() + 1 + number
        page = decide(follower.folds.admission, Submission(position, NOON, ANYONE, (document,)))
        stored, seal = write_page(page)
        follower.folds.take(page, seal)
    assert page_record(page, stored).topic == PAGES
    return stored


DAMAGES: list[tuple[Callable[[Road], bytes], str]] = [
    (altered, "Page 4 does not match its seal"),
    (forked, "page 3 exists in two versions"),
    (not_a_page, "is no page (expected page 4)"),
    (cut, "page 4 is missing"),
    (unchained, "Page 4 does not continue the page before it"),
]


@pytest.mark.parametrize(("damage", "words"), DAMAGES, ids=lambda value: getattr(value, "__name__", ""))
def test_a_damaged_log_stops_the_fold_and_admission_and_verify_names_the_page(
    damage: Callable[[Road], bytes], words: str, road: Road
) -> None:
    admission, folds = road.start("admission", "a1"), road.start("folds", "f1")
    road.submit([described().but(number=1).bytes()])
    road.wait_admitted(road.submit([received(5).but(number=1).bytes()]))
    road.wait_folded()
    road.kill(admission)
    road.writer.send([Outgoing(PAGES, 0, b"x", damage(road), [])])
    assert folds.wait(timeout=30) == DAMAGE_EXIT_CODE
    assert words in road.log(), road.log()[-2000:]
    pages = verify_volume(road.reader, 0).checks[0]
    assert pages.differing == 1
    assert words in pages.first_difference
    road.submit([received(5).but(number=2).bytes()])
    assert road.start("admission", "a1").wait(timeout=30) == DAMAGE_EXIT_CODE
    assert road.start("folds", "f1").wait(timeout=30) == DAMAGE_EXIT_CODE


def test_balances_said_twice_in_any_order_are_the_same_and_one_left_out_is_named() -> None:
    def said(page: int, on_hand: int) -> Record:
        value = {"volume": 0, "page": page, "seal": f"s{page}", "balances": [["WH", "KN95", "", on_hand, 0, page]]}
        return Record(page, 0, None, json.dumps(value).encode(), {})

    compacted = SaidBalances(0)
    compacted.read([said(1, 5), said(3, 9), said(4, 2), said(2, 7), said(1, 5), said(3, 9)])
    compacted.check_whole()
    assert (compacted.page, compacted.seal, compacted.figures) == (4, "s4", {("WH", "KN95", ""): (2, 0, 4)})
    lacking = SaidBalances(0)
    lacking.read([said(1, 5), said(3, 9)])
    with pytest.raises(Damage, match="lack page 2 "):
        lacking.check_whole()


WRONG = """
import sys
from ledger.logs.kafka import admitting, reading
from ledger.logs.kafka.cluster import Cluster
from processors import admission, running
{change}
running.run(sys.argv[1], Cluster.from_environment(), sys.argv[2])
"""
TAIL_FROM_LATEST = """
take_pages = admitting.AdmittedVolume.take_pages
admitting.AdmittedVolume.take_pages = lambda volume, records: take_pages(volume, [r for r in records if r.offset == 0])
async def trusting_the_group(agent, volume, upto):
    if upto is not None:
        with reading.Reader(agent.cluster) as reader:
            volume.take_pages(reader.records("pages", volume.volume, 0))
        volume.state.submission = upto - 1
admission.AdmissionAgent.take_over = trusting_the_group
"""
"""Takes over without reading the pages there are, and believes the offset of the group."""
NUMBERS_UNCHECKED = """
from ledger.admission import _Draft
_Draft._repeat = lambda *_: None
"""
"""Gathers without looking whether a document was admitted before."""


def build(folder: Path, change: str) -> Path:
    """Make a wrong build of the worker."""
    program = folder / "wrong.py"
    program.write_text(WRONG.format(change=change))
    return program


def test_a_build_that_takes_over_without_the_pages_forks_and_every_reader_stops_at_the_page(
    road: Road, tmp_path: Path
) -> None:
    admission, folds = road.start("admission", "a1"), road.start("folds", "f1")
    road.submit([described().but(number=1).bytes()])
    road.wait_admitted(road.submit([received(5).but(number=1).bytes()]))
    road.wait_folded()
    admission.terminate()
    admission.wait(timeout=30)
    road.start("admission", "a1", build(tmp_path, TAIL_FROM_LATEST))
    road.submit([received(5).but(number=2).bytes()])
    assert folds.wait(timeout=30) == DAMAGE_EXIT_CODE
    assert "page 2 exists in two versions" in road.log()
    checks = {check.name: check.differing for check in verify_volume(road.reader, 0).checks}
    assert checks["pages/0"] == 1


def test_a_build_that_does_not_check_numbers_ends_itself_before_anything_counts_twice(
    road: Road, tmp_path: Path
) -> None:
    wrong = road.start("admission", "a1", build(tmp_path, NUMBERS_UNCHECKED))
    road.submit([described().but(number=1).bytes()])
    road.submit([received(5).but(number=1).bytes()] * 2)
    assert wrong.wait(timeout=30) == OUR_BUG
    assert "worker.fault" in road.log()
    road.start("admission", "a1")
    road.start("folds", "f1")
    road.wait_admitted(road.submit([received(6).but(number=2).bytes()]))
    road.wait_folded()
    (replayed,) = road.verify()
    assert [b.on_hand for b in replayed.stock.balances.values()] == [11]
