"""Commands that bring documents to the book: submit, scan, reverse; and token, which says who may.

Documents go through an outbox first, so that nothing saved is lost and nothing sent twice counts twice.
"""

import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from ledger.cli.language import LANG, t
from ledger.cli.options import DEFAULT_BOOK, BookPath, Format, Lang, Shown
from ledger.cli.output import notes, progress, show
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


def submit(
    file: Annotated[Path | None, typer.Argument(help=t("NDJSON 文件;- 为标准输入", "NDJSON file; - for stdin"))] = None,
    via: Via = None,
    token_file: TokenPath = None,
    book: BookPath = DEFAULT_BOOK,
    outbox: OutboxPath = None,
    source: Source = None,
    recorded_at: Annotated[
        datetime | None,
        typer.Option(
            "--recorded-at", formats=["%Y-%m-%dT%H:%M:%S%z"], help=t("演练:记录时间", "Rehearsal: time recorded")
        ),
    ] = None,
    shown: Shown = Format.TABLE,
    lang: Lang = None,
) -> None:
    """Submit documents, one a line. Those without a number get one. Exit 1 when any was quarantined."""
    box = open_outbox(via, book, outbox, source)
    places, known = box.add_lines(_lines(file)) if file is not None else ([s.place for s in box.pending(1_000_000)], 0)
    if known:
        said = f"其中 {known} 份早已在发件箱,不重编号", f"{known} of them were in the outbox already: not numbered anew"
        notes.print(t(*said))
    with carrier(via, token_file, book, recorded_at=recorded_at) as way, progress(t("提交", "Submitting")) as bar:
        total = box.waiting()
        box.deliver(way, lambda answered: bar(answered, total))
    saved = box.at(places)
    box.close()
    show_answers(saved, shown)
    exit_with(saved)


def reverse(
    entry: Annotated[str, typer.Argument(help=t("单号:站点/来源/编号", "Entry: site/source/number"))],
    reason: Annotated[str, typer.Option("--reason", help=t("红冲原因", "Why it is reversed"))],
    by: By = "desk",
    via: Via = None,
    token_file: TokenPath = None,
    book: BookPath = DEFAULT_BOOK,
    outbox: OutboxPath = None,
    source: Source = None,
    shown: Shown = Format.TABLE,
    lang: Lang = None,
) -> None:
    """Reverse an entry (红冲): the original stays, and an entry that undoes it is added. Exit 1 when it is refused."""
    site, of_source, number = _identity(entry)
    with carrier(via, token_file, book) as way:
        found = _look_up(way, site, of_source, number)
        box = open_outbox(via, book, outbox, source)
        fields = {
            "happened_at": moment_now(), "recorded_by": by, "reason": reason, "original": found["document"],
            "reverses": {"site": site, "source": of_source, "number": number}, "readings": found["readings"],
        }  # fmt: skip
        box.add("entry_reversed.v1", site, fields)
        box.deliver(way)
    saved = box.latest(1)
    box.close()
    show_answers(saved, shown)
    exit_with(saved)


def exit_with(saved: Sequence[Saved]) -> None:
    """End with 1 when the book did not admit all of them."""
    if any(one.result not in DELIVERED for one in saved):
        raise typer.Exit(1)


def _look_up(way: Carrier, site: str, source: str, number: int) -> dict[str, Any]:
    """Return an entry's own bytes and readings from wherever this command writes to."""
    from ledger.gateway.finding import find_entry, is_admitted

    if isinstance(way, Courier):
        found = way.ask(f"/v1/entries/{site}/{source}/{number}")
    else:
        assert isinstance(way, BookCarrier)
        held = is_admitted(way.book, site, source, number)
        entry = find_entry(way.book.log, site, source, number) if held else None
        found = entry.row() if entry is not None else None
    if found is None:
        raise WrongUse("entry_not_found", entry=f"{site}/{source}/{number}")
    return found


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


