"""What the parts of one gateway share, and how a route gets at it."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from ledger import standing
from ledger.gateway.limits import Limits
from ledger.gateway.metrics import Metrics
from ledger.gateway.writer import Writer
from ledger.logs.opening import PageLog, open_log
from ledger.standing import Standing
from ledger.tokens import TokenFile
from schemas.alerts import Alert


class Bell:
    """Wakes everyone who waits for the next page. Rung from any thread, waited for in the event loop."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._next = asyncio.Event()

    def hang(self, loop: asyncio.AbstractEventLoop) -> None:
        """Say in which loop people wait."""
        self._loop = loop

    def ring(self) -> None:
        """Wake them."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._ring)

    def _ring(self) -> None:
        rung, self._next = self._next, asyncio.Event()
        rung.set()

    def next(self) -> asyncio.Event:
        """Return what the next ring sets. Take it before looking: a ring between looking and waiting is then heard."""
        return self._next


@dataclass(slots=True)
class Gateway:
    """One book, its writer, and everything its routes need."""

    book: Standing
    writer: Writer
    tokens: TokenFile
    limits: Limits
    metrics: Metrics
    bell: Bell = field(default_factory=Bell)
    lake_pages: Callable[[], int] | None = None
    """Pages in the lake, of all volumes; None when no lake is kept here."""
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    """Set before the server drains, so that endless streams end."""
    streams: int = 0
    """Alert streams open now."""
    timed: tuple[Alert, ...] = ()
    """Alerts that follow time (expiry, silence), as last asked."""
    logs: list[PageLog] = field(default_factory=list)
    """Logs open for reading and not in use: reading pages never waits for a commit, nor for another reader."""

    def stop_streams(self) -> None:
        """End every stream, so that the server can drain. Call it in the event loop."""
        self.stopping.set()
        self.bell.ring()

    @contextmanager
    def reading_log(self) -> Iterator[PageLog]:
        """Give a log nobody else reads meanwhile."""
        try:
            log = self.logs.pop()
        except IndexError:
            log = open_log(self.book.path)
        try:
            yield log
        finally:
            self.logs.append(log)

    def ask_time(self) -> bool:
        """Ask which alerts of time hold now. Tell whether any came, went or changed."""
        with self.writer.reading() as book:
            held = book.held(book.now())
        changed = [(a.alert, a.severity, a.state) for a in held] != [(a.alert, a.severity, a.state) for a in self.timed]
        self.timed = held
        return changed

    def lake_lag_pages(self) -> int:
        """Return how many pages the lake is behind; 0 without a lake."""
        return max(0, sum(self.writer.pages) - self.lake_pages()) if self.lake_pages else 0

    def at(self) -> dict[str, object]:
        """Say where in the book an answer stands. Call it while holding `writer.reading()`."""
        recorded_at = standing.recorded_at(self.book.volumes)
        return {
            "book": self.book.id, "position": standing.position(self.book), "seals": standing.seals(self.book),
            "recorded_at": recorded_at.isoformat() if recorded_at else None,
        }  # fmt: skip


async def rung(ringing: asyncio.Event, seconds: float) -> bool:
    """Wait for a ring, `seconds` at most. Tell whether it rang."""
    try:
        await asyncio.wait_for(ringing.wait(), seconds)
    except TimeoutError:
        return False
    return True


def gateway_of(request: Request) -> Gateway:
    """Return the gateway a request came to."""
    found = request.app.state.gateway
    assert isinstance(found, Gateway)
    return found


TheGateway = Annotated[Gateway, Depends(gateway_of)]
