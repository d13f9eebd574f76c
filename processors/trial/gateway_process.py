"""The gateway of the trial as a process of its own, started and stopped here. Its log is a file beside the book."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ledger.errors import BrokenEnvironment

PREFERRED_PORT = 8765
STOPPING_SECONDS_MAX = 30
_URL = re.compile(r"http://\S+")


@dataclass(frozen=True, slots=True)
class Running:
    """A gateway that listens."""

    url: str
    process: subprocess.Popen[str]
    log: Path

    def wait(self) -> None:
        """Wait as long as it serves. Raises `BrokenEnvironment` when it ends by itself."""
        self.process.wait()
        raise _down(self.log)


@contextmanager
def gateway(book: Path) -> Iterator[Running]:
    """Serve a book until the block ends. Raises `BrokenEnvironment` when it does not come up."""
    log = book.with_name(f"{book.name}.log")
    command = [sys.executable, "-m", "processors.serve", "--book", str(book), "--port", str(free_port())]
    with log.open("a", encoding="utf-8") as file:
        # A session of its own: Ctrl-C is for us, and we stop the gateway in order.
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and module, no shell
            command, stdout=subprocess.PIPE, stderr=file, text=True, encoding="utf-8", start_new_session=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"},
        )  # fmt: skip
        try:
            yield Running(_url(process, log), process, log)
        finally:
            _stop(process)


def free_port() -> int:
    """Return the usual port, or 0 (the system chooses) when it is taken."""
    with socket.socket() as trying:
        trying.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trying.bind(("127.0.0.1", PREFERRED_PORT))
        except OSError:
            return 0
    return PREFERRED_PORT


def _url(process: subprocess.Popen[str], log: Path) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        found = _URL.search(line)
        if found:
            return found[0]
    raise _down(log)


def _down(log: Path) -> BrokenEnvironment:
    lines = log.read_text(encoding="utf-8").strip().splitlines()
    return BrokenEnvironment("trial_gateway_down", path=log, found=lines[-1] if lines else "-")


def _stop(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOPPING_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
