"""What workers on a cluster keep: the topics themselves, and snapshots where this process sees them.

It reads with a plain client and belongs to no group. A snapshot that was damaged, or folded by other code, is one no
worker would use: it is left out.
"""

from collections.abc import Callable
from typing import Any

from ledger import snapshots as files
from ledger.folds import Folds
from ledger.logs.kafka import verifying
from ledger.logs.kafka.admitting import KeptAdmission
from ledger.logs.kafka.alerting import KeptAlerts
from ledger.logs.kafka.cluster import Cluster
from ledger.logs.kafka.shelving import KeptStock
from ledger.verification.rows import Compared, together
from ledger.verification.states import Kept, KeptByWorkers

_State = Callable[[Any], object]
_KEPT: dict[str, tuple[type[Any], _State, Callable[[Folds], object]]] = {
    "admission": (KeptAdmission, lambda kept: kept, lambda folds: folds.admission),
    "stock": (KeptStock, lambda kept: kept, lambda folds: folds.stock),
    "alerts": (KeptAlerts, lambda kept: kept.alerts, lambda folds: folds.alerts),
}
"""Name of a worker's snapshot → what the file holds, the state in it, and the fold that state must be."""


def topics(cluster: Cluster) -> list[Compared]:
    """Check every record of every volume: pages, submissions answered, and the balances the stock workers said."""
    checks = [check for volume in verifying.verify(cluster) for check in volume.checks]
    return together(
        [Compared(f"topic_{c.name.partition('/')[0]}", c.compared, c.differing, c.first_difference)] for c in checks
    )


def snapshots(cluster: Cluster, volumes: int) -> KeptByWorkers:
    """Find the snapshots workers keep in the cluster's `state` folder."""
    found = []
    for volume in range(volumes):
        for name, (kind, state_of, fold) in _KEPT.items():
            path = cluster.snapshot(name, volume)
            kept = files.load(path, kind) if path is not None else None
            if kept is not None:
                found.append(Kept(volume, f"worker_{name}", kept.state.page, state_of(kept.state), fold))
    return KeptByWorkers(found)
