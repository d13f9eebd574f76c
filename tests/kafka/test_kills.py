"""Workers killed in the middle of their work: nothing acknowledged is lost, nothing counts twice, the chain holds."""

import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from kafka import KafkaConsumer, OffsetAndMetadata, TopicPartition

from ledger.logs.kafka.wire import PAGES, SCANS, SUBMISSIONS, Outgoing
from tests.kafka.road import Follower, Road
from tests.spec import described, issued, received

KILLS = 10
BESIDE = """
import sys
from ledger.logs.kafka.cluster import Cluster
from processors import app, running
made = app.make_app
app.make_app = lambda role, *rest: made(role + "-beside", *rest)
running.run(sys.argv[1], Cluster.from_environment(), sys.argv[2])
"""
"""A worker that joins a group of its own, so that it gets the same volume as the one that has it."""
SITES = ("WH-01", "WH-02", "WH-03")


def documents(chance: Random, site: str, source: str) -> Iterator[tuple[bytes, int]]:
    """Give the documents a device makes, in order, and what each moves."""
    number = 0
    while True:
        number += 1
        quantity = chance.randint(1, 50)
        make = issued if number % 4 == 0 else received
        doc = make(quantity, site=site, source=source, lot=f"L{number % 7}").but(number=number)
        yield doc.bytes(), -quantity if number % 4 == 0 else quantity


class Device(threading.Thread):
    """Sends documents of every site until told to stop, 10 % of them twice; knows what the stock must be."""

    def __init__(self, road: Road, seed: int) -> None:
        super().__init__(name=f"device-{seed}", daemon=True)
        self.road = road
        self.chance = Random(seed)
        self.made = {site: documents(self.chance, site, f"dev-{seed}.t1") for site in SITES}
        self.sent = 0
        self.expected = dict.fromkeys(SITES, 0)
        self.positions: dict[int, int] = {}
        self.stopping = threading.Event()

    def run(self) -> None:
        again: list[bytes] = []
        while not self.stopping.is_set():
            batch, again = again, []
            for site in SITES:
                for _ in range(self.chance.randint(1, 6)):
                    raw, change = next(self.made[site])
                    self.expected[site] += change
                    self.sent += 1
                    batch.append(raw)
                    if self.chance.random() < 0.1:
                        (again if self.chance.random() < 0.5 else batch).append(raw)
            self.positions |= self.road.submit(batch)
            time.sleep(0.005)


def stock_by_site(road: Road) -> dict[str, int]:
    totals = dict.fromkeys(SITES, 0)
    for replayed in road.verify():
        for (site, _, _), balance in replayed.stock.balances.items():
            totals[site] += balance.on_hand
    return totals


def entries(road: Road) -> int:
    found = 0
    for volume in range(road.volumes):
        follower = Follower(road.reader, volume)
        follower.at()
        found += follower.folds.admission.seq
    return found


@pytest.mark.drill
def test_ten_kills_of_admission_lose_nothing_and_count_nothing_twice(road: Road) -> None:
    road.submit([described().but(number=1).bytes()])
    workers = {"admission": road.start("admission", "a1"), "folds": road.start("folds", "f1")}
    device, chance = Device(road, 7), Random(7)
    device.start()
    follower = Follower(road.reader, 0)
    road.wait("the first page", lambda: follower.at() > 1)
    for kill in range(KILLS):
        before = follower.at()
        road.kill(workers["admission"])
        workers["admission"] = road.start("admission", "a1")
        if kill % 5 == 4:
            road.kill(workers["folds"])
            workers["folds"] = road.start("folds", "f1")
        road.wait("pages again", lambda b=before: follower.at() > b + 5)  # type: ignore[misc]  # a lambda with a bound default
        time.sleep(chance.random())
    device.stopping.set()
    device.join()
    road.wait_admitted(device.positions)
    road.wait_folded()
    assert stock_by_site(road) == device.expected
    assert entries(road) == device.sent + 1
    assert device.sent > 500


@pytest.mark.drill
def test_a_gatherer_killed_while_it_gathers_repeats_itself_and_nothing_counts_twice(road: Road) -> None:
    road.submit([described().but(number=1).bytes()])
    road.start("admission", "a1")
    road.start("folds", "f1")
    gatherer = road.start("gatherer", "g1")
    made, expected, total = documents(Random(3), "WH-01", "dev-3.t1"), 0, 0
    for kill in range(4):
        for _ in range(150):
            raw, change = next(made)
            expected, total = expected + change, total + 1
            for _ in range(2 if total % 10 == 0 else 1):
                road.writer.start(Outgoing(SCANS, 0, b"WH-01", raw, []))
        if kill < 3:
            time.sleep(1)
            road.kill(gatherer)
            gatherer = road.start("gatherer", "g1")

    follower = Follower(road.reader, 0)
    road.wait("every scan in the book", lambda: follower.at() >= 0 and follower.folds.admission.seq == total + 1)
    road.wait_folded()
    assert stock_by_site(road)["WH-01"] == expected


@pytest.mark.drill
def test_a_worker_frozen_past_its_session_writes_the_same_pages_when_it_wakes(road: Road) -> None:
    road.submit([described().but(number=1).bytes()])
    zombie = road.start("admission", "a1")
    road.start("folds", "f1")
    device = Device(road, 5)
    device.start()
    follower = Follower(road.reader, 0)
    road.wait("the first pages", lambda: follower.at() > 20)
    zombie.send_signal(signal.SIGSTOP)
    at = follower.at()
    road.start("admission", "a2")
    road.wait("the volume taken over", lambda: follower.at() > at + 20)
    zombie.send_signal(signal.SIGCONT)
    time.sleep(4)
    device.stopping.set()
    device.join()
    road.wait_admitted(device.positions)
    road.wait_folded()
    assert stock_by_site(road) == device.expected
    assert entries(road) == device.sent + 1


@pytest.mark.drill
def test_two_admission_workers_forced_on_one_volume_make_one_chain(road: Road, tmp_path: Path) -> None:
    build = tmp_path / "beside.py"
    build.write_text(BESIDE)
    road.submit([described().but(number=1).bytes()])
    first, second = road.start("admission", "a1"), road.start("admission", "b1", build)
    road.start("folds", "f1")
    device = Device(road, 11)
    device.start()
    follower = Follower(road.reader, 0)
    road.wait("both write pages", lambda: follower.at() >= 0 and follower.chain.repeats > 50)
    device.stopping.set()
    device.join()
    road.wait_admitted(device.positions)
    road.wait_folded()
    assert first.poll() is second.poll() is None
    assert stock_by_site(road) == device.expected
    assert entries(road) == device.sent + 1


@pytest.mark.parametrize(("role", "topic"), [("admission", SUBMISSIONS), ("folds", PAGES)])
def test_an_offset_committed_for_work_that_was_not_done_loses_nothing(role: str, topic: str, road: Road) -> None:
    road.submit([described().but(number=1).bytes()])
    last = road.submit([received(5).but(number=1).bytes()])
    if role == "folds":
        admission = road.start("admission")
        road.wait_admitted(last)
        road.kill(admission)
    at = TopicPartition(road.cluster.topic(topic), 0)
    group = road.cluster.group(role)
    consumer = KafkaConsumer(**road.cluster.client(), group_id=group, enable_auto_commit=False)
    consumer.assign([at])
    consumer.commit({at: OffsetAndMetadata(road.reader.bounds(topic, 0)[1], "", -1)})
    consumer.close()
    road.start(role)
    if role == "admission":
        road.wait_admitted(last)
    else:
        road.wait_folded()
        (replayed,) = road.verify()
        assert replayed.checks[2].compared > 1
