"""A real Apache Kafka of one's own, on a free port, for as long as a block lasts."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import ROOT

BROKER = [sys.executable, str(ROOT / "deploy" / "kafka" / "broker.py")]


class NoBroker(Exception):
    """No broker could be started: Java or Maven is missing, or no jars are to be had."""


@contextmanager
def local_broker(folder: Path) -> Iterator[str]:
    """Start a broker with its files in a folder, give its address, stop it. Raises `NoBroker` with what it said."""
    started = subprocess.run(
        [*BROKER, "start", "--port", "0", "--folder", str(folder)], capture_output=True, text=True, check=False
    )
    if started.returncode:
        raise NoBroker(f"a real broker is needed: {started.stdout}{started.stderr}")
    try:
        port = json.loads((folder / "broker.json").read_text())["port"]
        yield f"127.0.0.1:{port}"
    finally:
        subprocess.run([*BROKER, "stop", "--folder", str(folder)], capture_output=True, check=True)


def started(folder: Path, port: int = 0) -> dict[str, int]:
    """Start a broker, again if it was killed, and leave it running; return its `port` and `process`."""
    subprocess.run([*BROKER, "start", "--port", str(port), "--folder", str(folder)], check=True, capture_output=True)
    said: dict[str, int] = json.loads((folder / "broker.json").read_text())
    return said
