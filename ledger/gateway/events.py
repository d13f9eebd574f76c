"""One line of JSON on standard error for each event worth knowing. Dotted constants with keys; never a secret."""

import json
import sys
from datetime import UTC, datetime

STARTED = "gateway.started"
STOPPED = "gateway.stopped"
COMMITTED = "book.committed"
COMMIT_FAILED = "book.commit_failed"
FAULT = "gateway.fault"
DENIED = "gateway.denied"
LAKE_FAILED = "lake.commit_failed"
NOTIFY_FAILED = "notify.failed"


def log(event: str, **facts: object) -> None:
    """Write one event with its facts."""
    line = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event, **facts}
    sys.stderr.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")
    sys.stderr.flush()
