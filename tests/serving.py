"""A real gateway in a process of its own, for tests: uvicorn, a port of its own, limits as small as a test needs.

    with Served(book, documents_max=3) as gateway:
        httpx.get(f"{gateway.url}/healthz")

It shows and checks nothing itself.
"""

import json
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx

from ledger.book import Book
from ledger.gateway import Limits
from ledger.tokens import TokenFile
from tests.conftest import ROOT
from tests.spec import Doc

READY_SECONDS_MAX = 30


def new_book(path: Path, nature: str = "rehearsal") -> Path:
    """Make a book and leave it closed."""
    Book.create(path, nature=nature, title="test").close()
    return path


def new_token(
    book: Path,
    name: str = "all",
    *,
    sites: tuple[str, ...] = (),
    sources: tuple[str, ...] = (),
    read_only: bool = False,
) -> str:
    """Issue a token and return its secret."""
    return TokenFile.of(book).add(name, sites, sources, read_only=read_only)


def bearer(secret: str) -> dict[str, str]:
    """Return the header that carries a token."""
    return {"Authorization": f"Bearer {secret}"}


def ndjson(*documents: Doc | bytes) -> bytes:
    """Write documents as one submission."""
    return b"\n".join(d if isinstance(d, bytes) else d.bytes() for d in documents)


def at_least(position: dict[str, int]) -> str:
    """Write a position as a reader asks for it."""
    return ",".join(f"{volume}:{page}" for volume, page in position.items())


class Served:
    """One gateway process over one book, from `with` to its end."""

    def __init__(self, book: Path, *, lake: bool = False, **limits: int) -> None:
        self.book = book
        self.arguments = [str(book), "lake" if lake else "", json.dumps(limits)]

    def __enter__(self) -> "Served":
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.serving", *self.arguments], cwd=ROOT, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )  # fmt: skip
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert "http" in line, f"the gateway did not start: {self.process.communicate()}"
        self.url = line[line.index("http") :].strip()
        self.secret = new_token(self.book, f"test-{self.process.pid}")
        self.client = httpx.Client(base_url=self.url, headers=bearer(self.secret), timeout=30, trust_env=False)
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()
        if self.process.poll() is None:
            self.stop()

    def stop(self) -> int:
        """End it as a system would; return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        self.said = self.process.communicate(timeout=READY_SECONDS_MAX)
        return self.process.returncode

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.communicate()

    def post(self, *documents: Doc | bytes, **headers: str) -> httpx.Response:
        """Submit documents as NDJSON."""
        return self.client.post(
            "/v1/submissions", content=ndjson(*documents), headers={"Content-Type": "application/x-ndjson", **headers}
        )

    def get(self, path: str, **query: Any) -> Any:
        """Ask, expecting an answer."""
        answer = self.client.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()


def main(book: Path, lake: str, limits: str) -> bool:
    """Serve until told to stop; the exit code says whether a fault ended it."""
    from ledger.standing import open_to_keep
    from processors.serving import LakeCourier, listen, run

    with closing(open_to_keep(book)) as opened:
        return run(opened, listen("127.0.0.1", 0), LakeCourier(book) if lake else None, Limits(**json.loads(limits)))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3]))
