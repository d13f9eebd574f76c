"""What `baogong worker` runs: one role of the road in this process, or all of them beside each other. No rules here."""

import re
import signal
import subprocess
import sys
import time

import typer

from ledger.errors import LedgerError, WrongUse
from ledger.logs.kafka.cluster import Cluster
from ledger.logs.kafka.reading import Reader
from ledger.logs.kafka.wire import PAGES, SUBMISSIONS
from processors.running import ROLES, book_folder, run
from processors.telling import targets_of
from processors.watchdog import tell

RESTARTED = "worker.restarted"
RESTART_SECONDS = 1
END_SECONDS = 15
"""A worker that was asked to end and has not by then is ended."""
_RANGE = re.compile(r"(\d{1,6})(?:-(\d{1,6}))?", re.ASCII)
_NEEDS_A_PERSON = (2, 4)
"""Exit codes after which starting again would not help."""


def work(role: str, instance: str | None, volumes: str) -> None:
    """Run a role on the cluster BAOGONG_KAFKA names, until it is stopped. Raises `LedgerError`."""
    if role not in (*ROLES, "all"):
        raise WrongUse("worker_role_unknown", found=role, expected=", ".join((*ROLES, "all")))
    cluster = Cluster.from_environment()
    with Reader(cluster) as reader:
        there = {topic: reader.volumes(topic) for topic in (SUBMISSIONS, PAGES)}
    if there[SUBMISSIONS] != there[PAGES]:
        raise LedgerError("kafka_volumes_differ", expected=there[SUBMISSIONS], found=there[PAGES])
    chosen = read_volumes(volumes, there[PAGES])
    if role == "all":
        raise typer.Exit(_run_all(instance, chosen))
    run(role, cluster, instance, chosen)


def read_volumes(written: str, there: int) -> tuple[int, ...]:
    """Read `0,2-3` as volumes, in order; nothing written is none chosen. Raises `WrongUse`, also for one not there."""
    chosen: set[int] = set()
    for part in filter(None, written.split(",")):
        found = _RANGE.fullmatch(part)
        if found is None:
            raise WrongUse("volumes_unreadable", found=written, last=there - 1)
        chosen.update(range(int(found[1]), int(found[2] or found[1]) + 1))
    if (written and not chosen) or max(chosen, default=0) >= there:
        raise WrongUse("volumes_unreadable", found=written, last=there - 1)
    return tuple(sorted(chosen))


def _run_all(instance: str | None, volumes: tuple[int, ...]) -> int:
    command = [sys.executable, "-m", "processors.running"]
    some = ",".join(map(str, volumes))
    roles = [role for role in ROLES if role != "notifier" or targets_of(book_folder())]
    commands = {role: [*command, role, f"{instance}-{role}" if instance else "", some] for role in roles}
    children = {role: subprocess.Popen(commands[role]) for role in roles}  # noqa: S603 - our own module
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        while True:
            time.sleep(RESTART_SECONDS)
            for role, child in children.items():
                code = child.poll()
                if code in _NEEDS_A_PERSON:
                    return code
                if code is not None:
                    tell(RESTARTED, role=role, ended=code)
                    children[role] = subprocess.Popen(commands[role])  # noqa: S603 - our own module
    finally:
        for child in children.values():
            child.terminate()
        for child in children.values():
            _wait(child)


def _wait(child: "subprocess.Popen[bytes]") -> None:
    try:
        child.wait(END_SECONDS)
    except subprocess.TimeoutExpired:  # without a broker some never end; what is durable is durable
        child.kill()
