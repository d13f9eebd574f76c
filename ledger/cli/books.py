"""Commands about a whole book: init, verify, rebuild, export."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ledger.book import ZONE
from ledger.cli.language import t
from ledger.cli.options import DEFAULT_BOOK, BookPath, Format, Lang, Shown
from ledger.cli.output import notes, progress, show
from ledger.errors import Damage, WrongUse
from ledger.standing import open_book, open_to_keep


class ExportKind(StrEnum):
    """What an export is written as."""

    DUCKDB = "duckdb"
    PARQUET = "parquet"


def init(
    book: BookPath = DEFAULT_BOOK,
    rehearsal: Annotated[
        bool, typer.Option("--rehearsal", help=t("演练账本", "A rehearsal (演练), not the real book"))
    ] = False,
    opened_at: Annotated[
        datetime | None,
        typer.Option("--opened-at", help=t("演练账本的起点时刻", "When a rehearsal begins, to replay the past")),
    ] = None,
    title: Annotated[str, typer.Option("--title", help=t("账本名称", "What the book is of"))] = "",
    lang: Lang = None,
) -> None:
    """Open a new book, real or rehearsal."""
    if opened_at is not None and not rehearsal:
        raise WrongUse("recorded_at_in_a_real_book")
    begin = opened_at.replace(tzinfo=opened_at.tzinfo or ZONE) if opened_at else None
    nature = "rehearsal" if rehearsal else "real"
    book_id = open_book(book, nature=nature, title=title, opened_at=begin)
    said = t("演练", "rehearsal") if rehearsal else t("正式", "real")
    notes.print(t(f"✓ 已建账 {book_id}({said}):{book}", f"✓ Opened {said} book {book_id} at {book}"))


def verify(book: BookPath = DEFAULT_BOOK, shown: Shown = Format.TABLE, lang: Lang = None) -> None:
    """Check seals and chain, and that live folds = replay = SQL, key by key. Exit 1 when anything differs."""
    from ledger.verification import verify as check

    _make_first_lake(book)
    with progress(t("核对", "Verifying")) as bar:
        report = check(book, bar)
    columns = {
        "name": t("核对项", "check"), "compared": t("比较数", "compared"), "differing": t("不符数", "differing"),
        "first_difference": t("首个不符", "first difference"),
    }  # fmt: skip
    rows = [
        {"name": r.name, "compared": r.compared, "differing": r.differing, "first_difference": r.first_difference}
        for r in report.rows
    ]
    show(rows, columns, shown, t("核对结果", "Verification"))
    if not report.ok:
        notes.print(t("✗ 有不符", "✗ Something differs"), style="bold red")
        raise typer.Exit(1)
    notes.print(t("✓ 账、折叠、SQL 三方一致", "✓ Book, folds and SQL agree"), style="bold green")


def _make_first_lake(book: Path) -> None:
    """Make the lake of a book nobody has asked by SQL yet: that is no fault. A lake that is there is left as it is."""
    from ledger.lake import catch_up
    from ledger.lake.catalogue import exists
    from ledger.lake.files import folder_of

    if not book.is_dir() or folder_of(book).exists() or exists(folder_of(book)):
        return
    try:
        with progress(t("建立数据湖", "Making the lake")) as bar:
            catch_up(book, bar)
    except Damage:
        notes.print(t("账有损坏,未能建立数据湖。", "The book is damaged; no lake could be made."), style="yellow")


def rebuild(book: BookPath = DEFAULT_BOOK, lang: Lang = None) -> None:
    """Throw away snapshots and lake, and compute them again from the book."""
    from ledger.lake import rebuild as rebuild_lake

    opened = open_to_keep(book)
    opened.forget_snapshots()
    opened.close()
    opened = open_to_keep(book)
    with progress(t("重建", "Rebuilding")) as bar:
        rebuild_lake(book, bar)
    opened.save_snapshots()
    notes.print(t("✓ 已重建快照与数据湖", "✓ Snapshots and lake rebuilt"))
    opened.close()


def export(
    to: Annotated[Path, typer.Argument(help=t("输出文件或文件夹", "File or folder to write"))],
    kind: Annotated[ExportKind, typer.Option("--as", help=t("导出形式", "What to write"))] = ExportKind.DUCKDB,
    pages: Annotated[
        bool, typer.Option("--pages", help=t("加封的原页,可迁往别处", "The sealed pages, to keep or to move the book"))
    ] = False,
    book: BookPath = DEFAULT_BOOK,
    lang: Lang = None,
) -> None:
    """Write the book for others: one DuckDB file, Parquet tables, or with --pages the book itself."""
    if pages:
        from ledger.moving import export_pages

        whole = export_pages(book, to)
        notes.print(
            t(
                f"✓ 已导出 {whole.book} 的 {whole.pages} 页与 {whole.refused} 份隔离原文到 {to}",
                f"✓ Exported {whole.pages} pages of {whole.book} and {whole.refused} refused documents to {to}",
            )
        )
        return
    from ledger.export import export_lake

    written = export_lake(book, to, parquet=kind is ExportKind.PARQUET)
    notes.print(t(f"✓ 已导出 {written} 项到 {to}", f"✓ Exported {written} to {to}"))


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("init", help=t("建立新账本", "Open a new book"))(init)
    app.command("verify", help=t("核对封印、折叠与 SQL", "Check seals, folds and SQL against each other"))(verify)
    app.command("rebuild", help=t("重建快照与数据湖", "Throw away snapshots and lake and compute them again"))(rebuild)
    app.command("export", help=t("导出账本", "Write the book for others"))(export)
