"""The Kafka runtime of the scenario suite: workers of its own, a reader's folds over its pages, the alerts said."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from ledger import folds as live
from ledger.folds import Folds
from ledger.logs.kafka.alerting import SaidAlerts
from ledger.logs.kafka.cluster import Cluster
from ledger.seals import read_page
from schemas.page import Page, Result
from tests.kafka.road import Follower, Road
from tests.scenarios.runtime import written


class OnKafka:
    """One scenario's book on Kafka."""

    def __init__(self, cluster: Cluster, folder: Path, book_id: str, opened_at: datetime) -> None:
        self.book = book_id
        self.road = Road(cluster, folder)
        self.road.open(volumes=1, book_id=book_id, opened_at=opened_at)
        for role in ("admission", "alerts", "cases"):
            self.road.start(role, volumes="0")
        self.follower = Follower(self.road.reader, 0, book_id)

    def submit(self, documents: Sequence[bytes], recorded_at: datetime) -> list[Result]:
        """Send a submission and wait for its page."""
        position = self.road.submit(documents, recorded_at=recorded_at)[0]
        self.road.wait(f"page of submission {position}", lambda: self.follower.at() >= position)
        refused = {r.index: r.result for r in self.last_page().header.refused}
        return [refused.get(index, Result.ADMITTED) for index in range(len(documents))]

    def last_page(self) -> Page:
        """Return the last page read."""
        assert self.follower.last is not None
        return read_page(self.follower.last.value or b"", self.follower.chain.page)[0]

    def readings(self) -> list[list[dict[str, object]]]:
        """Return what the book read on the lines of its last page."""
        entries = self.last_page().entries
        return [[r.written() for r in entry.readings] for entry in entries]

    def folds(self) -> Folds:
        """Return the folds a reader of the topic has."""
        return self.follower.folds

    def replayed(self) -> Folds:
        """Return the folds of a replay by a fresh reader."""
        return live.replay(self.book, 0, self.road.stored())

    def alerts(self, wanted: list[str]) -> list[str]:
        """Return what the topic says, waiting until it is as wanted."""
        self.road.wait(f"alerts {wanted}", lambda: self._said() == wanted)
        return self._said()

    def _said(self) -> list[str]:
        topic = SaidAlerts(0)
        changes = [alert for alert in topic.follow(self.road.reader) if alert.number]
        return written((*changes, *topic.timed()))

    def close(self) -> None:
        """Let the workers end."""
        self.road.stop()
