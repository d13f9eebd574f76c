"""`POST /v1/submissions`: documents in, one answer for each, given when it is durable. Bytes are kept as they came."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from datetime import datetime

import orjson
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from ledger.book import Answer, Letter
from ledger.courier import RECORDED_AT
from ledger.gateway.entitlement import Writing
from ledger.gateway.limits import Limits, Refusal, in_words
from ledger.gateway.state import Gateway, TheGateway
from ledger.gateway.writer import Answered
from schemas.document import EVERY_SITE
from schemas.page import Result

_NDJSON = frozenset({"", "application/x-ndjson", "application/ndjson", "application/jsonl", "application/jsonlines"})
_SMALL = 200
"""Documents that are split and answered in the event loop; more go to a thread, so that others are not kept waiting."""

_DECODER = json.JSONDecoder()
_SPACES = frozenset(" \t\r\n")

router = APIRouter()


@router.post("/v1/submissions")
async def submit(request: Request, gateway: TheGateway, token: Writing) -> Response:
    """Admit documents: NDJSON or a JSON array. 200 with one answer a document; 403 when none was entitled."""
    recorded_at = _recorded_at(request, gateway)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await _body(request, gateway.limits)
    if kind in _NDJSON:
        documents = split_lines(body)
    elif kind == "application/json":
        documents = await run_in_threadpool(split_array, body)
    else:
        raise Refusal(415, "content_type_unknown", {"found": kind})
    if not documents:
        raise Refusal(400, "submission_empty")
    if len(documents) > gateway.limits.documents_max:
        facts = {"found": str(len(documents)), "limit": str(gateway.limits.documents_max)}
        raise Refusal(413, "documents_too_many", facts)
    letter = Letter(token.sender(), tuple(documents), recorded_at)
    answered = await asyncio.wrap_future(gateway.writer.put(letter))
    status = 403 if all(a.result is Result.NOT_ENTITLED for a in answered.answers) else 200
    if len(documents) <= _SMALL:
        content = write_answers(gateway.book.id, documents, answered)
    else:
        content = await run_in_threadpool(write_answers, gateway.book.id, documents, answered)
    return Response(content, status, media_type="application/json")


def split_lines(body: bytes) -> list[bytes]:
    r"""Split NDJSON on \n alone; blank lines are nobody's document."""
    lines = (line.removesuffix(b"\r") for line in body.split(b"\n"))
    return [line for line in lines if line.strip()]


def split_array(body: bytes) -> list[bytes]:
    """Put each element of a JSON array on a line of its own, otherwise as it came. Raises `Refusal` 400.

    Elements are cut out, not parsed and written again: that would lose a field said twice, or digits of a number.
    A line break in valid JSON only ever stands between tokens, where a space means the same.
    """
    try:
        return list(_elements(body.decode().strip()))
    except (ValueError, RecursionError) as error:
        raise Refusal(400, "json_unreadable", {"found": str(error)[:200]}) from error


def _elements(text: str) -> Iterator[bytes]:
    if not text:
        return
    if not text.startswith("["):
        raise ValueError(f"expected an array, found {text[:20]}")
    place = _skip(text, 1)
    if text[place:] == "]":
        return
    while True:
        _, end = _DECODER.raw_decode(text, place)
        yield text[place:end].replace("\n", " ").replace("\r", " ").encode()
        place = _skip(text, end)
        if text[place:] == "]":
            return
        if text[place : place + 1] != ",":
            raise ValueError(f"expected , or ] at character {place}")
        place = _skip(text, place + 1)


def _skip(text: str, place: int) -> int:
    while text[place : place + 1] in _SPACES:
        place += 1
    return place


async def _body(request: Request, limits: Limits) -> bytes:
    """Read the body, but never more of it than the limit. Raises `Refusal` 413 with what was found."""
    stated = request.headers.get("content-length", "")
    if stated.isdecimal() and int(stated) > limits.body_bytes_max:
        raise _too_long(stated, limits)
    pieces: list[bytes] = []
    size = 0
    try:
        async for piece in request.stream():
            size += len(piece)
            if size > limits.body_bytes_max:
                raise _too_long(f"≥ {size}", limits)
            pieces.append(piece)
    except ClientDisconnect as error:  # part of a submission is none: it comes again, whole
        raise Refusal(400, "submission_cut", {"found": str(size)}) from error
    return b"".join(pieces)


def _too_long(found: str, limits: Limits) -> Refusal:
    # The connection stays: uvicorn reads the rest of the body away. Closed under a sender still sending, it would be
    # reset, and the refusal lost with it.
    return Refusal(413, "body_too_long", {"found": found, "limit": str(limits.body_bytes_max)})


def _recorded_at(request: Request, gateway: Gateway) -> datetime | None:
    written = request.headers.get(RECORDED_AT)
    if written is None:
        return None
    if gateway.book.opening.nature != "rehearsal":
        raise Refusal(400, "recorded_at_in_a_real_book")
    try:
        moment = datetime.fromisoformat(written)
    except ValueError as error:
        raise Refusal(400, "moment_unreadable", {"name": RECORDED_AT, "found": written[:60]}) from error
    if moment.tzinfo is None:
        raise Refusal(400, "moment_unreadable", {"name": RECORDED_AT, "found": written[:60]})
    return moment


def write_answers(book: str, documents: Sequence[bytes], answered: Answered) -> bytes:
    """Write the answers to a submission, in order, and the position at which readers see all of it."""
    rows = [_row(raw, answer) for raw, answer in zip(documents, answered.answers, strict=True)]
    position = {str(volume): page for volume, page in answered.pages.items()}
    return orjson.dumps({"book": book, "position": position, "answers": rows})


def _row(raw: bytes, answer: Answer) -> dict[str, object]:
    reason = in_words(answer.reason.code, answer.reason.facts) if answer.reason else None
    return {
        "index": answer.index, "result": answer.result.value, "entry": entry_named(raw), "volume": answer.volume,
        "page": answer.page, "seq": answer.seq, "digest": answer.digest, "reason": reason,
    }  # fmt: skip


def entry_named(raw: bytes) -> str | None:
    """Return the identity a document claims, `site/source/number`, when it can be read."""
    try:
        document = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(document, dict):
        return None
    source, number = document.get("source"), document.get("number")
    if not isinstance(source, str) or not isinstance(number, int):
        return None
    return f"{document.get('site', EVERY_SITE)}/{source}/{number}"
