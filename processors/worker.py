"""What `baogong worker` runs: one role of the road in this process, or all of them beside each other. No rules here."""

import signal
import subprocess
import sys
import time

import typer

from ledger.errors import LedgerError, WrongUse
from ledger.logs.kafka.cluster import Cluster
from ledger.logs.kafka.reading import Reader
from ledger.logs.kafka.wire import PAGES, SUBMISSIONS
from processors.running import ROLES, run
from processors.watchdog import tell

RESTARTED = "worker.restarted"
RESTART_SECONDS = 1
_NEEDS_A_PERSON = (2, 4)
"""Exit codes after which starting again would not help."""


def work(role: str, instance: str | None) -> None:
    """Run a role on the cluster BAOGONG_KAFKA names, until it is stopped. Raises `LedgerError`."""
    if role not in (*ROLES, "all"):
        raise WrongUse("worker_role_unknown", found=role, expected=", ".join((*ROLES, "all")))
    cluster = Cluster.from_environment()
    with Reader(cluster) as reader:
        volumes = {topic: reader.volumes(topic) for topic in (SUBMISSIONS, PAGES)}
    if volumes[SUBMISSIONS] != volumes[PAGES]:
        raise LedgerError("kafka_volumes_differ", expected=volumes[SUBMISSIONS], found=volumes[PAGES])
    if role == "all":
        raise typer.Exit(_run_all(instance))
    run(role, cluster, instance)


def _run_all(instance: str | None) -> int:
    command = [sys.executable, "-m", "processors.running"]
    named = {role: f"{instance}-{role}" if instance else "" for role in ROLES}
    children = {role: subprocess.Popen([*command, role, named[role]]) for role in ROLES}  # noqa: S603 - our own module
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
                    children[role] = subprocess.Popen([*command, role, named[role]])  # noqa: S603 - our own module
    finally:
        for child in children.values():
            child.terminate()
        for child in children.values():
            child.wait()
