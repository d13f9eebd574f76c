"""A page (账页): the admitted entries of one submission, in order, sealed. And what it says of all it did not admit."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, NamedTuple

from pydantic import AwareDatetime, Field

from schemas.document import EVERY_SITE, Digest, LineReading, Name, Text, Wire
from schemas.entry import Entry

FIRST_SEAL = "0" * 64
"""What stands for the seal of the page before the first."""


class Result(StrEnum):
    """Every answer a document can get, in order of precedence: the first that applies is the one given."""

    UNREADABLE = "unreadable"
    WRONG_VOLUME = "wrong_volume"
    NOT_ENTITLED = "not_entitled"
    ALREADY_ADMITTED = "already_admitted"
    CONFLICTING = "conflicting"
    TOO_OLD = "too_old"
    UNCONVERTIBLE = "unconvertible"
    ADMITTED = "admitted"


class Reason(Wire):
    """Why a document was not admitted: a code with its facts. The words, Chinese and English, are the door's."""

    code: str
    facts: dict[str, str] = Field(default_factory=dict)


class Sender(Wire):
    """Who sent a submission and what they may write: sites and source prefixes, `*` for all (promise 7)."""

    name: Name
    sites: tuple[Name, ...] = (EVERY_SITE,)
    sources: tuple[Name, ...] = ("*",)

    def may_write(self, site: str, source: str) -> bool:
        """Tell whether this sender may write entries of `source` about `site`."""
        if EVERY_SITE not in self.sites and site not in self.sites:
            return False
        device, _, _ = source.partition(".")
        return "*" in self.sources or source in self.sources or device in self.sources


class Refused(Wire):
    """One document of a submission that made no entry: place, result, digest, and the reason if it is kept apart."""

    index: int = Field(ge=0)
    result: Result
    digest: Digest
    reason: Reason | None = None


class PagePlace(Wire):
    """One page of a book, by its place and its seal."""

    volume: int = Field(ge=0)
    page: int = Field(ge=1)
    seal: Digest


class Continued(Wire):
    """What the first pages of a new edition say of the one it continues: its name and where each volume ended."""

    book: Name
    edition: int = Field(ge=2)
    """The number of the new one; the first edition of a book says none."""
    last: tuple[PagePlace, ...] = Field(min_length=1)


class Opening(Wire):
    """What the first page says of the book: real or rehearsal (演练), and how many volumes this edition has."""

    nature: Literal["real", "rehearsal"]
    volumes: int = Field(ge=1, le=1024)
    title: Text = ""
    continues: Continued | None = None


class PageHeader(Wire):
    """First line of a page."""

    format: Literal["baogong.page.v1"] = "baogong.page.v1"
    book: Name
    volume: int = Field(ge=0)
    page: int = Field(ge=1)
    previous: Digest
    """Seal of the page before: what chains them."""
    submission: int = Field(ge=0)
    """Position of the submission in its log."""
    recorded_at: AwareDatetime
    """Append time of the submission (A10)."""
    sender: Name
    first_seq: int = Field(ge=1)
    """Sequence number, in this volume, of the first entry on this page."""
    entries: int = Field(ge=0)
    refused: tuple[Refused, ...] = ()
    readings: dict[int, tuple[LineReading, ...]] = Field(default_factory=dict)
    """By index of the entry on this page: lines whose item, unit or hold had to be read from the catalogue."""
    opening: Opening | None = None
    carried: PagePlace | None = None
    """In a new edition: the page of the edition before that these entries stood on."""


class AdmittedEntry(NamedTuple):
    """One entry as it stands on its page."""

    seq: int
    entry: Entry
    raw: bytes
    """The document's bytes as received."""
    readings: tuple[LineReading, ...] = ()


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A refused document, kept whole (promise 6)."""

    digest: str
    sender: str
    result: Result
    reason: Reason
    raw: bytes


@dataclass(frozen=True, slots=True)
class Page:
    """A page that has been decided or read back, with its entries understood."""

    header: PageHeader
    entries: tuple[AdmittedEntry, ...] = ()
    quarantined: tuple[Quarantined, ...] = ()
    """Only on a page just decided: the log keeps these apart."""


@dataclass(frozen=True, slots=True)
class Submission:
    """Documents sent in one message, as the bytes that came."""

    position: int
    appended_at: AwareDatetime
    sender: Sender
    documents: tuple[bytes, ...]
