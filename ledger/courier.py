"""Carries documents to the book, over HTTP to a gateway or straight in, and brings back one answer each.

It keeps nothing: what it has not brought an answer for is still in the outbox.
"""

import hashlib
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import orjson
import stamina

from ledger.book import Answer, Book
from ledger.errors import BrokenEnvironment
from ledger.words import LANGUAGES, say
from schemas.page import Sender

RECORDED_AT = "Baogong-Recorded-At"
"""Header by which a rehearsal is told the time recorded."""
_SECONDS_AN_ATTEMPT = 30
_WAIT_SECONDS_MAX = 10
_RETRY_AFTER_SECONDS_MAX = 60
_DENIED = (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN)
_LOOPBACK = re.compile(r"https?://(127\.0\.0\.1|localhost|\[::1\])(:|/|$)")

logging.getLogger("stamina").addHandler(logging.NullHandler())  # tries are told by their outcome, not one by one


class TooMuch(Exception):
    """The documents are more than the book takes at once: send fewer. No failure."""


@dataclass(slots=True)
class NotNow(Exception):
    """The gateway asks to come again later."""

    status: int
    said: str
    after_seconds: int | None = None


class Courier:
    """A connection to one gateway."""

    def __init__(self, url: str, token: str, *, attempts: int = 8, recorded_at: datetime | None = None) -> None:
        """`attempts` bounds the tries of one batch; between them it waits longer and longer, with jitter.

        `recorded_at` is the time recorded to ask of a rehearsal; a real book refuses it.
        """
        self.url = url.rstrip("/")
        self.attempts = attempts
        self.client = httpx.Client(
            headers=_headers(token, recorded_at), timeout=_SECONDS_AN_ATTEMPT,
            # A proxy meant for the world is of no use on the way to this machine itself.
            trust_env=not _LOOPBACK.match(url),
            # Certificates take long to load, and plain HTTP has none to check.
            verify=not url.startswith("http://"),
        )  # fmt: skip

    def __enter__(self) -> Self:
        """Use as `with Courier(url, token) as courier`."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close the connection."""
        self.client.close()

    def carry(self, documents: Sequence[bytes], waiting: int, outbox: Path) -> list[dict[str, Any]]:
        """Send documents as one submission. Raises `BrokenEnvironment` when tries are used up or the token is refused.

        A token refused for all of them leaves them waiting: with the right one they are admitted.
        """
        facts = {"url": self.url, "waiting": waiting, "path": outbox}
        try:
            answer = self._post(b"\n".join(documents))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise BrokenEnvironment("gateway_unreachable", found=str(error) or type(error).__name__, **facts) from error
        except NotNow as error:
            raise BrokenEnvironment("gateway_unreachable", found=f"{error.status} {error.said}", **facts) from error
        if answer.status_code in _DENIED:
            raise BrokenEnvironment("gateway_denied", status=answer.status_code, found=_said(answer), **facts)
        answers = _answers_to(documents, answer)
        if answers is not None:
            return answers
        if answer.status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE:
            raise TooMuch
        raise BrokenEnvironment("gateway_unintelligible", status=answer.status_code, found=_said(answer), **facts)

    def ask(self, path: str) -> dict[str, Any] | None:
        """Ask the gateway; None when it does not know. Raises `BrokenEnvironment`."""
        facts: dict[str, object] = {"url": self.url, "waiting": 0, "path": "-"}
        try:
            answer = self.client.get(f"{self.url}{path}")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise BrokenEnvironment("gateway_unreachable", found=error, **facts) from error
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        said = _object(answer)
        if answer.is_success and said is not None:
            return said
        code = "gateway_denied" if answer.status_code in _DENIED else "gateway_unintelligible"
        raise BrokenEnvironment(code, status=answer.status_code, found=_said(answer), **facts)

    def _post(self, body: bytes) -> httpx.Response:
        tries = stamina.retry_context(
            on=_worth_another_try, attempts=self.attempts, timeout=None, wait_max=_WAIT_SECONDS_MAX
        )
        for attempt in tries:
            with attempt:
                answer = self.client.post(
                    f"{self.url}/v1/submissions", content=body, headers={"Content-Type": "application/x-ndjson"}
                )
                if answer.status_code == httpx.codes.TOO_MANY_REQUESTS or answer.is_server_error:
                    after = answer.headers.get("retry-after", "")
                    raise NotNow(answer.status_code, _said(answer), int(after) if after.isdecimal() else None)
                return answer
        raise AssertionError("the last attempt returns or raises")


class BookCarrier:
    """The way straight into a book this process has open for writing."""

    def __init__(self, book: Book, sender: Sender, recorded_at: datetime | None = None) -> None:
        self.book = book
        self.sender = sender
        self.recorded_at = recorded_at

    def carry(self, documents: Sequence[bytes], waiting: int, outbox: Path) -> list[dict[str, Any]]:
        """Submit documents as one submission."""
        return [plain_answer(answer) for answer in self.book.submit(documents, self.sender, self.recorded_at)]


def _headers(token: str, recorded_at: datetime | None) -> dict[str, str]:
    headers = {"Authorization": f"Bearer {token}"}
    return headers if recorded_at is None else headers | {RECORDED_AT: recorded_at.isoformat()}


def plain_answer(answer: Answer) -> dict[str, Any]:
    """Write an answer of the book as the gateway does."""
    reason = None
    if answer.reason is not None:
        code, facts = answer.reason.code, answer.reason.facts
        reason = {"code": code, "facts": facts, **{lang: say(code, lang, **facts) for lang in LANGUAGES}}
    return {
        "index": answer.index, "result": answer.result.value, "volume": answer.volume, "page": answer.page,
        "seq": answer.seq, "digest": answer.digest, "reason": reason,
    }  # fmt: skip


def _worth_another_try(error: Exception) -> bool | float:
    match error:
        case NotNow(after_seconds=int() as seconds):
            return float(min(seconds, _RETRY_AFTER_SECONDS_MAX))
        case NotNow() | httpx.TransportError():
            return not isinstance(error, httpx.UnsupportedProtocol)
        case _:
            return False


def _answers_to(documents: Sequence[bytes], answer: httpx.Response) -> list[dict[str, Any]] | None:
    """Return the answers, when there is one for each document and each names its digest; else None."""
    said = _object(answer)
    answers = said.get("answers") if said is not None else None
    if not isinstance(answers, list) or len(answers) != len(documents):
        return None
    for document, one in zip(documents, answers, strict=True):
        if not isinstance(one, dict) or one.get("digest") != hashlib.sha256(document).hexdigest():
            return None
        if not isinstance(one.get("result"), str):
            return None
    return answers


def _object(answer: httpx.Response) -> dict[str, Any] | None:
    try:
        said = orjson.loads(answer.content)
    except orjson.JSONDecodeError:
        return None
    return said if isinstance(said, dict) else None


def _said(answer: httpx.Response) -> str:
    said = _object(answer) or {}
    error = said.get("error")
    match said.get("answers"):
        case [{"reason": dict() as reason}, *_]:
            error = reason
        case _:
            pass
    return str(error["en"]) if isinstance(error, dict) and "en" in error else f"HTTP {answer.status_code}"
