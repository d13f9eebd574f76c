"""Commands that report: `report daily` (日报), on screen or as a spreadsheet."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, cast

import typer
from duckdb import DuckDBPyConnection

from ledger.cli.language import LANG, t
from ledger.cli.options import DEFAULT_BOOK, BookPath, Format, Lang, Shown
from ledger.cli.output import notes, show
from ledger.cli.reading import open_lake, rows_of
from ledger.errors import WrongUse
from ledger.report import DAILY_COLUMNS, daily, write_spreadsheet

report = typer.Typer(no_args_is_help=True)


@report.command("daily", help=t("日报:收、发、存", "Received, issued and stock of a day, per item and site"))
def daily_report(
    day: Annotated[
        str | None, typer.Option("--day", help=t("日期,默认账本当日", "Day; the book's own when absent"))
    ] = None,
    known_at: Annotated[datetime | None, typer.Option("--known-at", help=t("按何时所知", "As known at"))] = None,
    xlsx: Annotated[Path | None, typer.Option("--xlsx", help=t("写成表格文件", "Write a spreadsheet"))] = None,
    book: BookPath = DEFAULT_BOOK,
    shown: Shown = Format.TABLE,
    lang: Lang = None,
) -> None:
    """Show or write the daily report (I1)."""
    lake = open_lake(book)
    asked = book_day_or(lake, day)
    rows = daily(lake, asked, known_at.astimezone() if known_at else None)
    title = t(f"{asked} 收发存日报", f"Daily report {asked}")
    if xlsx is not None:
        write_spreadsheet(rows, xlsx, title, LANG)
        notes.print(t(f"✓ 已写 {xlsx}({len(rows)} 行)", f"✓ Wrote {xlsx} ({len(rows)} rows)"))
        return
    show(rows, {key: zh if LANG == "zh" else en for key, (zh, en) in DAILY_COLUMNS.items()}, shown, title)


def book_day_or(lake: DuckDBPyConnection, written: str | None) -> date:
    """Return the day asked for; the book's own when none is. Raises `WrongUse` for what is no day."""
    if written is None:
        return cast("date", rows_of(lake, "SELECT book_day() AS day")[0]["day"])
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise WrongUse("day_unreadable", found=written) from error


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(report, name="report", help=t("报表", "Reports"))
