"""A scanner that writes single documents straight to `scans`: `python examples/kafka_scanner.py 127.0.0.1:9092`.

A real one keeps its counter and an outbox on disk, and sends again until the broker has answered: repeats are known.
"""

import json
import sys
from datetime import datetime

from kafka import KafkaProducer

SITE, SOURCE = "WH-01", "scanner-17.k3f9"


def document(number: int, item: str, quantity: int) -> bytes:
    """Write one receipt as one line of JSON. The number is minted once and never used for anything else."""
    return json.dumps(
        {
            "kind": "goods_received.v1", "site": SITE, "source": SOURCE, "number": number, "origin": "purchased",
            "happened_at": datetime.now().astimezone().isoformat(timespec="seconds"), "recorded_by": "keeper-1",
            "lines": [{"line": 1, "item": item, "unit": "只", "quantity": quantity}],
        },
        ensure_ascii=False,
    ).encode()  # fmt: skip


producer = KafkaProducer(bootstrap_servers=sys.argv[1], acks="all", enable_idempotence=True)
for made in (1, 2, 2):  # the second is sent twice: it counts once
    headers = [("ce_specversion", b"1.0"), ("ce_type", b"baogong.document.v1"), ("ce_source", b"/" + SOURCE.encode())]
    headers += [("ce_id", f"{SITE}/{SOURCE}/{made}".encode()), ("content-type", b"application/json")]
    producer.send("scans", document(made, "KN95", 10 * made), key=SITE.encode(), headers=headers).get(timeout=30)
producer.close()