def _secret(token_file: Path | None) -> str:
    secret = _read(token_file).decode("utf-8", "replace").strip() if token_file is not None else ""
    if not secret:
        raise WrongUse("token_file_missing", path=token_file or "--token-file")
    return secret


def _lines(file: Path) -> list[bytes]:
    return (sys.stdin.buffer.read() if str(file) == "-" else _read(file)).split(b"\n")


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise BrokenEnvironment("file_unreadable", path=file, found=error.strerror or error) from error


def _identity(written: str) -> tuple[str, str, int]:
    site, _, rest = written.partition("/")
    source, _, number = rest.partition("/")
    if not (site and source and number.isdecimal()):
        raise WrongUse("entry_name_unreadable", found=written)
    return site, source, int(number)


def moment_now() -> str:
    """Return the moment it is, with its offset, as documents say it."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


def token_add(
    name: Annotated[str, typer.Argument(help=t("名称:设备或人员岗位", "Name: a device or a role"))],
    site: Annotated[
        list[str] | None, typer.Option("--site", help=t("站点(可多次;默认全部)", "Site (repeatable; default all)"))
    ] = None,
    source: Annotated[
        list[str] | None, typer.Option("--source", help=t("来源(可多次;默认全部)", "Source (repeatable; default all)"))
    ] = None,
    read_only: Annotated[bool, typer.Option("--read-only", help=t("只可查询", "May only read"))] = False,
    book: BookPath = DEFAULT_BOOK,
    lang: Lang = None,
) -> None:
    """Issue a token. The secret is printed once, on standard output, and kept nowhere."""
    from ledger.tokens import TokenFile

    if not book.is_dir():
        raise BrokenEnvironment("book_missing", path=book)
    secret = TokenFile.of(book).add(name, tuple(site or ()), tuple(source or ()), read_only=read_only)
    notes.print(t(f"✓ 令牌 {name}:只显示这一次,请妥善保存。", f"✓ Token {name}: shown this once, keep it safe."))
    sys.stdout.write(secret + "\n")


def token_list(book: BookPath = DEFAULT_BOOK, shown: Shown = Format.TABLE, lang: Lang = None) -> None:
    """Show every token and what it may do; no secret is kept that could be shown."""
    from ledger.tokens import TokenFile

    columns = {
        "name": t("名称", "name"), "sites": t("站点", "sites"), "sources": t("来源", "sources"),
        "may_read": t("可查", "reads"), "may_write": t("可记", "writes"),
    }  # fmt: skip
    show([token.model_dump() for token in TokenFile.of(book).tokens], columns, shown, t("令牌", "Tokens"))


def token_remove(
    name: Annotated[str, typer.Argument(help=t("名称", "Name"))], book: BookPath = DEFAULT_BOOK, lang: Lang = None
) -> None:
    """Withdraw a token. A running gateway refuses it from the next request on."""
    from ledger.tokens import TokenFile

    TokenFile.of(book).remove(name)
    notes.print(t(f"✓ 已收回令牌 {name}", f"✓ Token {name} withdrawn"))


def register(app: typer.Typer) -> None:
    """Add these commands."""
    from ledger.cli.scan import scan

    app.command("submit", help=t("提交单据(NDJSON)", "Submit documents (NDJSON)"))(submit)
    app.command("scan", help=t("用扫描枪记单", "Record documents with a barcode scanner"))(scan)
    app.command("reverse", help=t("红冲一份单据", "Reverse an entry"))(reverse)
    tokens = typer.Typer(no_args_is_help=True, help=t("网关令牌", "Tokens of the gateway"))
    tokens.command("add", help=t("发放令牌", "Issue a token"))(token_add)
    tokens.command("list", help=t("列出令牌", "List tokens"))(token_list)
    tokens.command("remove", help=t("收回令牌", "Withdraw a token"))(token_remove)
    app.add_typer(tokens, name="token")
