"""Cases as an agent: carries what concerns more than one site to `cases`; asks what time brings of them all.

Every worker carries its volumes; the one that has volume 0 speaks for the whole book. No rules here.
"""

from ledger.logs.kafka.casebook import CaseBook
from ledger.logs.kafka.cluster import Cluster
from ledger.logs.kafka.reading import Reader
from ledger.logs.kafka.relaying import RelayVolume
from ledger.logs.kafka.wire import CASES, Outgoing
from processors.asking import keep_asking, unless_away
from processors.folding import FoldAgent
from processors.watchdog import beside

_SPEAKER = 0


class CasesAgent(FoldAgent[RelayVolume]):
    """Carries the volumes in this worker's hands; with volume 0 among them, says the alerts of cases."""

    def __init__(self, cluster: Cluster, what: str) -> None:
        super().__init__(cluster, what, RelayVolume)
        self._reader: Reader | None = None
        self._cases: CaseBook | None = None

    async def tend(self) -> None:
        """Say how far the relays are and which cases came, changed or went, for as long as the worker runs."""
        await keep_asking(self.watch, self._say)

    async def _say(self) -> None:
        async with self.alone():
            for number in sorted(self.current):
                volume = self.volumes[number]
                await self.sending.send(volume.position())
                await beside(volume.positioned)
        if _SPEAKER in self.current:
            await self.sending.send(await beside(unless_away, self._ask))

    def _ask(self) -> list[Outgoing]:
        reader = self._reader = self._reader or Reader(self.cluster, self.watch.each)
        if self._cases is None:
            cases = CaseBook(reader.volumes(CASES))
            cases.resume(reader)
            self._cases = cases
        changed = self._cases.ask(reader)
        self._cases.keep(self.cluster)
        return changed
