"""The gateway's limits over real HTTP: what is too much is refused with the limit, and its sender hears it."""

import re
import select
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.serving import Served, new_book
from tests.test_gateway import SUBMISSIONS, entry


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    book = new_book(tmp_path_factory.mktemp("gateway") / "book")
    with Served(book, body_bytes_max=100_000, documents_max=50) as served:
        yield served


def test_too_much_is_refused_with_the_limit_and_what_was_found(gateway: Served) -> None:
    long = gateway.post(b"x" * 100_001)
    assert (long.status_code, long.json()["error"]["facts"]) == (413, {"found": "100001", "limit": "100000"})
    streamed = gateway.client.post(SUBMISSIONS, content=(b"y" * 50_000 for _ in range(5)))
    assert streamed.status_code == 413
    many = gateway.post(*[b"{}"] * 51)
    assert (many.status_code, many.json()["error"]["facts"]) == (413, {"found": "51", "limit": "50"})


def test_what_is_too_long_is_read_away_so_that_its_sender_hears_why_and_may_go_on(gateway: Served) -> None:
    """Closed at once, the connection would be reset under a sender still sending, and the answer lost with it.

    What is read away is no request, whatever it looks like.
    """
    head = f"POST {SUBMISSIONS} HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {gateway.secret}\r\n".encode()
    ask = b"GET /healthz HTTP/1.1\r\nHost: here\r\n\r\n"
    body = ask * 100_000
    url = httpx.URL(gateway.url)
    with socket.create_connection((url.host, url.port), timeout=30) as connection:
        connection.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body))
        assert select.select([connection], [], [], 30)[0], "refused before the body is sent"
        connection.sendall(body)
        connection.sendall(ask.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        heard = b"".join(iter(lambda: connection.recv(65_536), b""))
    assert re.findall(rb"HTTP/1.1 (\d+)", heard) == [b"413", b"200"]
    assert b"body_too_long" in heard


def test_a_full_queue_says_so_with_its_limit_and_when_to_come_again(tmp_path: Path) -> None:
    slow = Served(new_book(tmp_path / "book"), queue_letters_max=2, window_milliseconds=700)
    with slow as gateway, ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: gateway.post(entry(1, f"dev-q{n}.t1")), range(8)))
    assert sorted({a.status_code for a in answers}) == [200, 429]
    refused = next(a for a in answers if a.status_code == 429)
    assert refused.headers["retry-after"] == "1"
    assert refused.json()["error"]["facts"]["letters_max"] == "2"
