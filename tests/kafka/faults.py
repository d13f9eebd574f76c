"""The faults of a drill, one function each: it makes something fail, and gives how long until documents count again."""

import resource
import signal
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from ledger import topics
from ledger.logs.kafka.cluster import Cluster
from ledger.logs.kafka.wire import PAGES, Outgoing, submission_record
from tests.conftest import ROOT
from tests.kafka.drilling import SERVED_SECONDS_MAX, SESSION_SECONDS, VOLUMES, Drill, Row
from tests.kafka.road import Road
from tests.spec import ANYONE, NOON, given, received

NO_LIMIT = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
DAMAGE_EXIT_CODE = 4
Fault = Callable[[Drill, int], Iterator[float]]
"""Makes one kind of thing fail so many times or for so many seconds; yields seconds to serve again, each time."""


def kill_each_kind(drill: Drill, times: int) -> Iterator[float]:
    """Kill -9, one process of each kind in turn, in another order each round"""
    for turn in range(times):
        kinds = sorted({name.partition(".")[0] for name in drill.parts})
        drill.chance.shuffle(kinds)
        for kind in kinds:
            both = sorted(name for name in drill.parts if name.startswith(f"{kind}."))
            drill.kill(both[turn % len(both)])
            time.sleep(drill.chance.uniform(0, 0.3))
        yield drill.served(time.monotonic())


def freeze(drill: Drill, times: int) -> Iterator[float]:
    """SIGSTOP of admission and stock past the session, and back"""
    for _ in range(times):
        began, zombies = time.monotonic(), [drill.parts["admission.1"], drill.parts["folds.1"]]
        for zombie in zombies:
            zombie.send_signal(signal.SIGSTOP)
        yield drill.served(began)
        time.sleep(max(0.0, SESSION_SECONDS + 2 - (time.monotonic() - began)))
        for zombie in zombies:
            zombie.send_signal(signal.SIGCONT)
        drill.served(time.monotonic())


def kill_broker(drill: Drill, times: int) -> Iterator[float]:
    """Kill -9 of the broker, started again at once"""
    for _ in range(times):
        carrying = {name: part for name, part in drill.parts.items() if name.startswith(("admission.", "folds."))}
        drill.broker.kill()
        drill.broker.start()
        yield drill.served(time.monotonic())
        for name, part in carrying.items():
            assert drill.parts[name] is part, f"{name} did not outlive the broker: it ended with {part.poll()}"
            assert part.poll() is None, f"{name} did not outlive the broker: it ended with {part.poll()}"


def take_broker_down(drill: Drill, seconds: int) -> Iterator[float]:
    """The broker killed and away (seconds)"""
    drill.broker.kill()
    time.sleep(seconds)
    drill.broker.start()
    yield drill.served(time.monotonic())


def force_two_admissions(drill: Drill, seconds: int) -> Iterator[float]:
    """Two admissions on every volume (seconds)"""
    began, repeats = time.monotonic(), drill.witness.repeats()
    beside = drill.road.start("admission", "", volumes=",".join(map(str, range(VOLUMES))))
    try:
        yield drill.served(began)
        until = time.monotonic() + max(seconds, SERVED_SECONDS_MAX)
        while drill.witness.repeats() == repeats and time.monotonic() < until:
            time.sleep(0.1)
            drill.witness.read()
        assert beside.poll() is None, "the second admission did not live"
        assert drill.witness.repeats() > repeats, "only one of them wrote"
        time.sleep(seconds)
    finally:
        drill.road.kill(beside)


def storm(drill: Drill, times: int) -> Iterator[float]:
    """A worker joins or leaves every 3 s"""
    joined = []
    for turn in range(times):
        if turn % 2 == 0:
            joined = [drill.road.start(role) for role in ("admission", "folds", "gatherer")]
        else:
            for worker in joined:
                worker.terminate()
        time.sleep(3)
    for worker in joined:
        drill.road.kill(worker)
    yield drill.served(time.monotonic())


