"""What the gateway tells of the book: stock, entries, catalogue, position. Every answer says the page it is at.

It computes nothing: figures come from the folds, entries from the pages. A token sees its own sites and the catalogue.
"""

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from ledger.gateway.entitlement import Reader, require_site
from ledger.gateway.finding import entries_after, find_entry, is_admitted, read_place
from ledger.gateway.limits import Refusal
from ledger.gateway.state import Gateway, TheGateway, rung
from ledger.shelf import ShelfRow, shelf
from ledger.standing import item_meant as item_known
from schemas.page import AdmittedEntry

router = APIRouter()


async def wait_for_page(gateway: TheGateway, at_least: str = "0") -> None:
    """Wait until the book is at a page, so that a writer can read what it wrote. Raises `Refusal` 504 in time.

    `at_least` is a page of the first volume, or `volume:page`, or several of these with commas.
    """
    wanted = _read_pages(at_least, len(gateway.writer.pages))
    loop = asyncio.get_running_loop()
    until = loop.time() + gateway.limits.wait_seconds_max
    while True:
        ringing = gateway.bell.next()
        pages = gateway.writer.pages
        if all(pages[volume] >= page for volume, page in wanted):
            return
        left = until - loop.time()
        if left <= 0 or gateway.stopping.is_set():
            facts = {"expected": at_least, "found": ",".join(f"{v}:{page}" for v, page in enumerate(pages))}
            raise Refusal(504, "page_not_reached", facts)
        await rung(ringing, left)


def _read_pages(written: str, volumes: int) -> list[tuple[int, int]]:
    try:
        places = [read_place(one) for one in written.split(",")]
        if any(place.volume >= volumes or place.index >= 0 for place in places):
            raise ValueError("no such volume")
    except ValueError as error:
        raise Refusal(400, "query_unreadable", {"name": "at_least", "found": written[:60]}) from error
    return [(place.volume, place.page) for place in places]


AtLeast = Depends(wait_for_page)


@router.get("/v1/position", dependencies=[AtLeast])
async def position(gateway: TheGateway, token: Reader) -> Response:
    """Say which book this is, and how far it has come."""

    def ask() -> dict[str, Any]:
        opening = gateway.book.opening
        return {"title": opening.title, "nature": opening.nature, "sites": token.sites, "sources": token.sources}

    return await answer(gateway, ask)


@router.get("/v1/stock", dependencies=[AtLeast])
async def stock(
    gateway: TheGateway, token: Reader, site: str | None = None, item: str | None = None, lot: str | None = None,
    *, lots: bool = False,
) -> Response:  # fmt: skip
    """Stock in base units by site and item; by lot with `lot` or `lots=true`."""
    require_site(token, site)
    limit = gateway.limits.rows_max

    def ask() -> dict[str, Any]:
        rows = shelf(gateway.book, site=site, item=item, lots=lots or lot is not None)
        seen = [row for row in rows if token.may_see(row.site) and lot in (None, row.lot)]
        return {"rows": [_figures(row) for row in seen[:limit]], "left_out": max(0, len(seen) - limit)}

    return await answer(gateway, ask)


def _figures(row: ShelfRow) -> dict[str, Any]:
    """Write a stock row; what has no meaning for a single lot is left out of it."""
    figures = asdict(row)
    for name in ("designated", "in_transit", "available") if row.lot is not None else ("lot", "expires_on"):
        del figures[name]
    return figures


@router.get("/v1/items/{written:path}", dependencies=[AtLeast])
async def item_meant(gateway: TheGateway, token: Reader, written: str) -> Response:
    """Say what item a name, id, GTIN or recorded synonym means, and its units. 404: nobody has described it."""

    def ask() -> dict[str, Any]:
        facts = item_known(gateway.book, written)
        if facts is None:
            raise Refusal(404, "item_not_described", {"found": written[:200]})
        return {"item": facts.item, "name": facts.name, "unit": facts.base_unit, "packs": facts.packs}

    return await answer(gateway, ask)


@router.get("/v1/entries", dependencies=[AtLeast])
async def entries(
    request: Request, gateway: TheGateway, token: Reader, site: str | None = None, source: str | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Response:  # fmt: skip
    """Entries in book order, volume after volume, after a place: a page, or the `next` of the answer before."""
    require_site(token, site)
    after = request.query_params.get("after", "0")

    def wanted(admitted: AdmittedEntry) -> bool:
        entry = admitted.entry
        return site in (None, entry.site) and source in (None, entry.source) and token.may_see(entry.site)

    def ask() -> dict[str, Any]:
        try:
            last, pages_max = gateway.writer.pages, gateway.limits.pages_searched_max
            with gateway.reading_log() as log:
                found = entries_after(log, read_place(after), last, wanted, limit=limit, pages_max=pages_max)
        except ValueError as error:
            raise Refusal(400, "query_unreadable", {"name": "after", "found": after[:60]}) from error
        return {"entries": [entry.row() for entry in found.entries], "next": found.following}

    return await answer(gateway, ask, of_folds=False)


@router.get("/v1/entries/{site}/{source}/{number}", dependencies=[AtLeast])
async def entry(gateway: TheGateway, token: Reader, site: str, source: str, number: int) -> Response:
    """One entry by its identity, with its bytes as they came and what the book read on its lines."""
    require_site(token, site)

    def ask() -> dict[str, Any]:
        with gateway.writer.reading() as book:
            known = is_admitted(book, site, source, number)
        with gateway.reading_log() as log:
            found = find_entry(log, site, source, number) if known else None
        if found is None:
            raise Refusal(404, "entry_not_found", {"entry": f"{site}/{source}/{number}"[:300]})
        return found.row()

    return await answer(gateway, ask, of_folds=False)


async def answer(gateway: Gateway, ask: Callable[[], dict[str, Any]], *, of_folds: bool = True) -> Response:
    """Answer with what `ask` says and the position it is at. What reads the folds does so between two commits."""

    def both() -> bytes:
        if of_folds:
            with gateway.writer.reading():
                said, at = ask(), gateway.at()
        else:
            with gateway.writer.reading():
                at = gateway.at()
            said = ask()
        return orjson.dumps({**at, **said})

    return Response(await run_in_threadpool(both), media_type="application/json")
