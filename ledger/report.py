"""Reports from the book (I1): the daily report as rows and as a sheet to print. Asked again, the same bytes (I3)."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from duckdb import DuckDBPyConnection

from ledger.errors import BrokenEnvironment

DAILY_COLUMNS = {
    "site": ("站点", "Site"),
    "item": ("物资", "Item"),
    "item_name": ("名称", "Name"),
    "unit": ("单位", "Unit"),
    "opening": ("上日结存", "Opening"),
    "received": ("收入", "Received"),
    "issued": ("发出", "Issued"),
    "returned": ("退库", "Returned"),
    "moved": ("调拨", "Transferred"),
    "adjusted": ("盘盈亏", "Adjusted"),
    "closing": ("结存", "Closing"),
}
"""Columns of the daily report in Chinese and English."""


def daily(lake: DuckDBPyConnection, day: date, known_by: datetime | None = None) -> list[dict[str, Any]]:
    """Return the rows of a day's report, as known at a moment (default: all that is known)."""
    found = lake.execute("FROM daily_report($1::DATE, coalesce($2::TIMESTAMPTZ, 'infinity'))", [day, known_by])
    names = [c[0] for c in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def write_spreadsheet(rows: Sequence[Mapping[str, Any]], to: Path, title: str, lang: str) -> None:
    """Write rows as a sheet for printing: landscape A4, headings on every page, totals left to the reader's eye."""
    if to.exists():
        raise BrokenEnvironment("export_exists", path=to)
    with xlsxwriter.Workbook(str(to)) as book:
        book.set_properties({"title": title, "created": datetime(2020, 1, 1, tzinfo=UTC)})  # same rows, same bytes
        bold = book.add_format({"bold": True, "bottom": 1})
        whole = book.add_format({"num_format": "#,##0"})
        sheet = book.add_worksheet("日报" if lang == "zh" else "Daily")
        sheet.write(0, 0, title, book.add_format({"bold": True, "font_size": 14}))
        for column, (key, (zh, en)) in enumerate(DAILY_COLUMNS.items()):
            sheet.write(2, column, zh if lang == "zh" else en, bold)
            for line, row in enumerate(rows, start=3):
                sheet.write(line, column, row[key], whole if isinstance(row[key], int) else None)
        sheet.set_column(0, len(DAILY_COLUMNS) - 1, 12)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.repeat_rows(2)
        sheet.freeze_panes(3, 2)
