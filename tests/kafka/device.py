"""A device under drill, in a process of its own: saves documents, notes each one it called saved, sends what waits.

python -m tests.kafka.device OUTBOX JOURNAL URL TOKEN
"""

import os
import sys
import time
from pathlib import Path

from ledger.errors import BrokenEnvironment
from ledger.outbox import Outbox
from tests.spec import received

SITES = ("WH-01", "WH-02", "WH-03", "WH-04")
QUANTITY = 5
FIELDS = {k: v for k, v in received(QUANTITY).fields.items() if k not in ("kind", "site", "source", "number")}


def live(outbox_path: Path, journal_path: Path, url: str, token: str) -> None:
    """Save and send until killed. A full disk or a gateway that is away is waited out; nothing is called saved then."""
    journal = os.open(journal_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    outbox, turn, pause = Outbox(outbox_path, "dev-1"), 0, journal_path.with_suffix(".pause")
    while True:
        try:
            for _ in range(0 if pause.exists() else turn % 4 + 1):
                turn += 1
                identity = outbox.add("goods_received.v1", SITES[turn % len(SITES)], FIELDS | {"note": "n" * 300})
                os.write(journal, f"{identity}\n".encode())
            outbox.send(url, token, attempts=1)
        except BrokenEnvironment:
            time.sleep(0.05)
        time.sleep(0.1)


if __name__ == "__main__":
    live(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4])
