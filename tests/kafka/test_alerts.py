"""Alerts on Kafka: each transition one message, said once whoever is killed, the same as an embedded book has them."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from ledger.book import Book
from ledger.errors import Damage
from ledger.logs.kafka import keeping
from ledger.logs.kafka.admitting import AdmittedVolume
from ledger.logs.kafka.alerting import AlertingVolume, SaidAlerts
from ledger.logs.kafka.cluster import Cluster
from ledger.logs.kafka.wire import ALERTS, PAGES, SUBMISSIONS, Outgoing
from projections.alerts import changes_after, due
from schemas.alerts import Alert
from tests.kafka.road import BOOK, Road
from tests.kafka.test_damage import DAMAGES
from tests.spec import ANYONE, NOON, described, issued, received
from tests.watching import EXPIRING

KILLS = 4
DAMAGE_EXIT_CODE = 4
SUMMER = datetime.fromisoformat("2020-06-29T12:00:00+08:00")


@pytest.fixture
def road(cluster: Cluster, tmp_path: Path) -> Iterator[Road]:
    """Give a rehearsal book opened at noon, so that it says what an embedded one says, to the second."""
    laid = Road(cluster, tmp_path)
    laid.open(volumes=1, opened_at=NOON)
    yield laid
    laid.stop()


def told(road: Road) -> list[Alert]:
    """Read the topic from its beginning: each transition once."""
    return SaidAlerts(0).follow(road.reader)


def numbered(alerts: Sequence[Alert]) -> list[Alert]:
    return [alert for alert in alerts if alert.number]


def timed(alerts: Sequence[Alert]) -> list[tuple[str, str, str]]:
    return [(a.alert, a.state, a.severity) for a in alerts if not a.number]


def submissions(count: int, chance: Random) -> list[list[bytes]]:
    """Give submissions that raise and clear alerts in turn: a book below nothing, then filled, again and again."""
    made, quantity = [[described().but(number=1).bytes()]], 0
    for number in range(1, count + 1):
        quantity = chance.randint(1, 50) if number % 2 else quantity
        move = issued if number % 2 else received
        made.append([move(quantity).but(number=number).bytes()])
    return made


def embedded(folder: Path, documents: list[list[bytes]]) -> tuple[Alert, ...]:
    """Play submissions into an embedded book; return every transition."""
    book = Book.create(folder, nature="rehearsal", opened_at=NOON, book_id=BOOK)
    for some in documents:
        book.submit(some, ANYONE, NOON)
    changes = changes_after(book.folds.alerts, 0)
    book.close()
    assert changes is not None
    return changes


@pytest.mark.drill
def test_alerts_are_said_once_and_as_an_embedded_book_has_them_whoever_is_killed(road: Road, tmp_path: Path) -> None:
    """(D8) A case is raised once, cleared once."""
    documents = submissions(200, Random(17))
    worker = road.start("alerts", "w1")
    road.start("admission", "a1")
    for number, some in enumerate(documents):
        last = road.submit(some, recorded_at=NOON)
        if number % (len(documents) // KILLS) == 1:
            there = road.reader.bounds(ALERTS, 0)[1]
            road.wait("more alerts", lambda n=there: road.reader.bounds(ALERTS, 0)[1] > n)  # type: ignore[misc]  # a lambda with a bound default
        if number % (len(documents) // KILLS) == 20:
            road.kill(worker)
            worker = road.start("alerts", "w1")
    road.wait_admitted(last)
    wanted = embedded(tmp_path / "book", documents)
    assert len(wanted) >= 200
    road.wait("every alert", lambda: len(numbered(told(road))) >= len(wanted))
    assert numbered(told(road)) == list(wanted)
    assert [w.poll() for w in road.workers] == [-9, None] + [-9] * (KILLS - 1) + [None]


def test_an_alert_of_time_is_said_when_its_day_comes_and_not_again_by_the_next_worker(road: Road) -> None:
    """(D8) Near expiry and a silent device follow the clock: in a rehearsal that of its last page."""
    worker = road.start("alerts", "w1")
    road.start("admission", "a1")
    road.submit([described().but(number=1).bytes(), EXPIRING.but(number=1).bytes()], recorded_at=NOON)
    road.wait_admitted(road.submit([b"junk"], recorded_at=SUMMER - timedelta(days=60)))
    wanted = [("near_expiry/WH-01/KN95/A", "raised", "notice")]
    road.wait("near expiry", lambda: [a for a in timed(told(road)) if a[0].startswith("near")] == wanted)
    road.kill(worker)
    road.start("alerts", "w1")
    road.wait_admitted(road.submit([issued(100, lot="A").but(number=2).bytes()], recorded_at=SUMMER))
    wanted.append(("near_expiry/WH-01/KN95/A", "cleared", "notice"))
    road.wait("nothing left", lambda: [a for a in timed(told(road)) if a[0].startswith("near")] == wanted)


@pytest.mark.parametrize(
    ("role", "damage", "words"), [("alerts", *DAMAGES[1]), ("cases", *DAMAGES[3])], ids=["forked", "cut"]
)
def test_a_fork_or_a_gap_stops_alerts_and_cases_and_they_stay_down(
    role: str, damage: Callable[[Road], bytes], words: str, road: Road
) -> None:
    admission = road.start("admission", "a1")
    road.submit([described().but(number=1).bytes()])
    road.wait_admitted(road.submit([received(5).but(number=1).bytes()]))
    road.kill(admission)
    worker = road.start(role, "w1")
    road.wait("it has begun", lambda: f'"role": "{role}"' in road.log())
    road.writer.send([Outgoing(PAGES, 0, b"x", damage(road), [])])
    for _ in range(2):
        assert worker.wait(timeout=30) == DAMAGE_EXIT_CODE
        worker = road.start(role, volumes="0")
    assert road.log().count(words) >= 2


def test_what_is_no_alert_in_the_topic_stops_the_worker_and_names_the_offset(road: Road) -> None:
    road.writer.send([Outgoing(ALERTS, 0, b"x", b"\x00junk", [("bg_fold", b"alerts")])])
    assert road.start("alerts", "w1").wait(timeout=30) == DAMAGE_EXIT_CODE
    assert "the alert at offset 0 cannot be read" in road.log()


@pytest.fixture
def kept(road: Road, monkeypatch: pytest.MonkeyPatch) -> Road:
    """Give a road with alerts said and a snapshot taken at once, by a volume in this process."""
    monkeypatch.setattr(keeping, "BYTES_A_SNAPSHOT", 1)
    road.reader.cluster = replace(road.cluster, state=road.folder / "state")
    for some in submissions(9, Random(3)):
        road.submit(some, recorded_at=NOON)
    decided = AdmittedVolume(0).decide_all(road.reader.records(SUBMISSIONS, 0))
    road.writer.send([d.written for d in decided])
    say(road)
    return road


def say(road: Road, volume: AlertingVolume | None = None) -> AlertingVolume:
    """Do what a worker does: resume, fold, say, keep. One that was given has resumed before."""
    if volume is None:
        volume = AlertingVolume(0)
        volume.resume(road.reader)
    road.writer.send(list(volume.take_all(list(road.reader.records(PAGES, 0, volume.chain.offset)))))
    volume.said()
    road.writer.send(volume.ask(road.reader))
    return volume


def test_a_start_from_a_snapshot_folds_no_page_again_and_says_nothing_again(kept: Road) -> None:
    there = kept.reader.bounds(ALERTS, 0)
    volume = AlertingVolume(0)
    volume.resume(kept.reader)
    assert volume.chain.offset == kept.reader.bounds(PAGES, 0)[1]
    assert say(kept).spoken.alerts == volume.spoken.alerts
    assert kept.reader.bounds(ALERTS, 0) == there
    assert due(volume.spoken.alerts, NOON + timedelta(days=3))


def test_alerts_that_were_lost_with_their_topic_are_said_again_from_the_book(kept: Road, tmp_path: Path) -> None:
    before = told(kept)
    other = Road(replace(kept.cluster, prefix=kept.cluster.prefix + "other-", state=kept.folder / "state"), tmp_path)
    other.open(opened_at=NOON)
    state = kept.folder / "state"
    for path in list(state.iterdir()):
        path.rename(state / path.name.replace(kept.cluster.prefix, other.cluster.prefix))
    other.writer.send([Outgoing(PAGES, 0, b"", stored, []) for stored in kept.stored()])
    other.reader.cluster = other.cluster
    say(other)
    assert told(other) == before
    other.stop()


def test_two_workers_on_one_volume_say_everything_twice_and_readers_see_it_once(kept: Road) -> None:
    for path in (kept.folder / "state").iterdir():
        path.unlink()
    before, zombie = told(kept), AlertingVolume(0)
    say(kept, zombie)
    assert kept.reader.bounds(ALERTS, 0)[1] >= 2 * len(before)
    assert told(kept) == before


def test_a_number_left_out_is_named(kept: Road) -> None:
    records = [r for r in kept.records(ALERTS) if json.loads(r.value or b"")["number"] != 3]
    with pytest.raises(Damage, match="lack number 3 "):
        list(SaidAlerts(0).read(records))


def test_a_message_is_an_alert_in_both_languages_under_its_case(kept: Road) -> None:
    record = next(iter(kept.records(ALERTS)))
    said = json.loads(record.value or b"")
    assert record.key == said["alert"].encode()
    assert "账面" in said["zh"]
    assert said["en"].startswith("WH-01: the book of KN95")
    assert record.headers["ce_type"] == b"baogong.alert.v1"
    assert record.headers["ce_id"] == b"bg-road/0/1"
