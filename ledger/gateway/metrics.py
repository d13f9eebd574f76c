"""What Prometheus may ask: numbers only, no names of items, sites or people. Its own registry, so apps do not mix."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest


class Metrics:
    """Counters and gauges of one gateway."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.documents = Counter(
            "baogong_documents", "Documents answered, by result.", ["result"], registry=self.registry
        )  # fmt: skip
        self.refusals = Counter("baogong_refusals", "Requests refused, by status.", ["status"], registry=self.registry)
        self.commit_seconds = Histogram(
            "baogong_commit_seconds", "Seconds a group commit took, from decision to disk.", registry=self.registry,
            buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
        )  # fmt: skip
        self.commit_letters = Histogram(
            "baogong_commit_letters", "Submissions that shared one commit.", registry=self.registry,
            buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500),
        )  # fmt: skip
        self.pages = Gauge("baogong_pages", "Last page of the book.", registry=self.registry)
        self.queue_letters = Gauge("baogong_queue_letters", "Submissions waiting for a commit.", registry=self.registry)
        self.lake_lag_pages = Gauge("baogong_lake_lag_pages", "Pages the lake is behind.", registry=self.registry)
        self.streams = Gauge("baogong_alert_streams", "Open alert streams.", registry=self.registry)

    def text(self) -> bytes:
        """Return all of it in the text format of Prometheus."""
        return generate_latest(self.registry)
