"""Alerts for readers: the open cases, and every transition as server-sent events that can be resumed.

Transitions that follow entries carry their running number as the event id. What only time brings (expiry, silence) has
no number: it comes whole, as one `due` event, when a stream opens and whenever it changed. `position` events say that
the book has new pages, at most one a second.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import orjson
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from ledger.alert_words import in_words
from ledger.gateway.entitlement import Reader, require_site
from ledger.gateway.limits import Refusal
from ledger.gateway.reading import AtLeast, answer
from ledger.gateway.state import Gateway, TheGateway, rung
from ledger.tokens import Token
from projections.alerts import changes_after, open_alerts
from schemas.alerts import Alert

router = APIRouter()
_SECONDS_A_POSITION = 1
"""A stream tells where the book is at most this often; alerts are told at once."""


@router.get("/v1/alerts", dependencies=[AtLeast])
async def alerts(gateway: TheGateway, token: Reader, site: str | None = None) -> Response:
    """Open cases. `number` is where a stream that should miss nothing begins (`Last-Event-ID`)."""
    require_site(token, site)

    def ask() -> dict[str, Any]:
        state = gateway.book.folds.alerts
        rows = _rows((*open_alerts(state), *gateway.book.folds.due(gateway.now())), token, site)
        return {"number": state.number, "alerts": rows}

    return await answer(gateway, ask)


@router.get("/v1/alerts/stream")
async def stream(request: Request, gateway: TheGateway, token: Reader, site: str | None = None) -> StreamingResponse:
    """Transitions as they come. Without `Last-Event-ID` it begins with one `open` event: every open case."""
    require_site(token, site)
    written = request.headers.get("last-event-id") or request.query_params.get("after", "")
    if written and not written.isdecimal():
        raise Refusal(400, "query_unreadable", {"name": "Last-Event-ID", "found": written[:60]})
    if gateway.streams >= gateway.limits.streams_max:
        raise Refusal(429, "streams_full", {"limit": str(gateway.limits.streams_max)}, {"Retry-After": "10"})
    told = int(written) if written else None
    return StreamingResponse(
        _events(gateway, token, site, told), media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )  # fmt: skip


async def _events(gateway: Gateway, token: Token, site: str | None, told: int | None) -> AsyncIterator[bytes]:
    gateway.streams += 1
    gateway.metrics.streams.set(gateway.streams)
    timed: tuple[Alert, ...] | None = None
    page, told_at, now = 0, 0.0, asyncio.get_running_loop().time
    try:
        while not gateway.stopping.is_set() and await run_in_threadpool(gateway.tokens.still_has, token):
            ringing = gateway.bell.next()  # taken before looking, so that nothing between look and wait is missed
            pieces, told = await run_in_threadpool(_news, gateway, token, site, told)
            if gateway.timed is not timed:
                timed = gateway.timed
                pieces.append(_event("due", None, _rows(timed, token, site)))
            if gateway.writer.page != page and now() - told_at >= _SECONDS_A_POSITION:
                page, told_at = gateway.writer.page, now()
                pieces.append(_event("position", None, {"page": page}))
            if pieces:
                yield b"".join(pieces)
            waits = gateway.limits.heartbeat_seconds if gateway.writer.page == page else _SECONDS_A_POSITION
            if not await rung(ringing, waits) and gateway.writer.page == page:
                yield b": heartbeat\n\n"
    finally:
        gateway.streams -= 1
        gateway.metrics.streams.set(gateway.streams)


def _news(gateway: Gateway, token: Token, site: str | None, told: int | None) -> tuple[list[bytes], int]:
    """Return the events after a running number, and the number told now."""
    with gateway.writer.reading() as book:
        state = book.folds.alerts
        changes = None if told is None or told > state.number else changes_after(state, told)
        if changes is None:
            return [_event("open", state.number, _rows(open_alerts(state), token, site))], state.number
        number = state.number
    return [_event("alert", alert.number, row) for alert in changes for row in _rows([alert], token, site)], number


def _event(name: str, number: int | None, said: object) -> bytes:
    identity = f"id: {number}\n" if number is not None else ""
    return f"event: {name}\n{identity}data: {orjson.dumps(said).decode()}\n\n".encode()


def _rows(alerts: Sequence[Alert], token: Token, site: str | None) -> list[dict[str, Any]]:
    return [in_words(a) for a in alerts if token.may_see(a.site) and site in (None, a.site)]
