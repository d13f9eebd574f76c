"""Puts the gateway together: routes, the writer's life, and one form for every refusal. No trace reaches a caller."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from ledger.book import Book
from ledger.errors import BrokenEnvironment, LedgerError, WrongUse
from ledger.gateway import alerts, events, front, reading, submissions
from ledger.gateway.limits import Limits, Refusal, in_words
from ledger.gateway.metrics import Metrics
from ledger.gateway.state import Gateway
from ledger.gateway.writer import BookWriter, Writer
from ledger.standing import Standing
from ledger.tokens import TokenFile

_SECONDS_A_QUESTION_OF_TIME = 20
"""How often alerts that follow time are asked for."""


def create_app(
    book: Standing, limits: Limits | None = None, lake_pages: Callable[[], int] | None = None
) -> FastAPI:  # fmt: skip
    """Build the gateway of a book: one open for writing, to which nobody else may submit meanwhile, or one followed."""
    limits, metrics = limits or Limits(), Metrics()
    gateway = Gateway(
        book=book, writer=_writer_of(book, limits, metrics), tokens=TokenFile.of(book.path), limits=limits,
        metrics=metrics, lake_pages=lake_pages,
    )  # fmt: skip
    app = FastAPI(
        title="Baogong 保供", version="1", docs_url=None, redoc_url=None, lifespan=_life, openapi_url="/v1/openapi.json"
    )
    app.state.gateway = gateway
    for part in (submissions, reading, alerts, front):
        app.include_router(part.router)
    for error, handler in _HANDLERS.items():
        app.add_exception_handler(error, handler)
    return app


def _writer_of(book: Standing, limits: Limits, metrics: Metrics) -> Writer:
    if isinstance(book, Book):
        return BookWriter(book, limits, metrics)
    from ledger.gateway.cluster import ClusterWriter  # noqa: PLC0415 - only a book on a cluster loads a Kafka client
    from ledger.logs.kafka.following import Following  # noqa: PLC0415 - as above

    assert isinstance(book, Following), "a book stands in a folder or on a cluster"
    return ClusterWriter(book, limits, metrics)


@asynccontextmanager
async def _life(app: FastAPI) -> AsyncIterator[None]:
    gateway: Gateway = app.state.gateway
    gateway.bell.hang(asyncio.get_running_loop())
    gateway.writer.listeners.append(gateway.bell.ring)
    gateway.writer.start()
    asking = asyncio.create_task(_ask_time(gateway))
    try:
        yield
    finally:
        gateway.stop_streams()
        asking.cancel()
        await run_in_threadpool(gateway.writer.stop)
        for log in gateway.logs:
            log.close()


async def _ask_time(gateway: Gateway) -> None:
    while True:
        if await run_in_threadpool(gateway.ask_time):
            gateway.bell.ring()
        await asyncio.sleep(_SECONDS_A_QUESTION_OF_TIME)


def _refuse(request: Request, refusal: Refusal) -> Response:
    request.app.state.gateway.metrics.refusals.labels(str(refusal.status)).inc()
    body = orjson.dumps({"error": in_words(refusal.code, refusal.facts)})
    return Response(body, refusal.status, headers=refusal.headers, media_type="application/json")


async def _on_refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return _refuse(request, error)


async def _on_ledger_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, LedgerError)
    match error:
        case WrongUse():
            return _refuse(request, Refusal(400, error.code, error.facts))
        case BrokenEnvironment():
            return _refuse(request, Refusal(503, error.code, error.facts, {"Retry-After": "5"}))
        case _:
            events.log(events.FAULT, code=error.code, said=str(error))
            return _refuse(request, Refusal(500, error.code, error.facts))


async def _on_bad_query(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    name, found = ".".join(str(part) for part in first["loc"][1:]), str(first.get("input"))[:60]
    return _refuse(request, Refusal(400, "query_unreadable", {"name": name, "found": found}))


async def _on_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = "method_unknown" if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED else "page_unknown"
    facts = {"method": request.method, "path": request.url.path[:200]}
    return _refuse(request, Refusal(error.status_code, code, facts, dict(error.headers or {})))


async def _on_fault(request: Request, error: Exception) -> Response:
    events.log(events.FAULT, path=request.url.path, fault=repr(error), place=_place(error))
    return _refuse(request, Refusal(500, "gateway_faulted"))


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else ""


_HANDLERS = {
    Refusal: _on_refusal, LedgerError: _on_ledger_error, RequestValidationError: _on_bad_query,
    HTTPException: _on_http_error, Exception: _on_fault,
}  # fmt: skip
