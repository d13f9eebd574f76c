"""Options every command takes, so that they mean the same everywhere."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ledger.book import ZONE
from ledger.cli.language import t
from ledger.lake.clocks import Clocks


class Format(StrEnum):
    """How rows are shown: a table for people, CSV and JSON for programs."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


BookPath = Annotated[
    Path,
    typer.Option("--book", envvar="BAOGONG_BOOK", help=t("账本所在文件夹", "Folder of the book"), show_default=True),
]
DEFAULT_BOOK = Path("book")
Shown = Annotated[Format, typer.Option("--format", help=t("输出格式", "How to show rows"))]
Lang = Annotated[
    str | None, typer.Option("--lang", help=t("语言:zh 或 en(默认随系统)", "Language: zh or en (default: locale)"))
]
"""Read before commands are built (see language.py); declared here so that every command accepts and documents it."""
Site = Annotated[str | None, typer.Option("--site", help=t("只看一个站点", "One site only"))]
Item = Annotated[str | None, typer.Option("--item", help=t("只看一种物资", "One item only"))]
_MOMENTS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"]
HappenedBy = Annotated[
    datetime | None,
    typer.Option("--happened-by", formats=_MOMENTS, help=t("只计至此时已发生的", "As of: what had happened by then")),
]
KnownBy = Annotated[
    datetime | None,
    typer.Option("--known-by", formats=_MOMENTS, help=t("只计至此时已记账的", "As known at: recorded by then")),
]


def clocks(happened_by: datetime | None, known_by: datetime | None) -> Clocks | None:
    """Return the two clocks a question is asked over, in the book's own zone unless said; None when it is about now."""
    asked = [m.replace(tzinfo=m.tzinfo or ZONE) if m else None for m in (happened_by, known_by)]
    return Clocks(*asked) if any(asked) else None
