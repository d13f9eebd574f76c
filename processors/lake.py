"""The lake's writer on Kafka: copies pages into the lake about once a second. It resumes from where the lake is.

No group, no offset: the position stands in the lake with the rows. No rules here.
"""

import signal
import threading
import time
from pathlib import Path

from ledger.lake import LakeWriter
from ledger.logs.kafka.cluster import Cluster
from ledger.logs.kafka.paged import PagesOnKafka
from processors.watchdog import Watch, tell

EVERY_SECONDS = 0.7
"""From one commit to the next. After one that takes longer than half of it the rest is as long, at most this."""
REBUILT = "lake.rebuilt"


def copy(cluster: Cluster, folder: Path, volumes: tuple[int, ...] = ()) -> None:
    """Keep the lake in a folder up to the pages – of some volumes, or of all – until stopped.

    Raises `LedgerError` when another writer has it.
    """
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    folder.mkdir(parents=True, exist_ok=True)
    log, watch = PagesOnKafka(cluster), Watch("lake")
    with LakeWriter(folder, log, volumes) as writer:
        if writer.rebuilt is not None:
            tell(REBUILT, why=writer.rebuilt)
        while not stop.is_set():
            began = time.monotonic()
            with watch.work():
                writer.catch_up()
            spent = time.monotonic() - began
            stop.wait(max(EVERY_SECONDS - spent, min(spent, EVERY_SECONDS)))
