"""Alerts leave a cluster as they leave one machine: a notifier follows `alerts`, across kills, each transition once."""

from pathlib import Path

import pytest

from tests.kafka.road import Road
from tests.spec import described, issued, received
from tests.test_notify import Receiver
from tests.test_notify import receiver as receiver  # noqa: PLC0414 - a fixture is found by its name here

WRONG_USE, IN_THE_WAY = 2, 3


@pytest.fixture
def folder(receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the folder of a book whose settings name one webhook."""
    folder = tmp_path / "book"
    folder.mkdir()
    (folder / "hq.secret").write_text("between us")
    (folder / "settings.toml").write_text(
        f'[[notify]]\nname = "hq"\nwebhook = "{receiver.url}"\nsecret_file = "hq.secret"\n'
    )
    monkeypatch.setenv("BAOGONG_BOOK", str(folder))
    return folder


def heard(receiver: Receiver) -> list[tuple[object, object]]:
    return [(a["kind"], a["state"]) for a in receiver.counted() if a["kind"] != "device_silent"]


@pytest.mark.drill
@pytest.mark.usefixtures("folder")
def test_a_target_counts_each_change_once_whoever_is_killed_and_a_late_one_begins_with_what_is_open(
    road: Road, receiver: Receiver
) -> None:
    """(D8) What was raised and cleared before anyone listened is history. A letter not answered comes again as it was.

    The notifier is killed while its first letter waits for its answer: whether that was taken nobody can know but the
    receiver, who counts it by its key.
    """
    road.start("admission", "a1")
    alerts = road.start("alerts", "w1")
    documents = [described().but(number=1), issued(5).but(number=1), received(5).but(number=2), issued(2).but(number=3)]
    for document in documents:
        last = road.submit([document.bytes()])
    road.wait_admitted(last)
    road.wait("alerts", lambda: road.reader.bounds("alerts", 0)[1] >= 3)
    receiver.before_answering = lambda: road.kill(notifier)
    notifier = road.start("notifier")
    road.wait("the open case", lambda: notifier.poll() is not None)
    receiver.before_answering = lambda: None
    road.kill(alerts)
    road.start("alerts", "w1")
    notifier = road.start("notifier")
    road.wait_admitted(road.submit([received(9).but(number=4).bytes()]))
    road.wait("the change", lambda: len(heard(receiver)) >= 2)
    first, *rest = receiver.keys()
    assert rest.count(first) == 1
    assert len(receiver.counted()) == len(rest)
    assert heard(receiver) == [("negative_book", "raised"), ("negative_book", "cleared")]
    assert [a["number"] for a in receiver.counted() if a["number"]] == [3, 4]
    assert road.start("notifier").wait(timeout=30) == IN_THE_WAY
    assert notifier.poll() is None


def test_a_notifier_without_anyone_to_tell_says_where_to_name_them(
    road: Road, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BAOGONG_BOOK", str(tmp_path))
    assert road.start("notifier").wait(timeout=30) == WRONG_USE
    assert "names nobody to tell of alerts" in road.log()
