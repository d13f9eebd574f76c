"""Commands about working days: `calendar record`, an entry like any other, and `calendar list`."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from ledger.cli.entering import By, OutboxPath, Source, TokenPath, Via, Way, enter
from ledger.cli.language import t
from ledger.cli.options import DEFAULT_BOOK, BookPath, Format, Lang, Shown
from ledger.cli.output import show

calendar = typer.Typer(no_args_is_help=True)


@calendar.command("record", help=t("记入一年的工作日历", "Record the working-day calendar of a year"))
def record(
    year: Annotated[int, typer.Argument(help=t("年份", "Year"))],
    file: Annotated[
        Path | None,
        typer.Option("--file", help=t("holiday-cn 的年度文件", "A year's file of holiday-cn; else a package")),
    ] = None,
    published: Annotated[
        datetime | None,
        typer.Option("--published", help=t("公布日期", "When it was published; else as the source says")),
    ] = None,
    by: By = "desk",
    via: Via = None,
    token_file: TokenPath = None,
    book: BookPath = DEFAULT_BOOK,
    outbox: OutboxPath = None,
    source: Source = None,
    shown: Shown = Format.TABLE,
    lang: Lang = None,
) -> None:
    """Record a calendar with its version (F10). An earlier version stays what was known before."""
    from ledger.book import ZONE
    from ledger.errors import WrongUse
    from ledger.holiday_calendars import from_file, from_package

    found = from_file(file) if file else from_package(year)
    if found.year != year:
        raise WrongUse("calendar_of_another_year", expected=year, found=found.year)
    said = published.replace(tzinfo=published.tzinfo or ZONE) if published else found.published_at
    fields = found.fields(said or datetime.now(ZONE).replace(microsecond=0)) | {"recorded_by": by}
    enter(Way(via, token_file, book, outbox, source), "calendar_published.v1", "*", fields, shown)


@calendar.command("list", help=t("账内的工作日历", "Calendars in the book, every version"))
def list_calendars(book: BookPath = DEFAULT_BOOK, shown: Shown = Format.TABLE, lang: Lang = None) -> None:
    """List every calendar recorded, with its version and when it was published."""
    from ledger.standing import open_standing

    opened = open_standing(book)
    known = sorted(opened.volumes[0].chapters.standing.calendars, key=lambda c: (c.year, c.published_at))
    opened.close()
    rows = [
        {"year": str(c.year), "version": c.version, "published_at": c.published_at, "days_off": len(c.days_off),
         "make_up_days": len(c.make_up_days)}
        for c in known
    ]  # fmt: skip
    columns = {
        "year": t("年份", "year"), "version": t("版本", "version"), "published_at": t("公布", "published"),
        "days_off": t("放假天数", "days off"), "make_up_days": t("调休上班天数", "make-up days"),
    }  # fmt: skip
    show(rows, columns, shown, t("工作日历", "Calendars"))


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(calendar, name="calendar", help=t("工作日历", "Working-day calendars"))
