"""A mapping: a TOML file that says which column of a file is which field of a document. It holds no code.

`docs/import.md` shows every key with an example. Errors are `WrongUse` and name the key.
"""

import re
from collections.abc import Iterator
from datetime import datetime, time, tzinfo
from pathlib import Path
from tomllib import TOMLDecodeError, loads
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from ledger.errors import BrokenEnvironment, WrongUse
from ledger.imports.templates import columns_in


class Part(BaseModel):
    """Base of every part of a mapping: unknown keys are refused, so a typing slip is found."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FileForm(Part):
    """How the file is laid out. `columns` names our column and, in order of preference, the headings it may have."""

    format: Literal["csv", "xlsx", "ndjson", "parquet"] | None = None
    sheet: str | None = None
    header_row: int = Field(default=1, ge=1)
    encoding: str = "utf-8-sig"
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    order_by: tuple[str, ...] = ()
    columns: dict[str, tuple[str, ...]]


class FillDown(Part):
    """Merged cells: a blank `column` takes the value above within the block begun where `block` is not blank.

    Only rows in which `needs` is not blank are filled.
    """

    column: str
    block: str
    needs: str


class Derive(Part):
    """Make columns of columns: named groups of `pattern` on `column`, or `set` to a template or by a value map."""

    when: dict[str, re.Pattern[str]] = Field(default_factory=dict)
    column: str = ""
    pattern: re.Pattern[str] | None = None
    set: str = ""
    to: str | None = None
    values: dict[str, str] = Field(default_factory=dict)


class Pairing(Part):
    """Two rows that are the two ends of one transfer: same `on` columns, opposite amounts within `percent`."""

    on: tuple[str, ...]
    quantity: str
    site: str
    percent: int = Field(ge=0, le=100)
    transfer: str
    """Template of the transfer id; `{from}` and `{to}` are the two sites."""


class DocumentForm(Part):
    """What a row becomes when every column in `when` matches its pattern whole. The first form that applies is used."""

    when: dict[str, re.Pattern[str]] = Field(default_factory=dict)
    kind: str
    fields: dict[str, Any] = Field(default_factory=dict)
    lines: tuple[dict[str, Any], ...] = ()


class Mapping(Part):
    """One mapping file."""

    name: str = Field(pattern=r"^[\w][\w\-]{0,40}$")
    epoch: str = Field(default="w1", pattern=r"^\w{1,32}$")
    source: str = ""
    """Template of the source without its epoch; default: the name."""
    site: str
    label: str
    """Template of the reference that leads back to the row; `{row}` is its number in the file."""
    recorded_by: str
    happened_at: str
    recorded_at: str | None = None
    time_of_day: time = time(12)
    offset: str = Field(default="+08:00", pattern=r"^[+-]\d{2}:\d{2}$")
    entries: str | None = None
    describe_new_items: bool = False
    units_finest_first: tuple[str, ...] = ()
    repeat_key: tuple[str, ...] = ()
    file: FileForm
    fill_down: tuple[FillDown, ...] = ()
    derive: tuple[Derive, ...] = ()
    pairing: Pairing | None = None
    document: tuple[DocumentForm, ...] = Field(min_length=1)

    @field_validator("time_of_day", mode="before")
    @classmethod
    def _time_as_text(cls, value: object) -> object:
        return time.fromisoformat(value) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _every_column_is_one(self) -> Self:
        """Refuse a column that neither the file has nor a step makes: a typing slip would be a blank in every row."""
        in_file = set(self.file.columns)
        made = {"row"} | {name for step in self.derive for name in _made_by(step)}
        made |= {"end", "transfer", "other_site"} if self.pairing else set()
        for name in self._read_from_file():
            if name not in in_file:
                raise ValueError(f"the column {name!r} is not in [file.columns]")
        for name in self._read_from_row():
            if name not in in_file | made:
                raise ValueError(f"the column {name!r} is neither in [file.columns] nor derived")
        return self

    def _read_from_file(self) -> Iterator[str]:
        yield from self.file.order_by
        for fill in self.fill_down:
            yield from (fill.column, fill.block, fill.needs)
        if self.pairing:
            yield from (*self.pairing.on, self.pairing.quantity, self.pairing.site)

    def _read_from_row(self) -> Iterator[str]:
        texts = (self.site, self.source, self.label, self.recorded_by, self.happened_at, self.recorded_at or "")
        yield from columns_in(texts)
        yield from self.repeat_key
        for step in self.derive:
            yield from (*step.when, *columns_in(step.to or ""), *([step.column] if step.column else []))
        for form in self.document:
            yield from (*form.when, *columns_in(form.fields), *columns_in(form.lines))

    @property
    def zone(self) -> tzinfo:
        """The offset of times written without one."""
        zone = datetime.fromisoformat(f"2000-01-01T00:00{self.offset}").tzinfo
        assert zone is not None, "the pattern asks for an offset"
        return zone


def _made_by(step: Derive) -> tuple[str, ...]:
    return (step.set or step.column, *(step.pattern.groupindex if step.pattern else ()))


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file. Raises `BrokenEnvironment` when there is none, `WrongUse` when it is not TOML."""
    try:
        return loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BrokenEnvironment("import_file_missing", path=path, found=error.strerror) from error
    except (TOMLDecodeError, UnicodeDecodeError) as error:
        raise WrongUse("mapping_not_toml", path=path, found=error) from error


def read_mapping(path: Path) -> Mapping:
    """Read a mapping file. Raises `WrongUse` naming the first key that cannot mean anything."""
    try:
        return Mapping.model_validate(read_toml(path))
    except ValidationError as error:
        raise mapping_wrong(path, error) from error


def mapping_wrong(path: Path, error: ValidationError) -> WrongUse:
    """Say where a TOML file of ours fails first."""
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    found = repr(first.get("input"))[:120]
    return WrongUse("mapping_wrong", path=path, where=where, expected=first["msg"], found=found)
