"""Alerts as an agent: folds pages, says each transition, and asks from time to time what time brings. No rules here."""

from ledger.logs.kafka.alerting import AlertingVolume
from ledger.logs.kafka.cluster import Cluster
from ledger.logs.kafka.reading import Reader
from ledger.logs.kafka.wire import Outgoing
from processors.asking import keep_asking, unless_away
from processors.folding import FoldAgent
from processors.watchdog import beside


class AlertsAgent(FoldAgent[AlertingVolume]):
    """Says the alerts of the volumes in this worker's hands."""

    def __init__(self, cluster: Cluster, what: str) -> None:
        super().__init__(cluster, what, AlertingVolume)
        self._reader: Reader | None = None

    async def tend(self) -> None:
        """Ask which alerts of time came, changed or went, for as long as the worker runs."""
        await keep_asking(self.watch, self._ask_each)

    async def _ask_each(self) -> None:
        for number in sorted(self.current):
            async with self.alone():
                if number in self.current:
                    await self.sending.send(await beside(unless_away, self._ask, self.volumes[number]))

    def _ask(self, volume: AlertingVolume) -> list[Outgoing]:
        self._reader = self._reader or Reader(self.cluster, self.watch.each)
        return volume.ask(self._reader)
