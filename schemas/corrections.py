"""Corrections are entries (红冲, A9): a reversal names the entry it undoes and carries it whole."""

from typing import Literal

from pydantic import Field

from schemas.document import Document, EntryRef, LineReading, Name


class EntryReversed(Document):
    """Undo one entry of the same site. The entry travels inside, verbatim, so that undoing it needs no search (A9).

    `readings` repeats what the book read on its lines when it was admitted, so a catalogue changed since then
    cannot make the reversal undo more or less than was done.
    """

    kind: Literal["entry_reversed.v1"] = "entry_reversed.v1"
    reverses: EntryRef
    reason: Name
    original: str = Field(min_length=2, max_length=8_000_000)
    readings: tuple[LineReading, ...] = ()
    corrected_by: EntryRef | None = None
    """The entry that says it right, when there is one: the public list shows both values (B8)."""
