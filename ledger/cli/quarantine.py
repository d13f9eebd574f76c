"""Commands about refused documents, kept and explained: `quarantine list`, `show`, `resubmit`."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from ledger.book import Book
from ledger.cli.language import LANG, t
from ledger.cli.options import DEFAULT_BOOK, BookPath, Format, Lang, Shown
from ledger.cli.output import console, notes, print_json, show
from ledger.cli.reading import open_lake, rows_of
from ledger.errors import WrongUse
from ledger.words import say
from schemas.page import Result, Sender

quarantine = typer.Typer(no_args_is_help=True)
_FOR_PROGRAMS = {
    name: name
    for name in (
        "digest", "recorded_at", "sender", "result", "reason", "facts", "site", "source", "number", "times", "status",
        "replaced_by", "document", "why",
    )
}  # fmt: skip
Which = Annotated[str, typer.Argument(help=t("摘要或其开头几位", "Digest, or its first characters"))]


def _in_words(row: dict[str, Any]) -> dict[str, Any]:
    facts = json.loads(row["facts"] or "{}")
    legible = [str(row[name]) for name in ("site", "source", "number") if row[name] is not None]
    why = say(row["reason"], LANG, **facts)
    return row | {"why": why, "short": row["digest"][:12], "entry": "/".join(legible)}


@quarantine.command("list", help=t("列出被拒单据", "What was refused, and why"))
def list_refused(
    every: Annotated[bool, typer.Option("--all", help=t("包括已更正的", "Also those replaced since"))] = False,
    book: BookPath = DEFAULT_BOOK,
    shown: Shown = Format.TABLE,
    lang: Lang = None,
) -> None:
    """List refused documents that still wait for someone."""
    question = "SELECT * FROM quarantine WHERE $1 OR status = 'waiting' ORDER BY recorded_at, page, index"
    rows = [_in_words(row) for row in rows_of(open_lake(book), question, [every])]
    for_people = {
        "short": t("摘要", "digest"), "recorded_at": t("到达", "came"), "entry": t("单号", "entry"),
        "result": t("结果", "result"), "why": t("原因与办法", "why, and what to do"),
    }  # fmt: skip
    show(rows, for_people if shown is Format.TABLE else _FOR_PROGRAMS, shown, t("隔离区", "Quarantine"))


@quarantine.command("show", help=t("查看一份被拒单据", "One refused document, with its bytes"))
def show_refused(digest: Which, book: BookPath = DEFAULT_BOOK, shown: Shown = Format.TABLE, lang: Lang = None) -> None:
    """Show one refused document: reason, sender and the bytes as they came."""
    row = _in_words(_find(book, digest))
    if shown is Format.JSON:
        print_json(row)
        return
    for key in ("digest", "recorded_at", "sender", "result", "times", "status", "replaced_by", "why"):
        console.print(f"[bold]{key}[/]: {row[key]}", highlight=False)
    console.print(str(row["document"]), highlight=False, markup=False)


@quarantine.command("resubmit", help=t("更正后重新提交", "Submit again: as it was, or a corrected file in its place"))
def resubmit(
    digest: Which,
    corrected: Annotated[
        Path | None, typer.Option("--corrected", help=t("更正后的单据(JSON)", "The corrected document (JSON)"))
    ] = None,
    book: BookPath = DEFAULT_BOOK,
    lang: Lang = None,
) -> None:
    """Submit a refused document again. A corrected one names what it replaces. Exit 1 when it is refused again."""
    row = _find(book, digest)
    document = _corrected(corrected, row["digest"]) if corrected else _as_it_came(book, row["digest"])
    opened = Book.open(book, writable=True)
    try:
        answer = opened.submit([document], Sender(name="quarantine"))[0]
    finally:
        opened.close()
    if answer.result in (Result.ADMITTED, Result.ALREADY_ADMITTED):
        notes.print(t(f"✓ 已入账(第 {answer.page} 页)", f"✓ Admitted (page {answer.page})"), style="green")
        return
    why = say(answer.reason.code, LANG, **answer.reason.facts) if answer.reason else answer.result
    notes.print(f"✗ {answer.result}: {why}", style="bold red")
    raise typer.Exit(1)


def _find(book: Path, digest: str) -> dict[str, Any]:
    rows = rows_of(open_lake(book), "SELECT * FROM quarantine WHERE starts_with(digest, ?)", [digest.lower()])
    if len(rows) != 1:
        raise WrongUse("quarantine_not_one", found=str(len(rows)), name=digest)
    return rows[0]


def _as_it_came(book: Path, digest: str) -> bytes:
    opened = Book.open(book)
    kept = opened.log.refused(digest)
    opened.close()
    assert kept is not None, "the lake lists only what the log keeps"
    return kept


def _corrected(file: Path, digest: str) -> bytes:
    try:
        fields = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WrongUse("corrected_unreadable", path=file, found=error) from error
    if not isinstance(fields, dict):
        raise WrongUse("corrected_unreadable", path=file, found=type(fields).__name__)
    return json.dumps(fields | {"replaces": digest}, ensure_ascii=False, separators=(",", ":")).encode()


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(quarantine, name="quarantine", help=t("被拒单据", "Refused documents: list, show, resubmit"))
