"""The gateway over real HTTP: who gets in, what is answered and when, what is told and how far it can be resumed."""

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from ledger.book import Book
from ledger.routing import volume_of
from tests.serving import Served, at_least, bearer, ndjson, new_book, new_token
from tests.spec import Numbers, arrived, counted, described, dispatched, issued, received

SUBMISSIONS = "/v1/submissions"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    book = new_book(tmp_path_factory.mktemp("gateway") / "book")
    with Served(book, heartbeat_seconds=1, wait_seconds_max=1) as served:
        served.post(described(箱=700).numbered(Numbers())).raise_for_status()
        yield served


def entry(number: int, source: str = "dev-1.t1", **fields: object) -> bytes:
    return received(10, source=source, **fields).but(number=number).bytes()


def test_without_a_token_or_with_a_wrong_one_nobody_gets_in(gateway: Served) -> None:
    for headers in ({}, bearer("wrong"), {"Authorization": "Basic x"}, {"Authorization": "Bearer"}):
        for path in ("/v1/stock", "/v1/entries", "/v1/alerts", "/v1/alerts/stream", "/v1/position"):
            answer = httpx.get(gateway.url + path, headers=headers, trust_env=False)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"].startswith("Bearer")
        assert httpx.post(gateway.url + SUBMISSIONS, content=b"{}", headers=headers, trust_env=False).status_code == 401


def test_a_token_withdrawn_is_refused_from_the_next_request_on(gateway: Served) -> None:
    from ledger.tokens import TokenFile

    secret = new_token(gateway.book, "leaver")
    ask = lambda: httpx.get(f"{gateway.url}/v1/position", headers=bearer(secret), trust_env=False).status_code  # noqa: E731 - asked twice
    assert ask() == 200
    TokenFile.of(gateway.book).remove("leaver")
    assert ask() == 401


def test_the_file_of_tokens_holds_no_secret_and_only_its_owner_may_read_it(gateway: Served) -> None:
    secret = new_token(gateway.book, "kept-hashed")
    file = gateway.book / "tokens.json"
    assert secret not in file.read_text()
    assert file.stat().st_mode & 0o077 == 0


def test_a_token_for_reading_cannot_write_and_sees_only_its_sites(gateway: Served) -> None:
    gateway.post(entry(1, "dev-seen.t1", site="WH-SEEN"), entry(1, "dev-seen.t1", site="WH-OTHER")).raise_for_status()
    secret = new_token(gateway.book, "reader", sites=("WH-SEEN",), read_only=True)
    with httpx.Client(base_url=gateway.url, headers=bearer(secret), trust_env=False) as reader:
        assert reader.post(SUBMISSIONS, content=entry(9)).status_code == 403
        assert {row["site"] for row in reader.get("/v1/stock").json()["rows"]} == {"WH-SEEN"}
        assert reader.get("/v1/stock?site=WH-OTHER").status_code == 403
        assert reader.get("/v1/entries/WH-OTHER/dev-seen.t1/1").status_code == 403
        assert {e["site"] for e in reader.get("/v1/entries?limit=1000").json()["entries"]} == {"*", "WH-SEEN"}


def test_one_who_may_not_write_for_a_site_gets_403_and_the_document_is_kept(gateway: Served) -> None:
    secret = new_token(gateway.book, "device-5", sites=("WH-05",), sources=("dev-5",))
    with httpx.Client(base_url=gateway.url, headers=bearer(secret), trust_env=False) as device:
        mine, others = entry(1, "dev-5.a1", site="WH-05"), entry(1, "dev-5.a1", site="WH-06")
        denied = device.post(SUBMISSIONS, content=others)
        assert denied.status_code == 403
        assert [a["result"] for a in denied.json()["answers"]] == ["not_entitled"]
        both = device.post(SUBMISSIONS, content=ndjson(others, mine))
        assert both.status_code == 200
        assert [a["result"] for a in both.json()["answers"]] == ["not_entitled", "admitted"]
        as_another = device.post(SUBMISSIONS, content=entry(1, "dev-6.a1", site="WH-05"))
        assert [a["result"] for a in as_another.json()["answers"]] == ["not_entitled"]


