"""Admission as an agent: takes a volume over by reading its pages, then answers each submission with a page.

Thin: what a page is and when it may be written is decided in `ledger.logs.kafka.admitting`. No rules here.
"""

from collections.abc import Callable
from itertools import islice

from ledger.logs.kafka.admitting import AdmittedVolume, Decided, check_submissions
from ledger.logs.kafka.reading import Reader
from ledger.logs.kafka.wire import PAGES, SUBMISSIONS, Outgoing, Record
from processors.carrying import Carrier
from processors.watchdog import beside

AT_ONCE = 500
"""Submissions decided between two sends while a volume is taken over."""
Send = Callable[[list[Outgoing]], dict[int, int]]


class AdmissionAgent(Carrier[AdmittedVolume]):
    """Writes the pages of the volumes in this worker's hands."""

    topic = SUBMISSIONS

    def begin(self, number: int) -> AdmittedVolume:
        """Return a volume before its first page."""
        return AdmittedVolume(number)

    def at(self, volume: AdmittedVolume) -> int:
        """Return the position of the first submission that has no page yet."""
        return volume.position + 1

    async def take(self, taken: dict[int, list[Record]]) -> None:
        """Answer submissions; return when every page is durable."""
        decided = {number: self.volumes[number].decide_all(records) for number, records in taken.items()}
        await self.sending.send(record for some in decided.values() for d in some for record in d.kept)
        ends = await self.sending.send(d.written for some in decided.values() for d in some)
        for number, offset in ends.items():
            await beside(self.volumes[number].sent, len(decided[number]), offset)

    async def take_over(self, volume: AdmittedVolume, upto: int | None) -> None:
        """Read the pages to their end; then decide what has none."""
        await beside(self._read, volume, upto, self.sender())

    def _read(self, volume: AdmittedVolume, upto: int | None, send: Send) -> None:
        number = volume.volume
        with Reader(self.cluster) as reader:
            volume.resume(reader)
            volume.take_pages(self.watch.each(reader.records(PAGES, number, volume.chain.offset)))
            first, end = reader.bounds(SUBMISSIONS, number)
            start = volume.position + 1
            upto = min(end, reader.committed(self.what, SUBMISSIONS, number)) if upto is None else upto
            if start >= upto:
                return
            check_submissions(number, first, start)
            records = self.watch.each(reader.records(SUBMISSIONS, number, start, upto))
            while some := list(islice(records, AT_ONCE)):
                self._write(volume, volume.decide_all(some), send)

    def _write(self, volume: AdmittedVolume, decided: list[Decided], send: Send) -> None:
        """Make refused bytes durable, then the pages that say so."""
        send([record for d in decided for record in d.kept])
        for offset in send([d.written for d in decided]).values():
            volume.sent(len(decided), offset)
