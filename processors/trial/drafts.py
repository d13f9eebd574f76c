"""Drafts of documents, and how they become bytes: numbers minted in order, labels resolved, batches as they are sent.

Knows the wire only by its field names; what a document means is the book's to say.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from processors.trial.materials import Device

UNDERWAY = timedelta(minutes=10)
"""How long a document takes from the world into the book unless the script says otherwise."""


@dataclass(slots=True)
class Draft:
    """A document to be: all but its number. `recorded` is when the book gets it, `minted` when its number is made."""

    kind: str
    site: str
    device: Device
    at: datetime
    fields: dict[str, Any] = field(default_factory=dict)
    recorded: datetime | None = None
    minted: datetime | None = None
    sent_again: datetime | None = None
    label: str = ""
    lost: bool = False
    unsigned: bool = False
    number_of: str = ""
    words: str = ""
    expected: str = "admitted"

    def arrives(self) -> datetime:
        """Return when the book gets it."""
        return self.recorded or self.at + UNDERWAY


@dataclass(frozen=True, slots=True)
class Written:
    """A document as it is sent: its bytes, its identity (empty when it has none) and the result it must get."""

    identity: str
    raw: bytes
    expected: str


@dataclass(frozen=True, slots=True)
class Batch:
    """What one source sends at one moment."""

    device: Device
    recorded_at: datetime
    documents: tuple[Written, ...]


@dataclass(frozen=True, slots=True)
class Numbered:
    """A draft with its number and what was written of it."""

    draft: Draft
    written: Written
    number: int


class Scribe:
    """Writes drafts down in the order their numbers are made, as devices do."""

    def __init__(self) -> None:
        self.last: defaultdict[tuple[str, str], int] = defaultdict(int)
        self.labelled: dict[str, Numbered] = {}

    def write(self, draft: Draft) -> Numbered:
        """Mint the number, resolve labels, make the bytes."""
        if draft.words:
            made = Numbered(draft, Written("", draft.words.encode(), draft.expected), 0)
        else:
            number = self._number(draft)
            made = Numbered(
                draft, Written(_identity(draft, number), self._bytes(draft, number), draft.expected), number
            )
        if draft.label:
            self.labelled[draft.label] = made
        return made

    def _number(self, draft: Draft) -> int:
        if draft.number_of:
            return self.labelled[draft.number_of].number
        key = (draft.site, draft.device.source)
        self.last[key] += 1
        return self.last[key]

    def _bytes(self, draft: Draft, number: int) -> bytes:
        document = {
            "kind": f"{draft.kind}.v1", "site": draft.site, "source": draft.device.source, "number": number,
            "happened_at": draft.at.isoformat(), "recorded_by": draft.device.staff, **self._resolved(draft.fields),
        }  # fmt: skip
        for name in ("reverses", "answers"):
            if name in document:
                named = self.labelled[document[name]]
                document[name] = _reference(named)
                if name == "reverses":
                    document["original"] = named.written.raw.decode()
        return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()

    def _resolved(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Write `@label` as a reference to that document, and `@label/` as its identity in words."""
        return {name: self._reference(value) if _names(value) else value for name, value in fields.items()}

    def _reference(self, named: str) -> object:
        made = self.labelled[named.strip("@/")]
        return made.written.identity if named.endswith("/") else _reference(made)


def _names(value: object) -> bool:
    return isinstance(value, str) and value.startswith("@")


def batches(drafts: Iterable[Draft]) -> tuple[tuple[Batch, ...], dict[str, Written]]:
    """Write all drafts; return what is sent, in order of arrival, and the labelled documents."""
    scribe = Scribe()
    written = [scribe.write(draft) for draft in sorted(drafts, key=lambda d: (d.minted or d.arrives(), d.at))]
    sent = sorted(_sendings(written), key=lambda s: (s[0], s[1].name))
    grouped = groupby(sent, key=lambda s: (s[0], s[1].name))
    return (
        tuple(_batch(list(group)) for _, group in grouped),
        {label: made.written for label, made in scribe.labelled.items()},
    )


def _sendings(written: list[Numbered]) -> Iterator[tuple[datetime, Device, Written]]:
    for made in written:
        draft = made.draft
        if draft.lost:
            continue
        yield draft.arrives(), draft.device, made.written
        if draft.sent_again is not None:
            yield draft.sent_again, draft.device, Written(made.written.identity, made.written.raw, "already_admitted")


def _batch(group: list[tuple[datetime, Device, Written]]) -> Batch:
    recorded_at, device, _ = group[0]
    return Batch(device, recorded_at, tuple(written for _, _, written in group))


def _identity(draft: Draft, number: int) -> str:
    return f"{draft.site}/{draft.device.source}/{number}"


def _reference(made: Numbered) -> dict[str, object]:
    return {"site": made.draft.site, "source": made.draft.device.source, "number": made.number}