def test_every_document_gets_its_own_answer_in_order_and_in_both_languages(gateway: Served) -> None:
    answer = gateway.post(entry(1, "dev-a.t1"), b"junk", b"", entry(1, "dev-a.t1"), entry(2, "dev-a.t1", unit="桶"))
    rows = answer.json()["answers"]
    assert [row["index"] for row in rows] == [0, 1, 2, 3]
    assert [row["result"] for row in rows] == ["admitted", "unreadable", "already_admitted", "unconvertible"]
    assert rows[0]["entry"] == "WH-01/dev-a.t1/1"
    assert rows[0]["seq"] > 0
    assert "桶" in rows[3]["reason"]["zh"]
    assert "桶" in rows[3]["reason"]["en"]
    assert rows[1]["reason"]["zh"] != rows[1]["reason"]["en"]


def test_bytes_are_kept_as_they_came_and_can_be_read_back(gateway: Served) -> None:
    plain = entry(1, "dev-b.t1")
    raw = b"  " + plain.replace(b":", b" :\t", 1).replace("只".encode(), b"\\u53ea") + b" "
    assert raw.strip() != plain
    gateway.client.post(SUBMISSIONS, content=b"\n\r\n" + raw + b"\r\n").raise_for_status()
    assert gateway.get("/v1/entries/WH-01/dev-b.t1/1")["document"].encode() == raw


def test_a_json_array_is_taken_element_by_element_and_nothing_of_it_is_lost(gateway: Served) -> None:
    twice = entry(2, "dev-c.t1").replace(b'"number":2', b'"number":2,"number":3')
    body = b'[ \n{"kind":\n ' + entry(1, "dev-c.t1")[8:] + b" ,\r\n" + twice + b', 7, "text", {"a":1e999}]'
    answer = gateway.client.post(SUBMISSIONS, content=body, headers={"Content-Type": "application/json"})
    assert [a["result"] for a in answer.json()["answers"]] == ["admitted", *["unreadable"] * 4]
    assert answer.json()["answers"][1]["reason"]["code"] == "key_said_twice"
    for bad in (b"[1,]", b"{}", b"[1 2]", b"[", b"\xff", b"[" * 90_000):
        refused = gateway.client.post(SUBMISSIONS, content=bad, headers={"Content-Type": "application/json"})
        assert refused.status_code == 400


def test_an_empty_submission_and_a_foreign_content_type_are_named(gateway: Served) -> None:
    for empty in (b"", b"\n \r\n"):
        answer = gateway.client.post(SUBMISSIONS, content=empty)
        assert answer.status_code == 400
        assert answer.json()["error"]["code"] == "submission_empty"
    assert gateway.client.post(SUBMISSIONS, content=b"a,b", headers={"Content-Type": "text/csv"}).status_code == 415


def test_stock_is_what_was_written_and_says_where_in_the_book_it_stands(gateway: Served) -> None:
    numbers = Numbers()
    site = {"site": "WH-S", "source": "dev-s.t1"}
    sent = [received(15, unit="箱", lot="L1", **site), issued(500, lot="L1", **site)]
    sent.append(dispatched(100, to_site="WH-T", lot="L1", **site))
    written = gateway.post(*[d.numbered(numbers) for d in sent]).json()["position"]
    stock = gateway.get("/v1/stock", site="WH-S", at_least=at_least(written))
    assert stock["rows"][0]["on_hand"] == 15 * 700 - 600
    assert all(stock["position"][volume] >= page for volume, page in written.items())
    assert gateway.get("/v1/stock", site="WH-T")["rows"][0]["in_transit"] == 100
    assert gateway.get("/v1/stock", site="WH-S", lot="L1")["rows"][0]["lot"] == "L1"
    assert gateway.get("/v1/stock", site="WH-S", lot="none")["rows"] == []
    came = arrived(100, site="WH-T", from_site="WH-S", source="dev-t.t1", lot="L1")
    gateway.post(came.numbered(numbers)).raise_for_status()
    assert gateway.get("/v1/stock", site="WH-T")["rows"][0]["on_hand"] == 100


