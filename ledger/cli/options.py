"""Options every command takes, so that they mean the same everywhere."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ledger.cli.language import t


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
