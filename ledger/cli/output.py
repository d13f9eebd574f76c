"""How commands show rows, notes and progress. Rows go to standard output, everything else to standard error."""

import csv
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from ledger.cli.language import t
from ledger.cli.options import Format

_WIDTH_OF_A_FILE = 200
_ONE_WORD_MAX = 40
"""Characters up to which a cell without a space is kept in one piece."""
_asked = os.environ.get("COLUMNS", "")
_width = int(_asked) if _asked.isdecimal() else _WIDTH_OF_A_FILE
console = Console() if sys.stdout.isatty() else Console(width=_width)
notes = Console(stderr=True, highlight=False) if sys.stderr.isatty() else Console(stderr=True, width=_width)


def show(rows: Sequence[Mapping[str, object]], columns: Mapping[str, str], shown: Format, title: str = "") -> None:
    """Show rows. `columns` maps the key of each column to its heading; programs get the keys, people the headings."""
    match shown:
        case Format.JSON:
            print_json([{key: row.get(key) for key in columns} for row in rows])
        case Format.CSV:
            writer = csv.writer(sys.stdout)
            writer.writerow(columns)
            writer.writerows([_cell(row.get(key)) for key in columns] for row in rows)
        case Format.TABLE:
            _show_table(rows, columns, title)


def _show_table(rows: Sequence[Mapping[str, object]], columns: Mapping[str, str], title: str) -> None:
    table = Table(title=title or None, title_justify="left", header_style="bold", box=SIMPLE_HEAD, pad_edge=False)
    cells = [[_cell(row.get(key), people=True) for key in columns] for row in rows]
    for place, (key, heading) in enumerate(columns.items()):
        number = any(isinstance(row.get(key), int) for row in rows)
        a_date = any(isinstance(row.get(key), date) for row in rows)
        one_word = all(" " not in line[place] and len(line[place]) <= _ONE_WORD_MAX for line in cells)
        whole = number or a_date or one_word
        table.add_column(heading, justify="right" if number else "left", overflow="fold", no_wrap=whole)
    for line in cells:
        table.add_row(*line)
    console.print(table)
    console.print(t(f"{len(rows)} 行", f"{len(rows)} row{'' if len(rows) == 1 else 's'}"), style="dim")


def print_json(value: object) -> None:
    """Print one JSON value as it is read by programs."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=_plain) + "\n")


def _cell(value: object, *, people: bool = False) -> str:
    match value:
        case None:
            return ""
        case bool():
            return t("是", "yes") if value else t("否", "no")
        case int() if people:
            return f"{value:,}"
        case datetime():
            return f"{value:%Y-%m-%d %H:%M}" if people else value.isoformat()
        case date():
            return value.isoformat()
        case list() | tuple():
            return ", ".join(_cell(v, people=people) for v in value)
        case _:
            return str(value)


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Iterable):
        return list(value)
    return str(value)


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on standard error for anything that may take more than a second; yield how to move it: (done, of)."""
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=notes, transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)
