"""What workers on a cluster keep: the topics themselves, and snapshots where this process sees them.

It reads with a plain client and belongs to no group. A snapshot that was damaged, or folded by other code, is one no
worker would use: it is left out.
"""

from collections.abc import Callable
from typing import Any

from ledger import snapshots as files
from ledger.errors import Damage
from ledger.folds import Folds
from ledger.joint import Joint
from ledger.logs.kafka import verifying
from ledger.logs.kafka.admitting import KeptAdmission
from ledger.logs.kafka.alerting import KeptAlerts
from ledger.logs.kafka.casebook import CaseBook, kept_cases
from ledger.logs.kafka.cluster import Cluster
from ledger.logs.kafka.following import Following
from ledger.logs.kafka.matching import HeldCases
from ledger.logs.kafka.reading import Reader
from ledger.logs.kafka.shelving import KeptStock
from ledger.logs.kafka.wire import CASES
from ledger.standing import Standing
from ledger.verification.rows import Compared, together
from ledger.verification.states import Kept, KeptByWorkers, compare_states
from projections.chapters import Chapters

_State = Callable[[Any], object]
_KEPT: dict[str, tuple[type[Any], _State, Callable[[Folds], object]]] = {
    "admission": (KeptAdmission, lambda kept: kept, lambda folds: folds.admission),
    "stock": (KeptStock, lambda kept: kept, lambda folds: folds.stock),
    "alerts": (KeptAlerts, lambda kept: kept.alerts, lambda folds: folds.alerts),
}
"""Name of a worker's snapshot → what the file holds, the state in it, and the fold that state must be."""


def topics(cluster: Cluster) -> list[Compared]:
    """Check every record of every volume: pages, submissions answered, and what workers said of them.

    The chapters folded from `cases`, and those a worker keeps, are compared with the chapters the pages give.
    """
    folded = [*_cases_said(cluster), *_cases_kept(cluster)]
    volumes = verifying.verify(cluster, [held for _, _, held in folded])
    checks = [check for volume in volumes for check in volume.checks]
    rows = together(
        [Compared(f"topic_{c.name.partition('/')[0]}", c.compared, c.differing, c.first_difference)] for c in checks
    )
    for name, said, held in folded:
        rows += compare_states(name, said, held.chapters, f"{name.partition('_')[0]}|replay", 0)
    return rows


def _cases_said(cluster: Cluster) -> list[tuple[str, Chapters, HeldCases]]:
    """Fold `cases`; nothing when it cannot be read, which the check of its records names."""
    with Reader(cluster) as reader:
        book = CaseBook(reader.volumes(CASES))
        try:
            book.follow(reader)
        except Damage:
            return []
    return [("topic_chapters", book.chapters, HeldCases(book.places))]


def _cases_kept(cluster: Cluster) -> list[tuple[str, Chapters, HeldCases]]:
    kept = kept_cases(cluster)
    if kept is None:
        return []
    return [("worker_chapters", kept.chapters, HeldCases({volume: read.place for volume, read in kept.read.items()}))]


def joint(live: Standing, replayed: Joint) -> list[Compared]:
    """Compare the chapters a reader of all volumes has with those of a replay to the same pages."""
    assert isinstance(live, Following), "a book on a cluster is followed"
    return compare_states("live_joint", live.joint.chapters, replayed.chapters, "live|replay", 0)


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
