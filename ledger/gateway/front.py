"""The gateway about itself: alive, ready, measured; and the page a storekeeper sees first. None of it tells of goods.

The page is one file with nothing of the book in it: it asks the API with the reader's token and writes text, not HTML.
"""

import base64
import hashlib
import re
from pathlib import Path

import orjson
from fastapi import APIRouter, Response
from starlette.concurrency import run_in_threadpool

from ledger.gateway.limits import Refusal
from ledger.gateway.state import TheGateway

router = APIRouter()
_PAGE = (Path(__file__).parent / "page.html").read_text(encoding="utf-8")


def _policy(page: str) -> str:
    """Return a content policy under which only the page's own script and style run, and it talks to nobody else."""

    def sources(tag: str) -> str:
        inlined = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        return " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(i.encode()).digest()).decode()}'" for i in inlined)

    return (
        f"default-src 'none'; script-src {sources('script')}; style-src {sources('style')}; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


_HEADERS = {
    "Content-Security-Policy": _policy(_PAGE), "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}  # fmt: skip


@router.get("/")
async def page() -> Response:
    """The page: stock, open alerts, position, in Chinese and English."""
    return Response(_PAGE, media_type="text/html; charset=utf-8", headers=_HEADERS)


@router.get("/healthz")
async def healthz(gateway: TheGateway) -> Response:
    """Alive: the process answers and its writer has not failed."""
    if gateway.writer.fault is not None:
        raise Refusal(503, "gateway_faulted")
    return Response(orjson.dumps({"alive": True}), media_type="application/json")


@router.get("/readyz")
async def readyz(gateway: TheGateway) -> Response:
    """Ready: the book is open for writing, and the lake is not too far behind."""
    if gateway.writer.fault is not None:
        raise Refusal(503, "gateway_faulted")
    if gateway.stopping.is_set():
        raise Refusal(503, "gateway_stopping")
    lag = gateway.lake_lag_pages()
    if lag > gateway.limits.lake_lag_pages_max:
        raise Refusal(503, "lake_behind", {"found": str(lag), "limit": str(gateway.limits.lake_lag_pages_max)})
    said = {"ready": True, "position": dict(enumerate(gateway.writer.pages)), "lake_lag_pages": lag}
    return Response(orjson.dumps(said, option=orjson.OPT_NON_STR_KEYS), media_type="application/json")


@router.get("/metrics")
async def metrics(gateway: TheGateway) -> Response:
    """Numbers for Prometheus; none names an item, a site or a person."""
    gateway.metrics.lake_lag_pages.set(gateway.lake_lag_pages())
    return Response(await run_in_threadpool(gateway.metrics.text), media_type="text/plain; version=0.0.4")
