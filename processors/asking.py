"""Asking from time to time what time brings, at a pace that leaves the worker its work. It states no rule."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import ParamSpec

from ledger.errors import BrokenEnvironment
from ledger.logs.kafka.wire import Outgoing
from processors.watchdog import Watch, tell

ASK_SECONDS = 1
PAUSE_SECONDS_MAX = 30
SHARE = 20
"""A pause is so many times what asking took, up to the longest: a twentieth of a worker is the most it takes."""
UNASKED = "worker.unasked"
Asked = ParamSpec("Asked")


async def keep_asking(watch: Watch, ask: Callable[[], Awaitable[None]]) -> None:
    """Ask again and again, for as long as the worker runs."""
    while True:
        began = time.monotonic()
        with watch.work():
            await ask()
        await asyncio.sleep(min(max(ASK_SECONDS, SHARE * (time.monotonic() - began)), PAUSE_SECONDS_MAX))


def unless_away(ask: Callable[Asked, list[Outgoing]], *args: Asked.args, **kwargs: Asked.kwargs) -> list[Outgoing]:
    """Return what asking gives; nothing while no broker answers: the next question finds the same change."""
    try:
        return ask(*args, **kwargs)
    except BrokenEnvironment as error:
        if error.code != "kafka_unreachable":
            raise
        tell(UNASKED, code=error.code, en=error.text("en"))
        return []
