"""Admission as a Faust agent: takes a volume over by reading its pages, then answers each submission with a page.

Thin: what a page is and when it may be written is decided in `ledger.logs.kafka.admitting`. No rules here.
"""

from collections import Counter
from typing import Any

from ledger.logs.kafka.admitting import AdmittedVolume, Decided, check_submissions, missing
from ledger.logs.kafka.cluster import Cluster
from ledger.logs.kafka.reading import Reader
from ledger.logs.kafka.sending import Sending
from ledger.logs.kafka.wire import PAGES, SUBMISSIONS, Record
from processors.app import by_volume, read_topic, record_of
from processors.watchdog import Watch, beside

BATCH = 500
WITHIN_SECONDS = 0.01


class AdmissionAgent:
    """The volumes in this worker's hands."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.sending = Sending(cluster)
        self.volumes: dict[int, AdmittedVolume] = {}
        self.current: set[int] = set()
        """Volumes whose pages were read to the end since the last rebalance."""

    async def admit(self, events: list[Any]) -> None:
        """Answer submissions; return when every page is durable."""
        decided: list[Decided] = []
        for number, of_volume in by_volume(events).items():
            records = [record_of(event) for event in of_volume]
            volume = self.volumes.setdefault(number, AdmittedVolume(number))
            if number not in self.current or missing(volume, records[0]):
                await self.send(await beside(self.take_over, volume, records[0]))
                self.current.add(number)
            decided += volume.decide_all(records)
        await self.send(decided)

    def take_over(self, volume: AdmittedVolume, upcoming: Record) -> list[Decided]:
        """Read the pages to their end, then decide what has none before the upcoming submission."""
        with Reader(self.cluster) as reader:
            volume.resume(reader)
            volume.take_pages(reader.records(PAGES, volume.volume, volume.chain.offset))
            gap = missing(volume, upcoming)
            if not gap:
                return []
            check_submissions(volume.volume, reader.bounds(SUBMISSIONS, volume.volume)[0], gap.start)
            return volume.decide_all(reader.records(SUBMISSIONS, volume.volume, gap.start, gap.stop))

    async def send(self, decided: list[Decided]) -> None:
        """Make refused bytes durable, then the pages that say so."""
        await self.sending.send(record for d in decided for record in d.kept)
        pages = Counter(d.written.volume for d in decided)
        for number, offset in (await self.sending.send(d.written for d in decided)).items():
            await beside(self.volumes[number].sent, pages[number], offset)


def attach(app: Any, cluster: Cluster) -> AdmissionAgent:
    """Add the agent to an app."""
    admission = AdmissionAgent(cluster)
    watch = Watch("admission")

    async def _admit(stream: Any) -> None:
        async for events in stream.take_events(BATCH, within=WITHIN_SECONDS):
            with watch.work():
                await admission.admit(events)

    async def _forget(*_: Any, **__: Any) -> None:
        admission.current.clear()

    app.agent(read_topic(app, cluster, SUBMISSIONS), name="admission", concurrency=1)(_admit)
    app.on_partitions_assigned.connect(_forget)
    return admission
