"""One role of the road in this process: `python -m processors.running ROLE [INSTANCE] [VOLUMES]`. It states no rule."""

import asyncio
import os
import sys
from pathlib import Path

from ledger.errors import LedgerError
from ledger.logs.kafka.cluster import Cluster
from processors.watchdog import end, tell

ROLES = ("gatherer", "admission", "folds", "alerts", "cases", "lake", "notifier")
STARTED = "worker.started"
BOOK_VARIABLE = "BAOGONG_BOOK"
"""Names the folder the lake is kept in, and the targets of alerts with what they were told."""


def run(role: str, cluster: Cluster, instance: str | None = None, volumes: tuple[int, ...] = ()) -> None:
    """Run one role in this process until it is stopped; with `volumes` only these, without its group."""
    tell(STARTED, role=role, process=os.getpid(), brokers=",".join(cluster.bootstrap), prefix=cluster.prefix)
    folder = book_folder()
    match role:
        case "lake":
            from processors.lake import copy  # noqa: PLC0415 - only the lake's writer loads DuckDB

            copy(cluster, folder, volumes)
        case "notifier":
            from processors.notifier import notify  # noqa: PLC0415 - only the notifier loads Apprise

            notify(cluster, folder, volumes)
        case "gatherer":
            from processors.gatherer import gather  # noqa: PLC0415 - a gatherer does not load Faust

            asyncio.run(gather(cluster, instance, volumes))
        case _:
            from processors.carriers import carry  # noqa: PLC0415 - the other roles fold nothing

            carry(role, cluster, instance, volumes)


def book_folder() -> Path:
    """Return the folder of what is kept beside the cluster: the lake, settings, deliveries."""
    return Path(os.environ.get(BOOK_VARIABLE, "book"))


def main(role: str, instance: str = "", volumes: str = "") -> None:
    """Run a role as another process asked for it. Ends the process on any failure."""
    try:
        run(role, Cluster.from_environment(), instance or None, tuple(map(int, filter(None, volumes.split(",")))))
    except LedgerError as error:
        end(error)


if __name__ == "__main__":
    main(*sys.argv[1:])
