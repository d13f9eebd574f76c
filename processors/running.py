"""One role of the road in this process: `python -m processors.running ROLE [INSTANCE]`. It states no rule."""

import asyncio
import gc
import os
import sys
from pathlib import Path

from ledger.errors import LedgerError
from ledger.logs.kafka.cluster import Cluster
from processors.watchdog import end, tell

ROLES = ("gatherer", "admission", "folds", "lake")
STARTED = "worker.started"
BOOK_VARIABLE = "BAOGONG_BOOK"
"""Names the folder the lake is kept in."""
COLLECT_AFTER = 200_000
"""Objects made before rubbish is looked for: entries hold no cycles, and looking cost a third of the time."""


def run(role: str, cluster: Cluster, instance: str | None = None) -> None:
    """Run one role in this process until it is stopped."""
    tell(STARTED, role=role, process=os.getpid(), brokers=",".join(cluster.bootstrap), prefix=cluster.prefix)
    if role == "lake":
        from processors.lake import copy  # noqa: PLC0415 - only the lake's writer loads DuckDB

        copy(cluster, Path(os.environ.get(BOOK_VARIABLE, "book")))
        return
    if role == "gatherer":
        from processors.gatherer import gather  # noqa: PLC0415 - a gatherer does not load Faust

        asyncio.run(gather(cluster, instance))
        return
    import faust  # noqa: PLC0415 - a second of imports, only when an agent runs

    from processors import admission, stock  # noqa: PLC0415 - they load Faust
    from processors.app import make_app  # noqa: PLC0415 - it loads Faust

    app = make_app(role, cluster, instance)
    carrier = admission.AdmissionAgent(cluster, role) if role == "admission" else stock.StockAgent(cluster, role)
    carrier.attach(app)
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, 20, 100)
    faust.Worker(app, loglevel="WARN", redirect_stdouts=False, quiet=True).execute_from_commandline()


if __name__ == "__main__":
    try:
        run(sys.argv[1], Cluster.from_environment(), (sys.argv[2:] or [""])[0] or None)
    except LedgerError as error:
        end(error)
