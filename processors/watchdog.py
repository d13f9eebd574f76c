"""How a worker ends itself: on an error of its own, on damage, or when work it has begun does not move.

It ends the process at once, before any offset can be committed: what was not finished is read again by whoever follows.
"""

import asyncio
import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final, Never, ParamSpec, TypeVar

from ledger.errors import LedgerError

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")
Thing = TypeVar("Thing")
STALL_SECONDS_MAX: Final = 120
OUR_BUG: Final = 70
"""Exit code (EX_SOFTWARE): start again. Codes of a `LedgerError` (4: damage) say that a person has to look first."""
STOPPED = "worker.stopped"
FAULT = "worker.fault"
STALLED = "worker.stalled"


def tell(event: str, **facts: object) -> None:
    """Write one event with its facts: a line of JSON on standard error."""
    line = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event, **facts}
    sys.stderr.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")
    sys.stderr.flush()


def end(error: BaseException) -> Never:
    """Say why, and end the process now."""
    if isinstance(error, LedgerError):
        tell(STOPPED, code=error.code, zh=error.text("zh"), en=error.text("en"), **error.facts)
        code = error.exit_code
    else:
        tell(FAULT, fault=repr(error), trace=traceback.format_exception(error))
        code = OUR_BUG
    os._exit(code)


class Watch:
    """Watches one agent. A thread of its own sees a stall even when the event loop is the one that stalls."""

    def __init__(self, what: str, stall_seconds_max: int = STALL_SECONDS_MAX) -> None:
        self.what = what
        self.stall_seconds_max = stall_seconds_max
        self._moved: float | None = None
        """When work was last seen to move (monotonic seconds); None while there is none."""
        self._works = 0
        threading.Thread(target=self._run, name=f"watch-{what}", daemon=True).start()

    @contextmanager
    def work(self) -> Iterator[None]:
        """Do one piece of work that must end in time and must not fail: any error but a cancellation ends all."""
        self._works += 1
        self._moved = time.monotonic()
        try:
            yield
        except Exception as error:  # noqa: BLE001 - an error that left an agent would be counted as work done
            end(error)
        finally:
            self._works -= 1
            self._moved = time.monotonic() if self._works else None

    def each(self, things: Iterable[Thing]) -> Iterator[Thing]:
        """Pass things on; each one shows that long work moves."""
        for thing in things:
            if self._works:  # what a thread still reads after its work was given up is nobody's work
                self._moved = time.monotonic()
            yield thing

    def _run(self) -> None:
        while True:
            time.sleep(1)
            moved = self._moved
            if moved is not None and time.monotonic() - moved > self.stall_seconds_max:
                tell(STALLED, what=self.what, seconds=self.stall_seconds_max)
                os._exit(OUR_BUG)


async def beside(work: Callable[Arguments, Answer], *args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer:
    """Do long work in a thread, so that heartbeats go on. Every error comes back."""

    def whole() -> Answer:
        try:
            return work(*args, **kwargs)
        except StopIteration as error:  # it cannot be raised into a future: whoever waits would wait for ever
            raise RuntimeError("an iteration ended where it must not") from error

    return await asyncio.to_thread(whole)