def test_a_page_not_yet_written_is_waited_for_and_then_said_to_be_missing(gateway: Served) -> None:
    here = gateway.get("/v1/position")["position"]
    volume = str(volume_of("WH-01", len(here)))
    answer = gateway.client.get("/v1/stock", params={"at_least": f"{volume}:{here[volume] + 100}"})
    assert answer.status_code == 504
    assert answer.json()["error"]["facts"]["expected"] == f"{volume}:{here[volume] + 100}"
    late = threading.Timer(0.2, lambda: gateway.post(entry(1, "dev-late.t1")))
    late.start()
    then = gateway.get("/v1/position", at_least=f"{volume}:{here[volume] + 1}")["position"]
    assert then[volume] >= here[volume] + 1
    late.join()
    for nowhere in ("x", f"{len(here)}:1", "0:1,", "0:1.5"):
        assert gateway.client.get("/v1/stock", params={"at_least": nowhere}).status_code == 400


def test_entries_can_be_walked_through_page_by_page_without_missing_one(gateway: Served) -> None:
    gateway.post(*[entry(n, "dev-walk.t1") for n in range(1, 24)]).raise_for_status()
    numbers, after = [], "0"
    while after is not None:
        answer = gateway.get("/v1/entries", source="dev-walk.t1", after=after, limit=5)
        numbers += [int(e["entry"].rsplit("/", 1)[1]) for e in answer["entries"]]
        after = answer["next"]
    assert numbers == list(range(1, 24))
    for nowhere in ("x", "-1", "9" * 30, "1.x"):
        assert gateway.client.get("/v1/entries", params={"after": nowhere}).status_code == 400
    assert gateway.client.get("/v1/entries/WH-01/dev-walk.t1/99").status_code == 404


def test_what_cannot_be_found_or_asked_is_said_in_both_languages_and_without_a_trace(gateway: Served) -> None:
    asked = {"/v1/nothing": 404, "/v1/submissions": 405, "/v1/stock?at_least=-1": 400, "/v1/items/nobody": 404}
    for path, status in asked.items():
        answer = gateway.client.get(path)
        assert answer.status_code == status
        assert answer.json()["error"]["zh"]
        assert answer.json()["error"]["en"]
        assert "Traceback" not in answer.text


def test_alive_ready_and_measured_need_no_token_and_name_no_goods(gateway: Served) -> None:
    with httpx.Client(base_url=gateway.url, trust_env=False) as nobody:
        assert nobody.get("/healthz").json() == {"alive": True}
        assert nobody.get("/readyz").json()["ready"] is True
        metrics = nobody.get("/metrics").text
        for name in ("documents_total", "commit_seconds_bucket", "pages", "queue_letters", "lake_lag_pages"):
            assert f"baogong_{name}" in metrics
        page = nobody.get("/")
    assert "KN95" not in metrics + page.text
    assert "http://" not in page.text.replace("http://www.w3.org", "")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "innerHTML" not in page.text


def test_a_rehearsal_takes_its_time_recorded_from_the_sender_and_a_real_book_never(tmp_path: Path) -> None:
    moment = "2020-01-30T08:00:00+08:00"
    with Served(new_book(tmp_path / "real", "real")) as real:
        refused = real.post(entry(1), **{"Baogong-Recorded-At": moment})
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, "recorded_at_in_a_real_book")
        assert real.get("/v1/position")["position"] == {"0": 1}


