"""The outbox: numbered and saved before the first send, in order, repeated until answered, never twice in the book."""

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ledger.book import Book
from ledger.courier import BookCarrier
from ledger.errors import BrokenEnvironment, Damage, WrongUse
from ledger.outbox import BATCH_DOCUMENTS, Outbox
from projections.numbering import DIGESTS_KEPT
from tests.serving import Served, new_book, new_token
from tests.spec import ANYONE, Numbers, described, received

Answering = Callable[[list[bytes]], tuple[int, bytes, dict[str, str]]]


def receipt(**changes: object) -> dict[str, object]:
    fields = {k: v for k, v in received(10).fields.items() if k not in ("kind", "site", "source", "number")}
    return {**fields, **changes}


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    box = Outbox(tmp_path / "outbox.sqlite3", "dev-17")
    yield box
    box.close()


@contextmanager
def stand_in(answering: Answering) -> Iterator[str]:
    """A real HTTP server that answers submissions as a test says: what a broken line or proxy would do."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, said, headers = answering(body.split(b"\n"))
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(said))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name http.server calls
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def admitted(documents: list[bytes]) -> bytes:
    from hashlib import sha256

    answers = [{"index": i, "result": "admitted", "digest": sha256(d).hexdigest()} for i, d in enumerate(documents)]
    return json.dumps({"answers": answers}).encode()


def test_a_document_has_its_number_before_it_is_sent_and_each_site_its_own_count(outbox: Outbox) -> None:
    made = [outbox.add("goods_received.v1", site, receipt()) for site in ("WH-01", "WH-02", "WH-01")]
    source = outbox.source
    assert source.startswith("dev-17.")
    assert made == [f"WH-01/{source}/1", f"WH-02/{source}/1", f"WH-01/{source}/2"]
    assert json.loads(outbox.pending(1)[0].document)["number"] == 1


def test_a_reopened_outbox_counts_on_and_a_new_one_is_never_taken_for_the_old(tmp_path: Path, outbox: Outbox) -> None:
    outbox.add("goods_received.v1", "WH-01", receipt())
    again = Outbox(outbox.path)
    assert again.add("goods_received.v1", "WH-01", receipt()) == f"WH-01/{outbox.source}/2"
    again.close()
    other = Outbox(tmp_path / "reinstalled.sqlite3", "dev-17")
    assert other.source != outbox.source
    other.close()
    with pytest.raises(WrongUse) as refused:
        Outbox(outbox.path, "dev-18")
    assert "dev-17" in refused.value.text("zh")


def test_a_batch_is_never_longer_than_what_admission_can_recognise() -> None:
    assert BATCH_DOCUMENTS < DIGESTS_KEPT


def test_everything_saved_arrives_in_order_and_is_marked_with_its_answer(tmp_path: Path, outbox: Outbox) -> None:
    with Served(new_book(tmp_path / "book")) as gateway:
        gateway.post(described(箱=700).numbered(Numbers()))
        for n in range(250):
            outbox.add("goods_received.v1", f"WH-0{n % 3}", receipt(note=f"n{n}"))
        assert outbox.send(gateway.url, gateway.secret) == 250
        assert (outbox.waiting(), outbox.refused()) == (0, [])
        numbers = [e["entry"].split("/") for e in gateway.get("/v1/entries", limit=1000)["entries"]][1:]
        for site in ("WH-00", "WH-01", "WH-02"):
            counted = [int(n) for s, _, n in numbers if s == site]
            assert counted == list(range(1, len(counted) + 1))
        assert outbox.send(gateway.url, gateway.secret) == 0


def test_an_answer_lost_on_the_line_counts_nothing_twice(tmp_path: Path, outbox: Outbox) -> None:
    book = Book.create(tmp_path / "book", nature="rehearsal")
    book.submit([described(箱=700).numbered(Numbers()).bytes()], ANYONE)
    for _ in range(BATCH_DOCUMENTS):
        outbox.add("goods_received.v1", "WH-01", receipt())
    book.submit([saved.document for saved in outbox.pending()], ANYONE)  # arrived; the answer did not
    outbox.deliver(BookCarrier(book, ANYONE))
    assert outbox.waiting() == 0
    assert outbox.refused() == []
    assert book.folds.stock.totals["WH-01", "KN95"].on_hand == 10 * BATCH_DOCUMENTS
    book.close()


def test_what_the_book_refuses_stays_here_with_its_reason_and_is_not_sent_again(tmp_path: Path, outbox: Outbox) -> None:
    with Served(new_book(tmp_path / "book")) as gateway:
        outbox.add("goods_received.v1", "WH-01", receipt())
        outbox.add("goods_received.v1", "WH-01", {"lines": []})
        outbox.send(gateway.url, gateway.secret)
        assert [s.result for s in outbox.refused()] == ["unconvertible", "unreadable"]
        assert "KN95" in outbox.refused()[0].answer["reason"]["zh"]
        assert outbox.send(gateway.url, gateway.secret) == 0


def test_a_wrong_or_narrow_token_stops_with_a_clear_word_and_loses_nothing(tmp_path: Path, outbox: Outbox) -> None:
    outbox.add("goods_received.v1", "WH-01", receipt())
    with Served(new_book(tmp_path / "book")) as gateway:
        elsewhere = new_token(gateway.book, "elsewhere", sites=("WH-09",))
        reader = new_token(gateway.book, "reader", read_only=True)
        for secret in ("wrong", elsewhere, reader):
            with pytest.raises(BrokenEnvironment) as stopped:
                outbox.send(gateway.url, secret)
            assert stopped.value.code == "gateway_denied"
        assert outbox.waiting() == 1
        gateway.post(described(箱=700).numbered(Numbers()))
        outbox.send(gateway.url, gateway.secret)
        assert outbox.refused() == []


def test_a_busy_or_failing_gateway_is_tried_again_until_it_answers(outbox: Outbox) -> None:
    outbox.add("goods_received.v1", "WH-01", receipt())
    answers = iter([(429, b"", {"Retry-After": "0"}), (503, b"", {}), (500, b"<html>", {})])
    tried = []

    def answering(documents: list[bytes]) -> tuple[int, bytes, dict[str, str]]:
        tried.append(documents)
        return next(answers, (200, admitted(documents), {}))

    with stand_in(answering) as url:
        assert outbox.send(url, "t") == 1
    assert len(tried) == 4
    assert all(documents == tried[0] for documents in tried)


def test_tries_are_bounded_and_then_it_says_where_the_documents_are(outbox: Outbox) -> None:
    outbox.add("goods_received.v1", "WH-01", receipt())
    with stand_in(lambda documents: (503, b"", {})) as url, pytest.raises(BrokenEnvironment) as stopped:
        outbox.send(url, "t", attempts=2)
    assert str(outbox.path) in stopped.value.text("zh")
    with pytest.raises(BrokenEnvironment):
        outbox.send(url, "t", attempts=1)  # nobody listens there any more
    assert outbox.waiting() == 1


def test_an_answer_that_is_not_one_about_these_documents_marks_nothing(outbox: Outbox) -> None:
    outbox.add("goods_received.v1", "WH-01", receipt())
    foreign = [b"<html>login</html>", b"{}", b"[]", b'{"answers": [1]}', admitted([b"another document"]), admitted([])]
    for said in foreign:
        with stand_in(lambda documents, said=said: (200, said, {})) as url, pytest.raises(BrokenEnvironment) as stopped:
            outbox.send(url, "t", attempts=1)
        assert stopped.value.code == "gateway_unintelligible"
        assert outbox.waiting() == 1


def test_too_much_at_once_is_sent_in_smaller_parts_and_only_one_too_long_is_set_apart(outbox: Outbox) -> None:
    for n in range(8):
        outbox.add("goods_received.v1", "WH-01", receipt(note="long" * 500 if n == 3 else ""))

    def answering(documents: list[bytes]) -> tuple[int, bytes, dict[str, str]]:
        too_much = len(documents) > 3 or sum(map(len, documents)) > 1900
        return (413, b"", {}) if too_much else (200, admitted(documents), {})

    with stand_in(answering) as url:
        assert outbox.send(url, "t") == 8
    assert [s.result for s in outbox.refused()] == ["unsendable"]


def test_a_file_given_twice_is_numbered_once_and_lines_said_twice_in_it_are_two(outbox: Outbox) -> None:
    line = json.dumps({"kind": "goods_received.v1", "site": "WH-01", **receipt()}).encode()
    file = [line, b"", line + b"\r", b"junk", b'{"kind":"a","kind":"b"}']
    places, known = outbox.add_lines(file)
    assert (len(places), known) == (4, 0)
    assert [json.loads(s.document)["number"] for s in outbox.at(places[:2])] == [1, 2]
    assert [s.document for s in outbox.at(places[2:])] == [b"junk", b'{"kind":"a","kind":"b"}']
    assert outbox.add_lines([*file, line]) == ([*places, places[-1] + 1], 4)


def test_a_document_that_has_its_number_goes_as_it_is(outbox: Outbox) -> None:
    raw = received(1, source="other.x1").but(number=7).bytes()
    places, _ = outbox.add_lines([raw])
    assert outbox.at(places)[0].document == raw


def test_a_file_that_is_no_outbox_is_refused_and_left_alone(tmp_path: Path) -> None:
    foreign = tmp_path / "notes.sqlite3"
    foreign.write_bytes(b"these are my notes, not a database" * 100)
    before = foreign.read_bytes()
    with pytest.raises(Damage):
        Outbox(foreign)
    assert foreign.read_bytes() == before
    with sqlite3.connect(tmp_path / "other.sqlite3") as other:
        other.execute("CREATE TABLE letters (a)")
    with pytest.raises(BrokenEnvironment):
        Outbox(tmp_path / "other.sqlite3")
