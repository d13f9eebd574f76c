"""Files as rows: csv, xlsx, NDJSON and Parquet give the same thing, text by column. Nothing is understood here.

A line without any content is no row; it still counts in the numbering, so a row keeps the number people see.
"""

import csv
import hashlib
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

import orjson
from python_calamine import CalamineError, CalamineWorkbook

from ledger.errors import BrokenEnvironment, WrongUse
from ledger.imports.mapping import FileForm
from ledger.imports.parquet import ParquetFile
from ledger.imports.templates import Cells
from projections.catalogue import lookup_key

_INVISIBLE = str.maketrans({"\u200b": None, "\ufeff": None, "\xa0": " "})


class Row(NamedTuple):
    """One row: its number in the file and its cells by our column names. A blank cell is an empty text."""

    number: int
    cells: Cells


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal. Raises `BrokenEnvironment` when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BrokenEnvironment("import_file_missing", path=path, found=error.strerror) from error


def read_rows(path: Path, form: FileForm) -> Iterator[Row]:
    """Yield the rows of a file. Raises `BrokenEnvironment` when it cannot be read, `WrongUse` for a lost column."""
    kind = form.format or path.suffix.lower().lstrip(".").replace("jsonl", "ndjson")
    if not path.exists():
        raise BrokenEnvironment("import_file_missing", path=path, found="-")
    match kind:
        case "csv" | "tsv":
            rows = _table(_read_csv(path, form), path, form)
        case "xlsx" | "xls" | "ods":
            rows = _table(_read_sheet(path, form), path, form)
        case "ndjson":
            return _ordered(_read_ndjson(path, form), form)
        case "parquet":
            return _read_parquet(path, form)
        case _:
            raise WrongUse("import_format_unknown", path=path, found=kind)
    return _ordered(rows, form)


def _ordered(rows: Iterator[Row], form: FileForm) -> Iterator[Row]:
    if not form.order_by:
        return rows
    return iter(sorted(rows, key=lambda row: [row.cells.get(column, "") for column in form.order_by]))


def _places(headings: Sequence[str], path: Path, form: FileForm) -> list[tuple[str, int]]:
    """Find each of our columns among the headings, by the first of its names that is there."""
    known = {lookup_key(heading): i for i, heading in reversed(list(enumerate(headings)))}
    places = []
    for column, names in form.columns.items():
        place = next((known[key] for name in names if (key := lookup_key(name)) in known), None)
        if place is None:
            expected, found = " / ".join(names), ", ".join(h for h in headings if h)
            raise WrongUse("import_column_missing", path=path, column=column, expected=expected, found=found)
        places.append((column, place))
    return places


def _table(lines: Iterable[tuple[int, Sequence[str]]], path: Path, form: FileForm) -> Iterator[Row]:
    numbered = iter(lines)
    headings = next((cells for number, cells in numbered if number == form.header_row), None)
    if headings is None:
        raise WrongUse("import_header_missing", path=path, expected=form.header_row)
    places = _places(headings, path, form)
    width = 1 + max(place for _, place in places)
    for number, cells in numbered:
        if not any(cells):
            continue
        padded = cells if len(cells) >= width else [*cells, *[""] * (width - len(cells))]
        yield Row(number, {column: _clean(padded[place]) for column, place in places})


def _clean(cell: str) -> str:
    return (cell if cell.isascii() else cell.translate(_INVISIBLE)).strip()


def _read_csv(path: Path, form: FileForm) -> Iterator[tuple[int, Sequence[str]]]:
    try:
        with path.open(encoding=form.encoding, newline="") as file:
            yield from enumerate(csv.reader(file, delimiter=form.delimiter), start=1)
    except (csv.Error, UnicodeDecodeError) as error:
        raise BrokenEnvironment("import_file_unreadable", path=path, found=error) from error


def _read_sheet(path: Path, form: FileForm) -> Iterator[tuple[int, Sequence[str]]]:
    try:
        book = CalamineWorkbook.from_path(path)
    except (CalamineError, zipfile.BadZipFile, OSError) as error:
        raise BrokenEnvironment("import_file_unreadable", path=path, found=error) from error
    if form.sheet is not None and form.sheet not in book.sheet_names:
        raise WrongUse("import_sheet_missing", path=path, expected=form.sheet, found=", ".join(book.sheet_names))
    rows = book.get_sheet_by_name(form.sheet or book.sheet_names[0]).to_python(skip_empty_area=False)
    for number, cells in enumerate(rows, start=1):
        yield number, [_as_text(cell) for cell in cells]


def _as_text(cell: object) -> str:
    """Write a spreadsheet's value as people see it: 41.0 is 41, a date is a date."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime) and not (cell.hour or cell.minute or cell.second):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def _read_ndjson(path: Path, form: FileForm) -> Iterator[Row]:
    """One JSON object a line. A line that is none is a row whose every column is blank: admission says so."""
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                read = orjson.loads(line)
            except orjson.JSONDecodeError:
                read = {}
            said = read if isinstance(read, dict) else {}
            yield Row(number, {column: _first_of(said, names) for column, names in form.columns.items()})


def _first_of(said: dict[str, object], names: Sequence[str]) -> str:
    return next((_clean(_json_text(said[name])) for name in names if name in said), "")


def _json_text(value: object) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else orjson.dumps(value).decode()


def _read_parquet(path: Path, form: FileForm) -> Iterator[Row]:
    file = ParquetFile(path)
    places = _places(file.headings, path, form)
    order = [file.headings[dict(places)[column]] for column in form.order_by]
    for number, cells in file.rows(order):
        yield Row(number, {column: _clean(cells[place]) for column, place in places})