def test_a_moment_without_its_offset_is_not_taken_as_time_recorded(gateway: Served) -> None:
    for bad in ("2020-01-30T08:00:00", "yesterday"):
        assert gateway.post(entry(1, "dev-m.t1"), **{"Baogong-Recorded-At": bad}).status_code == 400


def test_fifty_clients_at_once_are_all_answered_durably_and_share_commits(tmp_path: Path) -> None:
    clients, each = 50, 20
    with Served(new_book(tmp_path / "book")) as gateway:
        gateway.post(described(箱=700).numbered(Numbers()))

        def send(client: int) -> list[tuple[str, int]]:
            answer = gateway.post(*[entry(n, f"dev-{client}.t1") for n in range(1, each + 1)])
            return [(a["entry"], a["seq"]) for a in answer.json()["answers"] if a["result"] == "admitted"]

        with ThreadPoolExecutor(clients) as pool:
            answered = [pair for pairs in pool.map(send, range(clients)) for pair in pairs]
        metrics = httpx.get(f"{gateway.url}/metrics", trust_env=False).text
        gateway.kill()
    commits = float(metrics.partition("\nbaogong_commit_seconds_count ")[2].partition("\n")[0])
    assert len(answered) == clients * each
    assert commits < clients
    book = Book.open(tmp_path / "book")
    entries = [e for page, _ in book.pages() for e in page.entries]
    kept = {(f"{e.entry.site}/{e.entry.source}/{e.entry.number}", e.seq) for e in entries}
    assert set(answered) <= kept
    assert len(kept) == clients * each + 1
    assert sum(b.on_hand for b in book.folds.stock.balances.values()) == clients * each * 10
    book.close()


def read_to_its_end(gateway: Served) -> None:
    with gateway.client.stream("GET", "/v1/alerts/stream") as stream:
        assert list(stream.iter_lines())


def test_told_to_stop_it_answers_what_is_queued_ends_its_streams_and_closes_the_book(tmp_path: Path) -> None:
    with Served(new_book(tmp_path / "book"), window_milliseconds=400) as gateway:
        streaming = threading.Thread(target=read_to_its_end, args=[gateway])
        streaming.start()
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(gateway.post, counted(1).but(number=1))
            time.sleep(0.2)
            began = time.monotonic()
            assert gateway.stop() == 0
            assert waiting.result().json()["answers"][0]["result"] == "unconvertible"
        streaming.join(10)
        assert time.monotonic() - began < 8
    Book.open(tmp_path / "book", writable=True).close()


def test_the_lake_follows_the_book_while_it_is_served(tmp_path: Path) -> None:
    with Served(new_book(tmp_path / "book"), lake=True) as gateway:
        gateway.post(described(箱=700).numbered(Numbers()), entry(1))
        until = time.monotonic() + 15
        while gateway.get("/readyz")["lake_lag_pages"] and time.monotonic() < until:
            time.sleep(0.1)
        from ledger.lake import Lake

        rows = Lake.connect(gateway.book).execute("SELECT site, item, on_hand FROM stock").fetchall()
    assert rows == [("WH-01", "KN95", 10)]


def test_a_submission_cut_off_on_the_line_leaves_nothing_in_the_book(gateway: Served) -> None:
    before = gateway.get("/v1/position")["position"]
    host, _, port = gateway.url.removeprefix("http://").partition(":")
    whole = entry(1, "dev-cut.t1") + b"\n"
    head = f"POST {SUBMISSIONS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {gateway.secret}\r\n"
    with socket.create_connection((host, int(port))) as line:
        line.sendall(f"{head}Content-Length: {len(whole) + 100}\r\n\r\n".encode() + whole)
    written = gateway.post(entry(1, "dev-uncut.t1")).json()["position"]
    assert gateway.get("/v1/position")["position"] == before | written
    assert sum(before.values()) + 1 == sum((before | written).values())