def fill_disk_of_lake(drill: Drill, times: int) -> Iterator[float]:
    """No room for the lake (RLIMIT_FSIZE)"""
    for _ in range(times):
        lake = drill.parts["lake.1"]
        resource.prlimit(lake.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
        drill.served(time.monotonic())
        code = lake.wait(timeout=60)
        assert code not in (0, 2, DAMAGE_EXIT_CODE), f"a full disk ended the lake's writer with {code}"
        drill.start("lake.1")
        yield drill.served(time.monotonic())


def fill_disk_of_outbox(drill: Drill, times: int) -> Iterator[float]:
    """No room for the device's outbox (RLIMIT_FSIZE)"""
    for _ in range(times):
        device, before = drill.parts["device.1"], drill.journal.stat().st_size
        resource.prlimit(device.pid, resource.RLIMIT_FSIZE, (before + 4096, resource.RLIM_INFINITY))
        time.sleep(2)
        full = drill.journal.stat().st_size
        time.sleep(1)
        assert drill.journal.stat().st_size == full, "a device went on saving on a full disk"
        began = time.monotonic()
        resource.prlimit(device.pid, resource.RLIMIT_FSIZE, NO_LIMIT)
        while drill.journal.stat().st_size == full:
            assert time.monotonic() < began + 30, "a device did not go on when there was room again"
            time.sleep(0.05)
        yield time.monotonic() - began


def set_clock_back(drill: Drill, times: int) -> Iterator[float]:
    """Submissions an hour before the last page's time"""
    for turn in range(times):
        back = NOON - timedelta(hours=turn + 1)
        records = [submission_record(v, [b"clock %d" % turn], ANYONE, recorded_at=back) for v in range(VOLUMES)]
        drill.road.writer.send(records)
        yield drill.served(time.monotonic())


def repeat_page(drill: Drill, times: int) -> Iterator[float]:
    """An old page written into the topic again"""
    for turn in range(times):
        stored = drill.road.stored(turn % VOLUMES)
        drill.road.writer.send([Outgoing(PAGES, turn % VOLUMES, b"", drill.chance.choice(stored), [])])
        yield drill.served(time.monotonic())


def slow_line(drill: Drill, seconds: int) -> Iterator[float]:
    """Every answer and question 0.15 s late (seconds)"""
    drill.broker.proxy.slow = True
    yield drill.served(time.monotonic())
    time.sleep(seconds)
    drill.broker.proxy.slow = False
    drill.served(time.monotonic())


def cut_line(drill: Drill, times: int) -> Iterator[float]:
    """Every connection cut for 3 s"""
    for _ in range(times):
        drill.broker.proxy.cut()
        time.sleep(3)
        drill.broker.proxy.mend()
        yield drill.served(time.monotonic())


def damage_pages(drill: Drill, folder: Path) -> Row:
    """A page altered, or cut out: the stock workers of two other books stop and name it"""
    row, world = Row(damage_pages.__doc__ or ""), given()
    for _ in range(4):
        world.when(received(7))
    whole = [stored for _, stored in world.pages]
    altered = [*whole[:3], whole[3].replace(b'"quantity":7', b'"quantity":8'), *whole[4:]]
    assert altered != whole
    for prefix, pages, words in (
        ("altered-", altered, "Page 4 does not match its seal"),
        ("cut-", [*whole[:3], *whole[4:]], "page 4 is missing"),
    ):
        (folder / prefix).mkdir()
        road = Road(
            Cluster(drill.road.cluster.bootstrap, prefix=prefix, session_seconds=SESSION_SECONDS), folder / prefix
        )
        topics.apply(road.cluster, topics.read_topics(ROOT / "deploy" / "topics.yaml", volumes=1, replicas=1))
        road.writer.send([Outgoing(PAGES, 0, b"", stored, []) for stored in pages])
        for _ in range(2):  # a second start stops at the same page
            row.times += 1
            if road.start("folds").wait(timeout=60) != DAMAGE_EXIT_CODE or words not in road.log():
                row.wrong += 1
                row.said.append(f"{prefix}: {road.log()[-500:]}")
        road.stop()
    return row


FAULTS: list[tuple[Fault, int, int]] = [
    (kill_each_kind, 10, 200), (freeze, 1, 5), (kill_broker, 1, 5), (take_broker_down, 5, 60),
    (force_two_admissions, 3, 30), (storm, 4, 20), (fill_disk_of_lake, 1, 3), (fill_disk_of_outbox, 1, 3),
    (set_clock_back, 2, 5), (repeat_page, 2, 10), (slow_line, 3, 30), (cut_line, 1, 5),
]  # fmt: skip
"""Each with how many times, or seconds: in the short form, and in the long one."""
