"""How commands make entries and bring them to the book: through an outbox, so that each is numbered and saved first."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from ledger.cli.language import LANG, t
from ledger.cli.options import Format
from ledger.cli.output import show
from ledger.courier import BookCarrier, Courier
from ledger.errors import BrokenEnvironment, WrongUse
from ledger.outbox import DELIVERED, Carrier, Outbox, Saved

DEFAULT_OUTBOX = Path("outbox.sqlite3")
_SEND_ATTEMPTS = 6
Via = Annotated[str | None, typer.Option("--via", help=t("经网关提交:网址", "Submit through the gateway at this URL"))]
TokenPath = Annotated[
    Path | None, typer.Option("--token-file", envvar="BAOGONG_TOKEN_FILE", help=t("令牌文件", "File with the token"))
]
OutboxPath = Annotated[
    Path | None,
    typer.Option("--outbox", help=t("发件箱(默认在当前文件夹或账本内)", "Outbox (default: here, or in the book)")),
]
Source = Annotated[
    str | None, typer.Option("--source", help=t("新发件箱的来源名称", "Source name of a new outbox; an epoch is added"))
]
By = Annotated[str, typer.Option("--by", help=t("记账人:岗位或工号", "Who records it: role or staff number"))]


@dataclass(frozen=True, slots=True)
class Way:
    """Which way an entry goes: through a gateway with a token, or into the book itself; and the outbox it leaves."""

    via: str | None
    token_file: Path | None
    book: Path
    outbox: Path | None
    source: str | None


def enter(way: Way, kind: str, site: str, fields: Mapping[str, Any], shown: Format) -> None:
    """Make one entry that happened now, send it, and show what became of it. Exit 1 when the book refused it."""
    with carrier(way.via, way.token_file, way.book) as road:
        saved = send_entry(way, road, kind, site, fields)
    show_answers(saved, shown)
    exit_with(saved)


def send_entry(way: Way, road: Carrier, kind: str, site: str, fields: Mapping[str, Any]) -> list[Saved]:
    """Save one entry that happened now in the outbox and bring it to the book on a road already open."""
    box = open_outbox(way.via, way.book, way.outbox, way.source)
    try:
        box.add(kind, site, {"happened_at": moment_now(), **fields})
        box.deliver(road)
        return box.latest(1)
    finally:
        box.close()


def open_outbox(via: str | None, book: Path, outbox: Path | None, source: str | None) -> Outbox:
    """Open the outbox named, else `./outbox.sqlite3` on the way to a gateway, else the one inside the book."""
    return Outbox(outbox or (DEFAULT_OUTBOX if via else book / "outbox.sqlite3"), source)


@contextmanager
def carrier(
    via: str | None,
    token_file: Path | None,
    book: Path,
    *,
    recorded_at: datetime | None = None,
    attempts: int = _SEND_ATTEMPTS,
) -> Generator[Carrier]:
    """Give the way to the book: the gateway named, else the book itself, opened for writing.

    `recorded_at` is the time recorded to ask of a rehearsal.
    """
    from ledger.book import Book
    from schemas.page import Sender

    if via is not None:
        with Courier(via, _secret(token_file), attempts=attempts, recorded_at=recorded_at) as courier:
            yield courier
        return
    opened = Book.open(book, writable=True)
    try:
        yield BookCarrier(opened, Sender(name="desk"), recorded_at)
    finally:
        opened.close()


def show_answers(saved: Sequence[Saved], shown: Format) -> None:
    """Show what became of documents, one row each, with the reason and what to do."""
    columns = {
        "entry": t("单号", "entry"), "result": t("结果", "result"), "seq": t("账序", "seq"), "page": t("账页", "page"),
        "reason": t("原因与办法", "reason"), "digest": t("摘要", "digest"),
    }  # fmt: skip
    if shown is Format.TABLE:
        del columns["digest"]
    show([_row(one) for one in saved], columns, shown, t("提交结果", "Answers"))


def _row(saved: Saved) -> dict[str, object]:
    from ledger.gateway.submissions import entry_named

    answer = saved.answer or {}
    reason = answer.get("reason") or {}
    return {
        "entry": entry_named(saved.document) or "?", "result": saved.result or t("待发", "waiting"),
        "seq": answer.get("seq"), "page": answer.get("page"), "digest": answer.get("digest"),
        "reason": reason.get(LANG, reason.get("code", "")),
    }  # fmt: skip


def exit_with(saved: Sequence[Saved]) -> None:
    """End with 1 when the book did not admit all of them."""
    if any(one.result not in DELIVERED for one in saved):
        raise typer.Exit(1)


def _secret(token_file: Path | None) -> str:
    secret = read_file(token_file).decode("utf-8", "replace").strip() if token_file is not None else ""
    if not secret:
        raise WrongUse("token_file_missing", path=token_file or "--token-file")
    return secret


def read_file(file: Path) -> bytes:
    """Return the bytes of a file the user named. Raises `BrokenEnvironment`."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise BrokenEnvironment("file_unreadable", path=file, found=error.strerror or error) from error


def moment_now() -> str:
    """Return the moment it is, with its offset, as documents say it."""
    return datetime.now().astimezone().isoformat(timespec="seconds")
