"""The cluster the trial is played on: a broker, topics, and two workers of each kind, started and stopped here.

A broker that runs already, or the cluster `BAOGONG_KAFKA` names, is used and left running. Workers write their log
beside the folder of the book.
"""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ledger import topics
from ledger.errors import BrokenEnvironment
from ledger.logs.kafka.cluster import SETTINGS_VARIABLE
from ledger.logs.kafka.reading import Reader
from ledger.logs.kafka.wire import PAGES
from ledger.settings import SETTINGS_FILE, read_settings
from processors.running import BOOK_VARIABLE, ROLES

ROOT = Path(__file__).resolve().parents[2]
BROKER = ROOT / "deploy" / "kafka" / "broker.py"
PREFIX = "trial-"
VOLUMES = 2
WORKERS = 2
"""Of each kind that shares its volumes out; a lake has one writer, a book one notifier."""
OPENED_SECONDS_MAX = 60
STOPPING_SECONDS_MAX = 20
_ALONE = ("lake",)
_LEFT_OUT = ("notifier",)
_ANSWER = re.compile(r"kafka: (already|ready) at (\S+)")


@contextmanager
def cluster(book: Path) -> Iterator[None]:
    """Have a cluster the folder of a book works at, until the block ends. Raises `BrokenEnvironment`."""
    with ExitStack() as ending:
        named = os.environ.get(SETTINGS_VARIABLE)
        _write_settings(book, None if named else _broker(ending))
        found = read_settings(book).cluster
        assert found is not None, "the settings just written name a cluster"
        topics.apply(found, topics.read_topics(ROOT / topics.DEFAULT_FILE, volumes=VOLUMES, replicas=1))
        _start_workers(ending, book)
        yield


def wait_until_opened(book: Path) -> None:
    """Wait until every volume has its first page. Raises `BrokenEnvironment` when nobody admits it."""
    found = read_settings(book).cluster
    if found is None:
        return
    deadline = time.monotonic() + OPENED_SECONDS_MAX
    with Reader(found) as reader:
        while not all(_has_pages(reader, volume) for volume in range(reader.volumes(PAGES))):
            if time.monotonic() > deadline:
                raise BrokenEnvironment("trial_workers_down", path=_log_of(book), found=_last_line(_log_of(book)))
            time.sleep(0.1)


def _has_pages(reader: Reader, volume: int) -> bool:
    return reader.bounds(PAGES, volume)[1] > 0


def _broker(ending: ExitStack) -> str:
    """Start the local broker unless it runs; return its address."""
    started = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, str(BROKER), "start"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    said = _ANSWER.search(started.stdout)
    if said is None:
        raise BrokenEnvironment("trial_broker_down", found=(started.stdout + started.stderr).strip())
    if said[1] == "ready":
        ending.callback(_stop_broker)
    return said[2]


def _stop_broker() -> None:
    subprocess.run([sys.executable, str(BROKER), "stop"], cwd=ROOT, capture_output=True, check=False)  # noqa: S603 - as above


def _write_settings(book: Path, address: str | None) -> None:
    """Say in the folder that the log is on Kafka: at an address, or where the environment says."""
    lines = ['log = "kafka"']
    if address is not None:
        lines += ["[kafka]", f"bootstrap = {json.dumps([address])}", f'prefix = "{PREFIX}"', 'state = "state"']
    book.mkdir(parents=True, exist_ok=True)
    (book / SETTINGS_FILE).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _start_workers(ending: ExitStack, book: Path) -> None:
    log = ending.enter_context(_log_of(book).open("ab"))
    environment = {
        SETTINGS_VARIABLE: os.environ.get(SETTINGS_VARIABLE) or str(book / SETTINGS_FILE), BOOK_VARIABLE: str(book),
    }  # fmt: skip
    workers: list[subprocess.Popen[bytes]] = []
    ending.callback(_stop, workers)
    for role in ROLES:
        for number in range(0 if role in _LEFT_OUT else 1 if role in _ALONE else WORKERS):
            # A session of its own: Ctrl-C is for us, and we stop the workers in order.
            worker = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-m", "processors.running", role, f"trial-{role}-{number}"],
                env=os.environ | environment, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
            workers.append(worker)


def _stop(workers: list[subprocess.Popen[bytes]]) -> None:
    for worker in workers:
        worker.terminate()
    for worker in workers:
        try:
            worker.wait(STOPPING_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()


def _log_of(book: Path) -> Path:
    return book.with_name(f"{book.name}.workers.log")


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1][:300] if lines else "-"
