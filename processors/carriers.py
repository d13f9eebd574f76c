"""The roles that carry volumes, and the two ways they get them: from a group (Faust), or told. It states no rule."""

import asyncio
import gc
from typing import Any

from ledger.logs.kafka.cluster import Cluster
from ledger.logs.kafka.shelving import StockVolume
from processors.admission import AdmissionAgent
from processors.alerts import AlertsAgent
from processors.assigned import follow
from processors.carrying import Carrier
from processors.cases import CasesAgent
from processors.folding import FoldAgent

COLLECT_AFTER = 200_000
"""Objects made before rubbish is looked for: entries hold no cycles, and looking cost a third of the time."""


def carry(role: str, cluster: Cluster, instance: str | None, volumes: tuple[int, ...]) -> None:
    """Run a role that carries volumes: those its group gives it, or, without the group, those it was told."""
    carrier = _carrier(role, cluster)
    if volumes:
        _collect_rarely()
        asyncio.run(follow(carrier, volumes))
        return
    import faust  # noqa: PLC0415 - a second of imports, only when a group shares the volumes out

    from processors.app import Sharing, make_app  # noqa: PLC0415 - it loads Faust

    app = make_app(role, cluster, instance)
    Sharing(app, carrier)
    _collect_rarely()
    worker = faust.Worker(app, loglevel="WARN", redirect_stdouts=False, quiet=True)
    worker.spinner = None  # it would write terminal codes into the log
    worker.execute_from_commandline()


def _carrier(role: str, cluster: Cluster) -> Carrier[Any]:
    match role:
        case "admission":
            return AdmissionAgent(cluster, role)
        case "alerts":
            return AlertsAgent(cluster, role)
        case "cases":
            return CasesAgent(cluster, role)
        case _:
            return FoldAgent(cluster, role, StockVolume)


def _collect_rarely() -> None:
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, 20, 100)
