"""What the parts of one gateway share, and how a route gets at it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request

from ledger.book import Book
from ledger.gateway.limits import Limits
from ledger.gateway.metrics import Metrics
from ledger.gateway.writer import Writer
from ledger.logs.embedded import EmbeddedLog
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

    book: Book
    log: EmbeddedLog
    """A second, read-only connection: reading pages never waits for a commit."""
    writer: Writer
    tokens: TokenFile
    limits: Limits
    metrics: Metrics
    bell: Bell = field(default_factory=Bell)
    lake_page: Callable[[], int] | None = None
    """Last page in the lake; None when no lake is kept."""
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    """Set before the server drains, so that endless streams end."""
    streams: int = 0
    """Alert streams open now."""
    timed: tuple[Alert, ...] = ()
    """Alerts that follow time (expiry, silence), as last asked."""

    def stop_streams(self) -> None:
        """End every stream, so that the server can drain. Call it in the event loop."""
        self.stopping.set()
        self.bell.ring()

    def now(self) -> datetime:
        """Return the moment the book is at: the clock's; in a rehearsal that of its last page."""
        recorded_at = self.book.folds.admission.recorded_at
        if self.book.opening.nature == "rehearsal" and recorded_at is not None:
            return recorded_at
        return datetime.now().astimezone()

    def ask_time(self) -> bool:
        """Ask which alerts of time hold now. Tell whether any came, went or changed."""
        with self.writer.reading() as book:
            held = book.folds.due(self.now())
        changed = [(a.alert, a.severity, a.state) for a in held] != [(a.alert, a.severity, a.state) for a in self.timed]
        self.timed = held
        return changed

    def lake_lag_pages(self) -> int:
        """Return how many pages the lake is behind; 0 without a lake."""
        return max(0, self.writer.page - self.lake_page()) if self.lake_page else 0

    def position(self) -> dict[str, object]:
        """Say where in the book an answer stands. Call it while holding `writer.reading()`."""
        state = self.book.folds.admission
        at = state.recorded_at.isoformat() if state.recorded_at else None
        return {"volume": state.volume, "page": state.page, "seal": state.seal, "recorded_at": at}


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
