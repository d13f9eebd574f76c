"""Admission: what becomes of every document of a submission. Pure and deterministic; its state is a fold of the pages.

`decide` never changes the state it is given; `evolve` takes a page into it, whoever wrote the page. A crash between
the two, a redelivery or a second writer can therefore only produce the same page again.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import ValidationError

from ledger.complaint import complaint
from ledger.routing import volume_of
from ledger.seals import write_page
from projections import catalogue as items
from projections.catalogue import Catalogue
from projections.numbering import Numbering
from projections.reading import read_lines, unread_line
from schemas.corrections import EntryReversed
from schemas.document import EVERY_SITE, LineReading
from schemas.entry import (
    Entry,
    ReversibleEntry,
    is_catalogue_entry,
    is_stock_entry,
    read_entry,
    says_a_key_twice,
)
from schemas.page import (
    FIRST_SEAL,
    AdmittedEntry,
    Opening,
    Page,
    PageHeader,
    Quarantined,
    Reason,
    Refused,
    Result,
    Submission,
)

DOCUMENT_BYTES_MAX = 8_000_000
"""A longer document is unreadable: nothing a person or device writes comes near it."""


@dataclass(slots=True)
class Admission:
    """What admission of one volume knows. A fold of its pages and of nothing else."""

    book: str
    volume: int
    volumes: int = 1
    nature: str = "real"
    page: int = 0
    seal: str = FIRST_SEAL
    seq: int = 0
    recorded_at: datetime | None = None
    submission: int = -1
    sources: dict[tuple[str, str], Numbering] = field(default_factory=dict)
    catalogue: Catalogue = field(default_factory=Catalogue)
    reversed: set[str] = field(default_factory=set)


def open_volume(state: Admission, opening: Opening, submission: Submission) -> Page:
    """Decide the first page of a volume, which says what the book is."""
    assert state.page == 0, "a volume is opened once"
    return Page(_header(state, submission, entries=0, refused=(), readings={}, opening=opening))


def decide(state: Admission, submission: Submission) -> Page:
    """Answer every document of a submission with one result each. The state is not touched."""
    draft = _Draft(state)
    entries: list[AdmittedEntry] = []
    refused: list[Refused] = []
    quarantined: list[Quarantined] = []
    readings: dict[int, tuple[LineReading, ...]] = {}
    for index, raw in enumerate(submission.documents):
        digest = hashlib.sha256(raw)
        answer = draft.answer(raw, digest.digest(), submission)
        if isinstance(answer, AdmittedEntry):
            if answer.readings:
                readings[len(entries)] = answer.readings
            entries.append(answer)
            continue
        result, reason = answer
        refused.append(Refused(index=index, result=result, digest=digest.hexdigest(), reason=reason))
        if reason is not None:
            quarantined.append(Quarantined(digest.hexdigest(), submission.sender.name, result, reason, raw))
    header = _header(state, submission, entries=len(entries), refused=tuple(refused), readings=readings, opening=None)
    return Page(header, tuple(entries), tuple(quarantined))


def evolve(state: Admission, page: Page, seal: str) -> Admission:
    """Take one page into the state. A page already taken changes nothing; one out of its place is a bug or a fork."""
    header = page.header
    if header.page <= state.page:
        return state
    assert header.page == state.page + 1, f"page {header.page} follows {state.page}"
    assert header.previous == state.seal, f"page {header.page} does not continue the chain"
    draft = _Draft(state, in_place=True)
    for admitted in page.entries:
        draft.take(admitted.entry, hashlib.sha256(admitted.raw).digest())
    if header.opening is not None:
        state.volumes = header.opening.volumes
        state.nature = header.opening.nature
    state.page, state.seal, state.submission = header.page, seal, header.submission
    state.seq += header.entries
    state.recorded_at = header.recorded_at
    return state


class _Draft:
    """The state as it would be after the documents answered so far. Copies only what it touches, or works in place."""

    def __init__(self, state: Admission, *, in_place: bool = False) -> None:
        self.state = state
        self.in_place = in_place
        self.seq = state.seq
        self.sources: dict[tuple[str, str], Numbering] = state.sources if in_place else {}
        self.catalogue = state.catalogue
        self.catalogue_is_ours = in_place
        self.reversed = state.reversed if in_place else set()

    def answer(self, raw: bytes, digest: bytes, submission: Submission) -> AdmittedEntry | tuple[Result, Reason | None]:
        """Give the one result a document gets, by the precedence of `Result`."""
        if len(raw) > DOCUMENT_BYTES_MAX:
            return Result.UNREADABLE, Reason(code="document_too_long", facts={"found": str(len(raw))})
        if b"\n" in raw:
            return Result.UNREADABLE, Reason(code="document_has_line_break")
        try:
            entry = read_entry(raw)
        except ValidationError as error:
            return Result.UNREADABLE, complaint(error)
        if says_a_key_twice(raw, entry):
            return Result.UNREADABLE, Reason(code="key_said_twice")
        if entry.site != EVERY_SITE and volume_of(entry.site, self.state.volumes) != self.state.volume:
            return Result.WRONG_VOLUME, Reason(code="wrong_volume", facts={"site": entry.site})
        if not submission.sender.may_write(entry.site, entry.source):
            facts = {"sender": submission.sender.name, "site": entry.site, "source": entry.source}
            return Result.NOT_ENTITLED, Reason(code="not_entitled", facts=facts)
        repeat = self._repeat(entry, digest)
        if repeat is not None:
            return repeat
        reading = self._read(entry)
        if not isinstance(reading, tuple):
            conflict = reading.code in _CONFLICTS
            return (Result.CONFLICTING if conflict else Result.UNCONVERTIBLE), reading
        self.take(entry, digest)
        self.seq += 1
        return AdmittedEntry(self.seq, entry, raw, reading)

    def take(self, entry: Entry, digest: bytes) -> None:
        """Note an admitted entry: its number, and what it says of names or of another entry."""
        self._source(entry).admit(entry.number, digest)
        if type(entry) is EntryReversed:
            self.reversed.add(str(entry.reverses))
        elif is_catalogue_entry(entry):
            if not self.catalogue_is_ours:
                self.catalogue = self.catalogue.copy()
                self.catalogue_is_ours = True
            items.evolve(self.catalogue, entry)

    def _source(self, entry: Entry) -> Numbering:
        key = (entry.site, entry.source)
        numbering = self.sources.get(key)
        if numbering is None:
            known = None if self.in_place else self.state.sources.get(key)
            numbering = self.sources[key] = known.copy() if known else Numbering()
        return numbering

    def _repeat(self, entry: Entry, digest: bytes) -> tuple[Result, Reason | None] | None:
        key = (entry.site, entry.source)
        numbering = self.sources.get(key) or self.state.sources.get(key)
        if numbering is None or numbering.is_new(entry.number):
            return None
        remembered = numbering.remembered(entry.number)
        entry_id = f"{entry.site}/{entry.source}/{entry.number}"
        if remembered is None:
            return Result.TOO_OLD, Reason(code="too_old", facts={"entry": entry_id, "last": str(numbering.last)})
        if remembered == digest[: len(remembered)]:
            return Result.ALREADY_ADMITTED, None
        return Result.CONFLICTING, Reason(code="number_reused", facts={"entry": entry_id})

    def _read(self, entry: Entry) -> tuple[LineReading, ...] | Reason:
        if is_stock_entry(entry):
            return read_lines(self.catalogue, entry)
        if type(entry) is EntryReversed:
            return self._objection_to_reversal(entry) or entry.readings
        if is_catalogue_entry(entry):
            return items.objection(self.catalogue, entry) or ()
        return ()

    def _objection_to_reversal(self, entry: EntryReversed) -> Reason | None:
        target = str(entry.reverses)
        if target in self.reversed or target in self.state.reversed:
            return Reason(code="reversed_already", facts={"entry": target})
        try:
            original = read_entry(entry.original)
        except ValidationError:
            return Reason(code="reversal_unreadable", facts={"entry": target})
        if "\n" in entry.original or says_a_key_twice(entry.original.encode(), original):
            return Reason(code="reversal_unreadable", facts={"entry": target})
        identity = (original.site, original.source, original.number)
        if not isinstance(original, ReversibleEntry) or original.site != entry.site:
            return Reason(code="not_reversible", facts={"entry": target, "found": original.kind})
        if identity != (entry.reverses.site, entry.reverses.source, entry.reverses.number):
            return Reason(code="reversal_of_another", facts={"expected": target, "found": "/".join(map(str, identity))})
        unread = unread_line(self.catalogue, original, entry.readings)
        if unread is not None:
            return Reason(code="reversal_unread", facts={"entry": target, "line": str(unread)})
        return self._reversal_differs(entry, target)

    def _reversal_differs(self, entry: EntryReversed, target: str) -> Reason | None:
        """Compare with the digest remembered. An original not yet here may still come."""
        numbering = self.sources.get((entry.site, entry.reverses.source)) or self.state.sources.get(
            (entry.site, entry.reverses.source)
        )
        if numbering is None or numbering.is_new(entry.reverses.number):
            return None
        remembered = numbering.remembered(entry.reverses.number)
        found = hashlib.sha256(entry.original.encode()).digest()
        if remembered is not None and remembered != found[: len(remembered)]:
            return Reason(code="reversal_differs", facts={"entry": target})
        return None


_CONFLICTS = frozenset(
    {
        "base_unit_changed", "name_taken", "pack_not_whole", "reversed_already", "reversal_unreadable",
        "not_reversible", "reversal_of_another", "reversal_differs", "reversal_unread", "pack_said_twice",
        "kits_wrong_way", "kit_bill_differs", "kit_bill_changed", "kit_component_twice",
    }
)  # fmt: skip
"""Reasons by which a readable document contradicts the book; the others are about units and names."""


def _header(
    state: Admission,
    submission: Submission,
    *,
    entries: int,
    refused: tuple[Refused, ...],
    readings: dict[int, tuple[LineReading, ...]],
    opening: Opening | None,
) -> PageHeader:
    recorded_at = submission.appended_at
    if state.recorded_at is not None and recorded_at < state.recorded_at:
        recorded_at = state.recorded_at  # a clock set back never makes the book run backwards
    return PageHeader(
        book=state.book, volume=state.volume, page=state.page + 1, previous=state.seal, submission=submission.position,
        recorded_at=recorded_at, sender=submission.sender.name, first_seq=state.seq + 1, entries=entries,
        refused=refused, readings=readings, opening=opening,
    )  # fmt: skip


__all__ = ["Admission", "decide", "evolve", "open_volume", "write_page"]
