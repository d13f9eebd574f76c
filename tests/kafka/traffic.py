"""What is sent in a drill: documents straight to `scans`, 10 % twice, 1 % poison. It knows what is acknowledged.

Each batch is sent again until the broker has answered for all of it, as an outbox would: nothing is acknowledged twice.
"""

import hashlib
import os
import threading
import time
from collections import Counter
from random import Random

from ledger.errors import BrokenEnvironment
from ledger.logs.kafka.cluster import Cluster
from ledger.logs.kafka.wire import SCANS, Outgoing
from ledger.logs.kafka.writing import Writer
from tests.kafka.device import SITES
from tests.spec import issued, received

REPEATED, POISONED = 0.1, 0.01


class Traffic(threading.Thread):
    """Sends until told to stop."""

    def __init__(self, cluster: Cluster, partitions: int, seed: int) -> None:
        super().__init__(name="traffic", daemon=True)
        self.cluster, self.partitions = cluster, partitions
        self.chance = Random(seed)
        self.numbers: Counter[str] = Counter()
        self.acknowledged: set[str] = set()
        self.moved: Counter[str] = Counter()
        self.poison: set[str] = set()
        self.repeated = 0
        self.flowing = threading.Event()
        self.flowing.set()
        self.idle = threading.Event()
        self._writer: Writer | None = None
        self._turn = threading.RLock()
        """Probes come from another thread."""

    def run(self) -> None:
        while True:
            if not self.flowing.is_set():
                self.idle.set()
                self.flowing.wait()
                self.idle.clear()
            with self._turn:
                self._send_until_answered(self._batch())
            time.sleep(0.1)

    def pause(self) -> None:
        """Return when everything begun is acknowledged and nothing more is sent."""
        self.flowing.clear()
        assert self.idle.wait(timeout=180), "the broker does not answer"

    def _batch(self) -> list[Outgoing]:
        batch = []
        for site in SITES:
            document, identity, quantity = self.document(site, "scanner-1.t1")
            self.moved[site] += quantity
            self.acknowledged.add(identity)  # before it is: a batch ends only when it is
            times = 2 if self.chance.random() < REPEATED else 1
            self.repeated += times - 1
            batch += [self._scan(site, document)] * times
            if self.chance.random() < POISONED * 4:
                poison = os.urandom(200) if self.chance.random() < 0.5 else document.replace(b"lines", b"limes")
                self.poison.add(hashlib.sha256(poison).hexdigest())
                batch.append(self._scan(site, poison))
        return batch

    def document(self, site: str, source: str) -> tuple[bytes, str, int]:
        """Make the next document of a source at a site, with its identity and what it moves."""
        self.numbers[f"{site}/{source}"] += 1
        number = self.numbers[f"{site}/{source}"]
        quantity = self.chance.randint(1, 50)
        make = issued if number % 4 == 0 else received
        document = make(quantity, site=site, source=source, lot=f"L{number % 7}").but(number=number).bytes()
        return document, f"{site}/{source}/{number}", -quantity if number % 4 == 0 else quantity

    def probe(self) -> set[str]:
        """Send one document for each site and return their identities, once acknowledged."""
        with self._turn:
            made = {site: self.document(site, "probe-1.t1") for site in SITES}
            for site, (_, identity, quantity) in made.items():
                self.moved[site] += quantity
                self.acknowledged.add(identity)
            self._send_until_answered([self._scan(site, document) for site, (document, _, _) in made.items()])
            return {identity for _, identity, _ in made.values()}

    def _scan(self, site: str, document: bytes) -> Outgoing:
        return Outgoing(SCANS, self.chance.randrange(self.partitions), site.encode(), document, [])

    def _send_until_answered(self, batch: list[Outgoing]) -> None:
        while True:
            try:
                self._writer = self._writer or Writer(self.cluster)
                self._writer.send(batch)
                return
            except BrokenEnvironment:
                self._writer = None
                time.sleep(0.2)
