"""The gateway as it runs: `serve` in a process of its own, its lake beside it, clients over HTTP on loopback.

The clock runs from the first request until a reader is shown a stock that holds every line. Clients only send: their
bodies are made before, but on few cores they take their share of the machine all the same.
"""

import http.client
import re
import resource
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import orjson

from ledger.tokens import TokenFile
from tests.bench.books import opened
from tests.bench.figures import Figure, Figures, Run, Watch
from tests.bench.trade import Trade
from tests.conftest import ROOT

CLIENTS = 8
DOCUMENTS_A_REQUEST = {1: 500, 100: 50}
_ALL_ADMITTED = b'"result":"admitted"'


def gateway(run: Run) -> Figures:
    """Lines a second from clients to a stock that a reader is shown, 1 and 100 lines a document."""
    figures = {
        "gateway_1": _gateway(run, run.share(0.06), 1),
        "gateway_100": _gateway(run, run.share(0.2), 100),
    }
    used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    figures["memory_gateway_process"] = Figure(round(used / 1024), "MB", note="peak of the serving process")
    return figures


def _gateway(run: Run, lines: int, per_document: int) -> Figure:
    path = run.folder / f"book_gateway_{per_document}"
    opened(path).close()
    secret = TokenFile.of(path).add("bench", (), ())
    share = max(per_document, lines // CLIENTS // per_document * per_document)
    traders = [Trade(f"dev-{n}", seed=n) for n in range(CLIENTS)]
    bodies = [_bodies(trade, share, per_document) for trade in traders]
    url, process = _serve(path)
    try:
        watch = Watch()
        with ThreadPoolExecutor(CLIENTS) as clients, watch.on():
            page = max(clients.map(lambda sent: _send(url, secret, sent), bodies))
            shown = _on_hand(url, secret, page)
        expected = sum(trade.on_hand for trade in traders)
        assert shown == expected, f"the stock shown holds every line: {expected}, found {shown}"
    finally:
        process.send_signal(signal.SIGTERM)
        ended = process.wait(60)
    assert ended == 0, f"the gateway ends well, not with {ended}"
    documents = DOCUMENTS_A_REQUEST[per_document]
    note = f"{share * CLIENTS:,} lines, {CLIENTS} clients, {documents} documents a request, lake beside"
    return Figure(round(share * CLIENTS / watch.seconds), "lines/s", note=note)


def _bodies(trade: Trade, lines: int, per_document: int) -> list[bytes]:
    documents = list(trade.documents(lines, per_document))
    step = DOCUMENTS_A_REQUEST[per_document]
    return [b"\n".join(documents[first : first + step]) for first in range(0, len(documents), step)]


def _serve(path: Path) -> tuple[str, subprocess.Popen[str]]:
    command = [sys.executable, "-m", "processors.serve", "--book", str(path), "--port", "0"]
    with (path / "serve.log").open("w") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, cwd=ROOT)
    assert process.stdout is not None
    said = process.stdout.readline()
    found = re.search(r"http://\S+", said)
    assert found, f"the gateway says where it listens, it said {said!r}: {(path / 'serve.log').read_text()}"
    return found[0], process


def _send(url: str, secret: str, bodies: list[bytes]) -> int:
    """Send every body on one connection, in order; return the page of the last. Every document must be admitted."""
    connection = _connected(url)
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/x-ndjson"}
    page = 0
    for body in bodies:
        connection.request("POST", "/v1/submissions", body, headers)
        answer = connection.getresponse()
        said = answer.read()
        assert answer.status == 200, f"{answer.status}: {said[:300]!r}"
        assert said.count(_ALL_ADMITTED) == body.count(b"\n") + 1, "made-up trade is all admitted"
        page = orjson.loads(said)["position"]["0"]
    connection.close()
    return page


def _on_hand(url: str, secret: str, page: int) -> int:
    connection = _connected(url)
    connection.request("GET", f"/v1/stock?at_least={page}", headers={"Authorization": f"Bearer {secret}"})
    rows = orjson.loads(connection.getresponse().read())["rows"]
    connection.close()
    return sum(row["on_hand"] for row in rows)


def _connected(url: str) -> http.client.HTTPConnection:
    at = urlsplit(url)
    assert at.hostname is not None
    return http.client.HTTPConnection(at.hostname, at.port, timeout=300)
