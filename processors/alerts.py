"""Alerts as a Faust agent: folds pages, says each transition, and asks from time to time what time brings. No rules."""

import asyncio
import time

from ledger.logs.kafka.alerting import AlertingVolume
from ledger.logs.kafka.cluster import Cluster
from ledger.logs.kafka.reading import Reader
from ledger.logs.kafka.wire import Outgoing
from processors.folding import FoldAgent
from processors.watchdog import beside

ASK_SECONDS = 1
ASKING_SHARE = 20
"""Asking waits so many times as long as it took: it never takes more than a twentieth of the worker."""


class AlertsAgent(FoldAgent):
    """Says the alerts of the volumes in this worker's hands."""

    def __init__(self, cluster: Cluster, what: str) -> None:
        super().__init__(cluster, what, AlertingVolume)

    async def tend(self) -> None:
        """Ask which alerts of time came, changed or went, for as long as the worker runs."""
        while True:
            began = time.monotonic()
            with self.watch.work():
                for number in sorted(self.current):
                    async with self.alone():
                        if number in self.current:
                            await self.sending.send(await beside(self._ask, self.volumes[number]))
            await asyncio.sleep(max(ASK_SECONDS, ASKING_SHARE * (time.monotonic() - began)))

    def _ask(self, volume: AlertingVolume) -> list[Outgoing]:
        with Reader(self.cluster) as reader:
            return volume.ask(reader)
