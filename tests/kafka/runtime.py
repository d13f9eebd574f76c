"""The Kafka runtime for the scenario suite: an admission worker of its own, and a reader's folds over its pages."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from ledger import folds as live
from ledger.folds import Folds
from ledger.logs.kafka.cluster import Cluster
from ledger.seals import read_page
from schemas.page import Page, Result
from tests.kafka.road import Follower, Road


class OnKafka:
    """One scenario's book on Kafka."""

    def __init__(self, cluster: Cluster, folder: Path, book_id: str, opened_at: datetime) -> None:
        self.book = book_id
        self.road = Road(cluster, folder)
        self.road.open(volumes=1, book_id=book_id, opened_at=opened_at)
        self.road.start("admission")
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
        return [[r.model_dump(mode="json", exclude_none=True) for r in entry.readings] for entry in entries]

    def folds(self) -> Folds:
        """Return the folds a reader of the topic has."""
        return self.follower.folds

    def replayed(self) -> Folds:
        """Return the folds of a replay by a fresh reader."""
        return live.replay(self.book, 0, self.road.stored())

    def close(self) -> None:
        """Check the book, and end the worker."""
        self.road.stop()
