"""Alerts for readers: the open cases, and every transition as server-sent events that can be resumed.

Transitions that follow entries carry as the event id the running number they bring, one a volume with commas. What
only time brings (expiry, silence) has no number: it comes whole, as one `due` event, when a stream opens and whenever
it changed. `position` events say that the book has new pages, at most one a second.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import orjson
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from ledger import standing
from ledger.alert_words import in_words
from ledger.gateway.entitlement import Reader, require_site
from ledger.gateway.limits import Refusal
from ledger.gateway.reading import AtLeast, answer
from ledger.gateway.state import Gateway, TheGateway, rung
from ledger.tokens import Token
from schemas.alerts import Alert

router = APIRouter()
_SECONDS_A_POSITION = 1
"""A stream tells where the book is at most this often; alerts are told at once."""
Numbers = tuple[int, ...]
"""The running number of the last transition told, volume by volume; written with commas."""


@router.get("/v1/alerts", dependencies=[AtLeast])
async def alerts(gateway: TheGateway, token: Reader, site: str | None = None) -> Response:
    """Open cases. `number` is where a stream that should miss nothing begins (`Last-Event-ID`)."""
    require_site(token, site)

    def ask() -> dict[str, Any]:
        book = gateway.book
        rows = _rows((*standing.opened(book), *book.held(book.now())), token, site)
        return {"number": _written(standing.told_to(book)), "alerts": rows}

    return await answer(gateway, ask)


@router.get("/v1/alerts/stream")
async def stream(request: Request, gateway: TheGateway, token: Reader, site: str | None = None) -> StreamingResponse:
    """Transitions as they come. Without `Last-Event-ID` it begins with one `open` event: every open case."""
    require_site(token, site)
    written = request.headers.get("last-event-id") or request.query_params.get("after", "")
    told = _read_numbers(written, len(gateway.writer.pages)) if written else None
    if gateway.streams >= gateway.limits.streams_max:
        raise Refusal(429, "streams_full", {"limit": str(gateway.limits.streams_max)}, {"Retry-After": "10"})
    return StreamingResponse(
        _events(gateway, token, site, told), media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )  # fmt: skip


async def _events(gateway: Gateway, token: Token, site: str | None, told: Numbers | None) -> AsyncIterator[bytes]:
    gateway.streams += 1
    gateway.metrics.streams.set(gateway.streams)
    timed: tuple[Alert, ...] | None = None
    pages: tuple[int, ...] = ()
    told_at, now = 0.0, asyncio.get_running_loop().time
    try:
        while not gateway.stopping.is_set() and await run_in_threadpool(gateway.tokens.still_has, token):
            ringing = gateway.bell.next()  # taken before looking, so that nothing between look and wait is missed
            pieces, told = await run_in_threadpool(_news, gateway, token, site, told)
            if gateway.timed is not timed:
                timed = gateway.timed
                pieces.append(_event("due", None, _rows(timed, token, site)))
            if gateway.writer.pages != pages and now() - told_at >= _SECONDS_A_POSITION:
                pages, told_at = gateway.writer.pages, now()
                position = {str(volume): page for volume, page in enumerate(pages)}
                pieces.append(_event("position", None, {"position": position}))
            if pieces:
                yield b"".join(pieces)
            waits = gateway.limits.heartbeat_seconds if gateway.writer.pages == pages else _SECONDS_A_POSITION
            if not await rung(ringing, waits) and gateway.writer.pages == pages:
                yield b": heartbeat\n\n"
    finally:
        gateway.streams -= 1
        gateway.metrics.streams.set(gateway.streams)


def _news(
    gateway: Gateway, token: Token, site: str | None, told: Numbers | None
) -> tuple[list[bytes], Numbers]:  # fmt: skip
    """Return the events after running numbers, and the numbers told now."""
    with gateway.writer.reading() as book:
        changes = None if told is None else standing.changes_since(book, told)
        if told is None or changes is None:
            now = standing.told_to(book)
            return [_event("open", now, _rows(standing.opened(book), token, site))], now
        numbers = standing.told_to(book)
    events, at = [], list(told)
    for volume, alert in changes:
        at[volume] = alert.number
        events += [_event("alert", tuple(at), row) for row in _rows([alert], token, site)]
    return events, numbers


def _event(name: str, numbers: Numbers | None, said: object) -> bytes:
    identity = f"id: {_written(numbers)}\n" if numbers is not None else ""
    return f"event: {name}\n{identity}data: {orjson.dumps(said).decode()}\n\n".encode()


def _written(numbers: Numbers) -> str:
    return ",".join(map(str, numbers))


def _read_numbers(written: str, volumes: int) -> Numbers:
    parts = written.split(",")
    if len(parts) != volumes or not all(part.isdecimal() for part in parts):
        raise Refusal(400, "query_unreadable", {"name": "Last-Event-ID", "found": written[:60]})
    return tuple(map(int, parts))


def _rows(alerts: Sequence[Alert], token: Token, site: str | None) -> list[dict[str, Any]]:
    return [in_words(a) for a in alerts if token.may_see(a.site) and site in (None, a.site)]
