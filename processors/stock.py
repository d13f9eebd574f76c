"""Stock as a Faust agent: folds pages in memory, says after each page what it touched. Thin: no rules here."""

import asyncio
from itertools import islice
from typing import Any

from ledger.logs.kafka.cluster import Cluster
from ledger.logs.kafka.reading import Reader
from ledger.logs.kafka.sending import Sending
from ledger.logs.kafka.shelving import StockVolume, parse_balances
from ledger.logs.kafka.wire import BALANCES, PAGES, Outgoing, Record
from processors.app import by_volume, read_topic, record_of
from processors.watchdog import Watch, beside

BATCH = 500
WITHIN_SECONDS = 0.01
SEND_AT_ONCE = 2_000
"""Messages kept for one send while a volume is taken over."""


class StockAgent:
    """The stock of the volumes in this worker's hands."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.sending = Sending(cluster)
        self.volumes: dict[int, StockVolume] = {}
        self.current: set[int] = set()

    async def fold(self, events: list[Any]) -> None:
        """Fold pages; return when what they touched is said and durable."""
        said: list[Outgoing] = []
        for number, of_volume in by_volume(events).items():
            records = [record_of(event) for event in of_volume]
            volume = self.volumes.setdefault(number, StockVolume(number))
            if number not in self.current or records[0].offset > volume.chain.offset:
                await self.take_over(volume, records[0])
                self.current.add(number)
            said += volume.take_all(record for record in records if record.offset >= volume.chain.offset)
        for number in await self.sending.send(said):
            await beside(self.volumes[number].said)

    async def take_over(self, volume: StockVolume, upcoming: Record) -> None:
        """Fold the pages before the upcoming one; say again only what was not yet said."""
        loop = asyncio.get_running_loop()

        def say(messages: list[Outgoing]) -> None:
            asyncio.run_coroutine_threadsafe(self.sending.send(messages), loop).result()

        await beside(self._read, volume, upcoming, say)

    def _read(self, volume: StockVolume, upcoming: Record, say: Any) -> None:
        with Reader(self.cluster) as reader:
            volume.resume(reader)
            _, end = reader.bounds(BALANCES, volume.volume)
            said_to = 0
            for record in reader.records(BALANCES, volume.volume, end - 1, end) if end else ():
                said_to = parse_balances(record, volume.volume)[0]
            pages = reader.records(PAGES, volume.volume, volume.chain.offset, upcoming.offset)
            messages = volume.take_all(pages, said_to)
            while some := list(islice(messages, SEND_AT_ONCE)):
                say(some)


def attach(app: Any, cluster: Cluster) -> StockAgent:
    """Add the agent to an app."""
    stock = StockAgent(cluster)
    watch = Watch("stock")

    async def _fold(stream: Any) -> None:
        async for events in stream.take_events(BATCH, within=WITHIN_SECONDS):
            with watch.work():
                await stock.fold(events)

    async def _forget(*_: Any, **__: Any) -> None:
        stock.current.clear()

    app.agent(read_topic(app, cluster, PAGES), name="stock", concurrency=1)(_fold)
    app.on_partitions_assigned.connect(_forget)
    return stock
