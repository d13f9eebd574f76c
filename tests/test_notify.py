"""Alerts leave the house: a real HTTP server takes, refuses or ignores them; what it did not take is kept."""

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ledger.book import Book
from ledger.deliveries import DELIVERIES_FILE, Deliveries
from ledger.errors import BrokenEnvironment, WrongUse
from processors.notify import (
    KEY_HEADER,
    SIGNATURE_HEADER,
    AppriseTarget,
    Notifier,
    Patience,
    Webhook,
    key_of,
    sign,
    verify_signature,
)
from projections.alerts import changes_after
from schemas.alerts import Alert
from tests.spec import ANYONE, NOON, Numbers, described, given, issued, received

SECRET = b"between us"
QUICK = Patience(
    tries=3, wait_first=timedelta(milliseconds=5), wait_longest=timedelta(milliseconds=10), answer_within=timedelta(1)
)  # fmt: skip


@dataclass
class Receiver:
    """A subscriber: answers with the given codes in turn, then 204; keeps each letter as it came."""

    answers: list[int] = field(default_factory=list)
    letters: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    before_answering: Callable[[], object] = lambda: None
    url: str = ""

    def taken(self) -> list[dict[str, object]]:
        return [json.loads(body) for _, body in self.letters]

    def keys(self) -> list[str]:
        return [headers[KEY_HEADER] for headers, _ in self.letters]

    def counted(self) -> list[dict[str, object]]:
        """What is left for a subscriber who does nothing with a key seen before, as every one is asked to."""
        first: dict[str, dict[str, object]] = {}
        for key, alert in zip(self.keys(), self.taken(), strict=True):
            first.setdefault(key, alert)
        return [*first.values()]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    kept = Receiver()

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept.letters.append((dict(self.headers), body))
            kept.before_answering()
            self.send_response(kept.answers.pop(0) if kept.answers else 204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keep the test's output free of access lines."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    kept.url = f"http://127.0.0.1:{server.server_port}/alerts"
    yield kept
    server.shutdown()
    thread.join()
    server.server_close()


def alerts() -> tuple[Alert, ...]:
    """A negative book, raised and then cleared."""
    told = changes_after(given(issued(500)).when(received(500)).folds.alerts, 0)
    assert told is not None
    return told


def nobody_listens() -> str:
    """A port that was free a moment ago."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.server_close()
    return f"http://127.0.0.1:{server.server_port}/"


def notifier(path: Path, *targets: Webhook | AppriseTarget) -> Notifier:
    return Notifier(path, targets, QUICK)


def test_a_receiver_that_fails_twice_takes_the_alert_at_the_third_try(receiver: Receiver, tmp_path: Path) -> None:
    receiver.answers = [500, 503]
    told = notifier(tmp_path, Webhook("hq", receiver.url, SECRET)).deliver(alerts()[:1])
    assert (told.delivered, told.dead, len(receiver.letters)) == (1, 0, 3)
    assert len(set(receiver.keys())) == 1
    assert Alert.model_validate_json(receiver.letters[-1][1]) == alerts()[0]


def test_a_receiver_can_tell_our_letters_from_others(receiver: Receiver, tmp_path: Path) -> None:
    notifier(tmp_path, Webhook("hq", receiver.url, SECRET)).deliver(alerts()[:1])
    headers, body = receiver.letters[0]
    signature, now = headers[SIGNATURE_HEADER], datetime.now(UTC)
    assert verify_signature(SECRET, signature, body, now)
    assert not verify_signature(b"another secret", signature, body, now)
    assert not verify_signature(SECRET, signature, body.replace(b"-500", b"-501"), now)
    assert not verify_signature(SECRET, signature, body, now + timedelta(minutes=6))
    assert not verify_signature(SECRET, signature.replace("t=", "t=1"), body, now)


@pytest.mark.parametrize("header", ["", "v1=ab", "t=,v1=", "t=1,v1=" + "0" * 63, "t=1,v1=" + "0" * 64 + ",v0=1"])
def test_a_malformed_signature_is_no_signature(header: str) -> None:
    assert not verify_signature(SECRET, header, b"{}", NOON)


def test_the_signature_is_the_documented_one() -> None:
    """Computed once with `printf '1580270400.{}' | openssl dgst -sha256 -hmac 'between us'`."""
    assert (
        sign(SECRET, b"{}", NOON) == "t=1580270400,v1=9859c63225bc28411e17960e55f9aa8a318ca16d9815e90525c55479994e2bcf"
    )


def test_a_receiver_that_is_down_gets_dead_letters_and_the_others_get_their_alerts(
    receiver: Receiver, tmp_path: Path
) -> None:
    told = notifier(
        tmp_path, Webhook("down", nobody_listens(), SECRET), Webhook("up", receiver.url, SECRET)
    ).deliver(alerts())  # fmt: skip
    assert (told.delivered, told.dead) == (2, 2)
    with_reason = Deliveries(tmp_path).dead_letters()
    assert [(letter.target, letter.alert.state, letter.tries) for letter in with_reason] == [
        ("down", "raised", 3), ("down", "cleared", 0),
    ]  # fmt: skip
    assert "ConnectError" in with_reason[0].found


def test_what_a_receiver_refuses_for_good_is_not_tried_again_but_kept(receiver: Receiver, tmp_path: Path) -> None:
    receiver.answers = [401]
    told = notifier(tmp_path, Webhook("hq", receiver.url, SECRET)).deliver(alerts())
    assert (told.delivered, told.dead, len(receiver.letters)) == (1, 1, 2)
    assert Deliveries(tmp_path).dead_letters()[0].found == "HTTP 401"


def test_dead_letters_are_sent_again_when_asked_and_then_laid_to_rest(receiver: Receiver, tmp_path: Path) -> None:
    receiver.answers = [500] * 3
    to_hq = notifier(tmp_path, Webhook("hq", receiver.url, SECRET))
    assert to_hq.deliver(alerts()).dead == 2
    assert to_hq.redeliver().delivered == 2
    assert [alert["state"] for alert in receiver.taken()[-2:]] == ["raised", "cleared"]
    assert not to_hq.dead_letters()


def test_a_dead_letter_can_be_given_up(tmp_path: Path) -> None:
    to_hq = notifier(tmp_path, Webhook("hq", nobody_listens(), SECRET))
    to_hq.deliver(alerts()[:1])
    assert to_hq.deliveries.give_up("hq", key_of(alerts()[0]))
    assert not to_hq.dead_letters()


def test_an_alert_told_once_is_not_told_again_even_by_another_process(receiver: Receiver, tmp_path: Path) -> None:
    first = notifier(tmp_path, Webhook("hq", receiver.url, SECRET))
    first.deliver(alerts())
    first.close()
    again = notifier(tmp_path, Webhook("hq", receiver.url, SECRET)).deliver(alerts())
    assert (again.delivered, again.already, len(receiver.letters)) == (0, 2, 2)


def test_apprise_brings_the_words_in_the_readers_language(receiver: Receiver, tmp_path: Path) -> None:
    url = receiver.url.replace("http://", "json://")
    told = notifier(tmp_path, AppriseTarget("store", url), AppriseTarget("office", url, "en")).deliver(alerts()[:1])
    assert told.delivered == 2
    zh, en = receiver.taken()
    assert (zh["title"], zh["type"]) == ("[警告] WH-01 账面为负", "warning")
    assert "−500 只" in str(zh["message"])
    assert str(en["message"]).startswith("WH-01: the book of KN95")


def test_an_apprise_target_that_is_down_gets_a_dead_letter(tmp_path: Path) -> None:
    url = nobody_listens().replace("http://", "json://")
    assert notifier(tmp_path, AppriseTarget("store", url)).deliver(alerts()[:1]).dead == 1


def test_targets_that_cannot_be_meant_are_refused_at_once_without_showing_their_secrets(tmp_path: Path) -> None:
    with pytest.raises(WrongUse) as wrong:
        notifier(tmp_path, AppriseTarget("store", "nonsense://token-1"))
    assert "token-1" not in wrong.value.text("en") + wrong.value.text("zh")
    with pytest.raises(WrongUse):
        notifier(tmp_path, Webhook("hq", "ftp://example.org", SECRET))
    with pytest.raises(WrongUse):
        notifier(tmp_path, Webhook("hq", "http://a", SECRET), Webhook("hq", "http://b", SECRET))


def submit(book: Book, *documents: object, numbers: Numbers) -> None:
    raws = [doc.numbered(numbers).bytes() for doc in documents]  # type: ignore[attr-defined]  # Docs of the dialect
    book.submit(raws, ANYONE, NOON)


def test_a_follower_of_a_real_book_is_told_each_change_once_across_restarts(receiver: Receiver, tmp_path: Path) -> None:
    numbers, book = Numbers(), Book.create(tmp_path / "book", nature="rehearsal", opened_at=NOON)
    hq = Webhook("hq", receiver.url, SECRET)
    submit(book, described(), issued(5), received(5), issued(1), numbers=numbers)
    soon, late = NOON + timedelta(hours=1), NOON + timedelta(days=2)
    notifier(book.path, hq).follow(book.folds.alerts, book.folds.due(soon), soon)
    assert [(a["kind"], a["state"], a["number"]) for a in receiver.taken()] == [("negative_book", "raised", 3)]
    submit(book, received(9), numbers=numbers)
    book.close()
    book = Book.open(book.path)
    for _ in range(2):
        notifier(book.path, hq).follow(book.folds.alerts, book.folds.due(late), late)
    notifier(book.path, hq).follow(book.folds.alerts, book.folds.due(soon), soon)
    assert [(a["kind"], a["state"]) for a in receiver.taken()[1:]] == [
        ("negative_book", "cleared"), ("device_silent", "raised"), ("device_silent", "cleared"),
    ]  # fmt: skip


def test_what_was_taken_up_before_a_crash_is_told_after_it_with_the_same_key(
    receiver: Receiver, tmp_path: Path
) -> None:
    state = given(issued(5)).folds.alerts
    raised = changes_after(state, 0)
    assert raised is not None
    record = Deliveries(tmp_path)
    record.take_up("notify", state.number, (), raised)
    record.close()
    notifier(tmp_path, Webhook("hq", receiver.url, SECRET)).follow(state, (), NOON)
    assert receiver.keys() == [key_of(raised[0])]


def test_deliveries_are_a_cache_and_a_broken_one_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / DELIVERIES_FILE).write_bytes(b"not a database, but long enough to look like one" * 100)
    with pytest.raises(BrokenEnvironment) as broken:
        Deliveries(tmp_path)
    assert "the book is not affected" in broken.value.text("en")
    assert isinstance(broken.value.__cause__, sqlite3.Error)
