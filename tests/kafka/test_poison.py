"""Poison of every kind ends in quarantine with its bytes, and no worker stops for it."""

import hashlib
import json
import os
from pathlib import Path

from ledger.logs.kafka.admitting import DOCUMENTS_MAX
from ledger.logs.kafka.cluster import Cluster
from ledger.logs.kafka.wire import (
    NOBODY,
    OPENING_TYPE,
    QUARANTINE,
    SCANS,
    SUBMISSIONS,
    Headers,
    Opened,
    Outgoing,
    cloud_event,
    opening_record,
    submission_record,
)  # fmt: skip
from ledger.routing import volume_of
from schemas.page import Opening, Sender
from tests.kafka.road import Follower, Road
from tests.spec import ANYONE, Doc, described, received

RANDOM = os.urandom(5_000)
"""Random bytes hold line breaks: as a submission they are many documents, as a scan one."""
HUGE = b'{"kind":"goods_received.v1","note":"' + b"x" * 10_000_000 + b'"}'
DEEP = b"[" * 200_000 + b"]" * 200_000
GOOD = received(5, note="good")


def sent(value: bytes | None, headers: Headers | None = None) -> Outgoing:
    """Make a record nobody's writer would make."""
    return Outgoing(SUBMISSIONS, 0, b"", value, headers or [])


def signed(*documents: bytes, sender: Sender = ANYONE) -> Outgoing:
    return submission_record(0, documents, sender)


def site_of(volume: int, volumes: int) -> str:
    return next(site for site in (f"WH-{n}" for n in range(100)) if volume_of(site, volumes) == volume)


def quarantined(road: Road) -> dict[bytes, str]:
    found: dict[bytes, str] = {}
    for volume in range(road.volumes):
        for record in road.records(QUARANTINE, volume):
            assert hashlib.sha256(record.value or b"").hexdigest().encode() == record.key
            found[record.value or b""] = json.loads(record.headers["bg_reason"] or b"")["code"]
    return found


def test_poisoned_submissions_are_kept_with_their_reason_and_the_worker_goes_on(road: Road) -> None:
    worker, folds = road.start("admission"), road.start("folds")
    road.submit([described().but(number=1).bytes()])
    million, many = b"x\n" * 1_000_000, b"\n".join(b"y%d" % n for n in range(DOCUMENTS_MAX + 1))
    forged = opening_record(0, Opened(book="bg-forged", opening=Opening(nature="real", volumes=1)))
    poison = [
        sent(RANDOM), sent(None), sent(HUGE), sent(DEEP), sent(million), sent(many), forged,
        sent(GOOD.but(number=90).bytes()), signed(GOOD.but(number=91).bytes(), sender=NOBODY),
        sent(b"not an opening", cloud_event(OPENING_TYPE, "x")),
        sent(b"header of nothing", [("bg_sender", b"\xff\xfe"), ("bg_lengths", b"\xff,-1,9999999999999999999999")]),
        sent(b"lengths that lie", [("bg_lengths", b"3,3"), ("bg_recorded_at", b"yesterday")]),
        signed(b'{"kind":"goods_received.v1","site":"\\ud800"}', json.dumps({"kind": 7}).encode(), b"nul\x00"),
        signed(GOOD.but(number=2**70).bytes(), GOOD.but(number=92, site="a" * 5000).bytes()),
    ]  # fmt: skip
    road.writer.send(poison)
    road.wait_admitted(road.submit([GOOD.but(number=1).bytes()]))
    road.wait_folded()
    assert worker.poll() is folds.poll() is None, road.log()[-3000:]
    found = quarantined(road)
    assert found[million] == found[many] == "too_many_documents"
    assert found[HUGE] == "document_too_long"
    assert found[forged.value or b""] == "opened_already"
    assert found[GOOD.but(number=90).bytes()] == found[GOOD.but(number=91).bytes()] == "not_entitled"
    expected = {b"", DEEP, b"not an opening", b"header of nothing", b"lengths that lie", b"nul\x00"}
    assert expected | set(filter(bytes.strip, RANDOM.split(b"\n"))) <= found.keys()
    (replayed,) = road.verify()
    assert sum(b.on_hand for b in replayed.stock.balances.values()) == 5


def scan(doc: Doc | bytes | None, key: str | None, partition: int = 0) -> Outgoing:
    """Make a record of `scans` as any producer may."""
    value = doc.bytes() if isinstance(doc, Doc) else doc
    return Outgoing(SCANS, partition, key.encode() if key else None, value, [])  # type: ignore[arg-type]  # a scan may lack its key


def on_hand(road: Road) -> int:
    followers = [Follower(road.reader, volume) for volume in range(road.volumes)]
    assert all(follower.at() >= 0 for follower in followers)
    return sum(b.on_hand for f in followers for b in f.folds.stock.balances.values())


def test_poisoned_scans_end_in_quarantine_and_good_ones_in_the_book(cluster: Cluster, tmp_path: Path) -> None:
    road = Road(cluster, tmp_path)
    road.open(volumes=2, scan_partitions=3)
    workers = [road.start(role) for role in ("gatherer", "admission", "folds")]
    here, there = site_of(0, 2), site_of(1, 2)
    pretty = json.dumps(GOOD.but(number=7, site=here).fields, indent=1).encode()
    wrong = GOOD.but(number=1, site=there, source="dev-9.t1")
    road.writer.send([scan(described().but(number=1), "*")])
    road.wait("both volumes know the item", lambda: all(Follower(road.reader, v).at() > 0 for v in (0, 1)))
    road.writer.send([
        scan(RANDOM, here), scan(None, here, 1), scan(HUGE, here), scan(DEEP, here, 2), scan(b"x\n" * 1_000_000, there),
        scan(wrong, here), scan(GOOD.but(number=1, site=here), here), scan(GOOD.but(number=2, site=there), None, 2),
        scan(pretty, here, 1), scan(b"", None), scan(b"\xff" * 10, "?"),
    ])  # fmt: skip
    road.wait("the good scans in the book", lambda: on_hand(road) == 10)
    expected = {
        HUGE: "document_too_long", wrong.bytes(): "wrong_volume",
        pretty: "document_has_line_break", b"x\n" * 1_000_000: "document_has_line_break",
    }  # fmt: skip
    all_kept = expected.keys() | {RANDOM, DEEP, b""}
    road.wait("all poison in quarantine", lambda: all_kept <= quarantined(road).keys())
    found = quarantined(road)
    assert {value: found[value] for value in expected} == expected
    assert [worker.poll() for worker in workers] == [None] * 3, road.log()[-3000:]
    for volume in (0, 1):
        road.wait_folded(volume)
    road.verify()
    road.stop()
