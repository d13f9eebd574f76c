"""Stock as a Faust agent: folds pages in memory, says after each page what it touched. Thin: no rules here."""

from itertools import islice

from ledger.logs.kafka.reading import Reader
from ledger.logs.kafka.shelving import StockVolume, parse_balances
from ledger.logs.kafka.wire import BALANCES, PAGES, Outgoing, Record
from processors.admission import Send
from processors.carrying import Carrier
from processors.watchdog import beside

AT_ONCE = 500
"""Messages said between two waits while a volume is taken over."""


class StockAgent(Carrier[StockVolume]):
    """Folds the stock of the volumes in this worker's hands."""

    topic = PAGES

    def begin(self, number: int) -> StockVolume:
        """Return a volume before its first page."""
        return StockVolume(number)

    def behind(self, volume: StockVolume, offset: int) -> bool:
        """Tell whether a page before an offset is not folded yet."""
        return volume.chain.offset < offset

    async def take(self, taken: dict[int, list[Record]]) -> None:
        """Fold pages; return when what they touched is said and durable."""
        said: list[Outgoing] = []
        for number, records in taken.items():
            volume = self.volumes[number]
            said += volume.take_all(record for record in records if record.offset >= volume.chain.offset)
        for number in await self.sending.send(said):
            await beside(self.volumes[number].said)

    async def take_over(self, volume: StockVolume, upto: int | None) -> None:
        """Fold the pages there are; say of them only what was not yet said."""
        await beside(self._read, volume, upto, self.sender())

    def _read(self, volume: StockVolume, upto: int | None, send: Send) -> None:
        number = volume.volume
        with Reader(self.cluster) as reader:
            volume.resume(reader)
            _, end = reader.bounds(BALANCES, number)
            said_to = 0
            for record in reader.records(BALANCES, number, end - 1, end) if end else ():
                said_to = parse_balances(record, number)[0]
            upto = reader.committed(self.what, PAGES, number) if upto is None else upto
            pages = self.watch.each(reader.records(PAGES, number, volume.chain.offset, upto))
            messages = volume.take_all(pages, said_to)
            while some := list(islice(messages, AT_ONCE)):
                send(some)
            volume.said()
