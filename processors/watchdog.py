"""How a worker ends itself: on an error of its own, on damage, or when it has begun work and does not finish it.

It ends the process at once, before any offset can be committed: what was not finished is read again by whoever follows.
"""

import os
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Never

from ledger.errors import LedgerError
from ledger.gateway import events

STALL_SECONDS_MAX: Final = 120
OUR_BUG: Final = 70
"""Exit code (EX_SOFTWARE): start again. Codes of a `LedgerError` (4: damage) say that a person has to look first."""
STOPPED = "worker.stopped"
FAULT = "worker.fault"
STALLED = "worker.stalled"


def end(error: BaseException) -> Never:
    """Say why, and end the process now."""
    if isinstance(error, LedgerError):
        events.log(STOPPED, code=error.code, zh=error.text("zh"), en=error.text("en"), **error.facts)
        code = error.exit_code
    else:
        events.log(FAULT, fault=repr(error), trace=traceback.format_exception(error))
        code = OUR_BUG
    sys.stderr.flush()
    os._exit(code)


class Watch:
    """Watches one agent. A thread of its own sees a stall even when the event loop is the one that stalls."""

    def __init__(self, what: str, stall_seconds_max: int = STALL_SECONDS_MAX) -> None:
        self.what = what
        self.stall_seconds_max = stall_seconds_max
        self._began: float | None = None
        threading.Thread(target=self._run, name=f"watch-{what}", daemon=True).start()

    @contextmanager
    def work(self) -> Iterator[None]:
        """Do one piece of work that must end in time and must not fail: any error but a cancellation ends the process."""
        self._began = time.monotonic()
        try:
            yield
        except Exception as error:  # noqa: BLE001 - an error that left an agent would be counted as work done
            end(error)
        finally:
            self._began = None

    def _run(self) -> None:
        while True:
            time.sleep(1)
            began = self._began
            if began is not None and time.monotonic() - began > self.stall_seconds_max:
                events.log(STALLED, what=self.what, seconds=self.stall_seconds_max)
                os._exit(OUR_BUG)
