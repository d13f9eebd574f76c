"""The parts every document (单据) shares: identity, clocks, references, lines. It knows no entry family."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from operator import attrgetter
from typing import Annotated, Literal, TypeVar, cast, dataclass_transform

import pydantic
from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    Strict,
    StringConstraints,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

LINE_QUANTITY_MAX = 10_000_000_000
"""Base units one line may carry. Larger figures in real inputs (1e14 masks offered) were poison, never goods."""

EVERY_SITE = "*"
"""The site of entries that concern the whole book: items, synonyms, sites, policy."""

SiteId = Annotated[str, StringConstraints(pattern=r"^[\w][\w.\-]{0,63}$")]
"""A place goods are at. Never `*`: goods are somewhere."""
SourceId = Annotated[str, StringConstraints(pattern=r"^[\w][\w\-]{0,63}\.[\w]{1,32}$")]
"""A device, desk or import with the epoch minted when its counter started: `dev-17.k3f9`."""

Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"\S")]
Code = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^\S+$")]
LotId = Annotated[str, StringConstraints(max_length=64)]
Text = Annotated[str, StringConstraints(max_length=2000)]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256 over the bytes as received, lower-case hexadecimal."""

Quantity = Annotated[int, Field(ge=0, le=LINE_QUANTITY_MAX)]
"""A whole number of the unit written beside it (A11)."""
QuantityMoved = Annotated[int, Field(ge=1, le=LINE_QUANTITY_MAX)]
"""A movement of nothing is not a movement: at least one."""
Fen = Annotated[int, Field(ge=0, le=10**15)]
"""Money in whole fen (分), one hundredth of a yuan."""


@dataclass(frozen=True, slots=True)
class _WrittenAs:
    """One way to write a clock: what else pydantic would take ("1580263200", "2020-01-29_10:00z"), SQL reads otherwise.

    The pattern is matched by pydantic's core: a function of Python would cost every line half a microsecond.
    """

    pattern: str
    code: str
    like: str

    def __get_pydantic_core_schema__(self, kind: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        text = core_schema.str_schema(pattern=self.pattern)
        written = core_schema.custom_error_schema(text, self.code, custom_error_message=f"is written {self.like}")
        read = handler(kind)
        return core_schema.json_or_python_schema(core_schema.chain_schema([written, read]), read)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        assert schema["type"] == "json-or-python"
        return handler(schema["python_schema"])


_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_HOUR = r"[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})"
Moment = Annotated[
    AwareDatetime,
    Strict(False),
    _WrittenAs(f"^{_DAY}T{_HOUR}$", "moment_badly_written", "2020-01-29T10:00:00+08:00"),
]
"""A moment with its offset (A10)."""
Day = Annotated[date, Strict(False), _WrittenAs(f"^{_DAY}$", "day_badly_written", "2020-01-29")]
"""A calendar day."""


_STRICT = ConfigDict(extra="forbid", strict=True)


class Wire(BaseModel):
    """Base of all that is read from or written to the wire: frozen, strict, no unknown fields."""

    model_config = _STRICT | ConfigDict(frozen=True)


Kind = TypeVar("Kind")


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(Field,))
def wire_line(kind: type[Kind]) -> type[Kind]:
    """Make a class a line of documents, as frozen and strict as `Wire`. A page holds thousands: a model each would be
    several times the memory, and reading and folding would wait for it.
    """
    made = pydantic.dataclasses.dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
    return cast("type[Kind]", made(kind))


class Reference(Wire):
    """A paper kept with the entry, by its text and the hash of its content (A8)."""

    role: Literal["order", "delivery_note", "acceptance_sheet", "approval", "handover", "disclosure", "import", "other"]
    text: Name
    sha256: Digest | None = None


class EntryRef(Wire):
    """Names one entry of the book by its identity: site, source, number."""

    site: SiteId
    source: SourceId
    number: int = Field(ge=1, le=2**53)

    def __str__(self) -> str:
        """Write the reference as people quote it: `site/source/number`."""
        return f"{self.site}/{self.source}/{self.number}"


class Pack(Wire):
    """How many of a smaller unit one unit of this line holds: 箱 × 2000 = 个 (A11)."""

    size: int = Field(ge=1, le=LINE_QUANTITY_MAX)
    unit: Name


@wire_line
class Line:
    """One line of a document. Its number is minted where the document was made and never changes."""

    line: int = Field(ge=1, le=100_000)
    item: Name
    """Item id, a recorded synonym of it, or a GTIN of it."""
    unit: Name
    lot: LotId = ""
    """Empty: the lot is not known."""


@wire_line
class MovedLine(Line):
    """A line by which goods move: how much, and what a pack holds when it is written in packs."""

    quantity: QuantityMoved
    pack: Pack | None = None


@wire_line
class LineReading:
    """What admission read on one line: the item meant, base units per unit written, and why it is held (A3)."""

    line: int = Field(ge=1)
    item: Name
    factor: Annotated[int, Field(ge=1)]
    party: Name | None = None
    """The receiver meant, when the document wrote it another way (a recorded synonym)."""
    hold: (
        Literal[
            "inspection_failed", "awaiting_disinfection", "awaiting_identification", "no_registration",
            "no_certificate", "damaged",
        ] | None
    ) = None  # fmt: skip

    def written(self) -> dict[str, object]:
        """Return what it says, as it stands on the page."""
        return {name: said for name, said in asdict(self).items() if said is not None}


_number = attrgetter("line")


class Document(Wire):
    """One immutable business document about one site; (site, source, number) is its identity."""

    site: SiteId
    source: SourceId
    number: int = Field(ge=1, le=2**53)
    happened_at: Moment
    """When it happened in the world, with its offset (A10). When it was recorded is for the page to say."""
    happened_since: Moment | None = None
    """Only when a period is all that is known: its start; `happened_at` is then its end."""
    recorded_by: Name
    """Who wrote it down: a role or staff number (A5, F13)."""
    references: tuple[Reference, ...] = ()
    replaces: Digest | None = None
    """The digest of a quarantined document this one corrects."""
    note: Text | None = None

    @model_validator(mode="after")
    def _period_runs_forward(self) -> "Document":
        since: datetime | None = self.happened_since
        if since is not None and since > self.happened_at:
            raise PydanticCustomError("period_backwards", "happened_since is after happened_at")
        return self

    @model_validator(mode="after")
    def _a_line_number_names_one_line(self) -> "Document":
        lines: tuple[Line, ...] = getattr(self, "lines", ())
        if len(lines) > 1 and len(set(map(_number, lines))) != len(lines):
            raise PydanticCustomError("line_number_repeated", "a line number is used twice")
        return self
