"""Commands about gifts: `trace` (追溯), `report gifts` (捐赠一日一汇总), `report shortages` (短缺清单)."""

from datetime import datetime
from typing import Annotated

import typer

from ledger.book import Book
from ledger.cli.language import LANG, t
from ledger.cli.options import DEFAULT_BOOK, BookPath, Format, Lang, Shown
from ledger.cli.output import show
from ledger.cli.reading import open_lake
from ledger.cli.reporting import book_day_or, report
from ledger.errors import WrongUse
from ledger.tracing import GIFT_DAY_COLUMNS, TRACE_COLUMNS, gifts_of_day, traced_from, traced_to
from projections.shortages import matches, shortages

_ENDS = {
    "in_stock": ("在库", "in stock"),
    "in_transit": ("在途", "in transit"),
    "issued": ("已发出", "issued"),
    "passed_on": ("直达", "passed on"),
    "adjusted": ("盘亏核减", "adjusted away"),
}
_ON_SCREEN = ("donor", "received_on", "handover", "item", "quantity", "end", "receiver", "on", "approval", "signed_by")
"""What a person sees; programs get every column."""
_DONOR = t("捐赠人(匿名:anonymous)", "Donor (of nobody known: anonymous)")


def trace(
    donor: Annotated[str | None, typer.Option("--donor", help=_DONOR)] = None,
    receiver: Annotated[str | None, typer.Option("--receiver", help=t("最终受赠方", "Final receiver"))] = None,
    book: BookPath = DEFAULT_BOOK,
    shown: Shown = Format.TABLE,
    lang: Lang = None,
) -> None:
    """Show where every unit of a donor went, or where every unit of a receiver came from (B5)."""
    if (donor is None) == (receiver is None):
        raise WrongUse("trace_one_end")
    lake = open_lake(book)
    rows = traced_from(lake, donor) if donor is not None else traced_to(lake, str(receiver))
    columns = {key: zh if LANG == "zh" else en for key, (zh, en) in TRACE_COLUMNS.items()}
    if shown is Format.TABLE:
        rows = [row | {"end": t(*_ENDS[row["end"]]), "receiver": row["receiver"] or row["where"]} for row in rows]
        columns = {key: columns[key] for key in _ON_SCREEN}
    title = t(f"追溯:{donor or receiver}", f"Trace of {donor or receiver}")
    show(rows, columns, shown, title)


@report.command("gifts", help=t("捐赠一日一汇总:收、发、存", "A day of gifts per donor and item"))
def gifts_report(
    day: Annotated[
        str | None, typer.Option("--day", help=t("日期,默认账本当日", "Day; the book's own when absent"))
    ] = None,
    known_at: Annotated[datetime | None, typer.Option("--known-at", help=t("按何时所知", "As known at"))] = None,
    book: BookPath = DEFAULT_BOOK,
    shown: Shown = Format.TABLE,
    lang: Lang = None,
) -> None:
    """Show a day of gifts per donor and item (B4)."""
    lake = open_lake(book)
    asked = book_day_or(lake, day)
    rows = [row._asdict() for row in gifts_of_day(lake, asked, known_at.astimezone() if known_at else None)]
    rows = [row | {"donor": row["donor"] or t("匿名", "anonymous")} for row in rows]
    columns = {key: zh if LANG == "zh" else en for key, (zh, en) in GIFT_DAY_COLUMNS.items()}
    show(rows, columns, shown, t(f"{asked} 捐赠汇总", f"Gifts of {asked}"))


@report.command("shortages", help=t("短缺清单与可匹配的捐赠意向", "What stores lack, and offers that fit"))
def shortages_report(book: BookPath = DEFAULT_BOOK, shown: Shown = Format.TABLE, lang: Lang = None) -> None:
    """Show the shortage list with matching offers (B10)."""
    opened = Book.open(book)
    lacking = shortages(opened.folds.alerts)
    offers = matches(lacking, opened.folds.chapters.donations)
    opened.close()
    rows: list[dict[str, object]] = []
    for short in lacking:
        about = {"site": short.site, "item": short.item, "short_by": short.short_by, "available": short.available}
        fitting = [m for m in offers if m.shortage == short]
        rows += [{**about, "gift": m.gift, "donor": m.donor, "quantity": m.quantity} for m in fitting] or [about]
    columns = {
        "site": t("站点", "site"), "item": t("物资", "item"), "short_by": t("缺口", "short by"),
        "available": t("可用", "available"), "gift": t("捐赠意向", "gift offered"), "donor": t("捐赠人", "donor"),
        "quantity": t("可匹配(空:数量未报)", "would fill (blank: not stated)"),
    }  # fmt: skip
    show(rows, columns, shown, t("短缺清单", "Shortage list"))


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("trace", help=t("捐赠追溯:从捐赠人到受赠方,或反向", "Gifts from donor to receiver, or back"))(trace)
