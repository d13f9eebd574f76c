"""Records on the wire: CloudEvents 1.0 binary mode around NDJSON. What cannot be understood is read to be refused.

Nothing here raises for what others wrote: a record of any bytes is read as a submission, and admission answers it.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from pydantic import AwareDatetime, TypeAdapter, ValidationError

from schemas.document import Moment, Wire
from schemas.page import Opening, Page, PageHeader, PagePlace, Quarantined, Sender, Submission

SUBMISSIONS, PAGES, QUARANTINE, SCANS, BALANCES = "submissions", "pages", "quarantine", "scans", "balances"
ALERTS, CASES = "alerts", "cases"
NOBODY = Sender(name="unknown", sites=(), sources=())
"""Stands for a sender that is missing or unreadable: entitled to nothing."""
SUBMISSION_TYPE = "baogong.submission.v1"
OPENING_TYPE = "baogong.opening.v1"
PAGE_TYPE = "baogong.page.v1"
QUARANTINED_TYPE = "baogong.quarantined.v1"
BALANCES_TYPE = "baogong.balances.v1"
MOVED_TYPE = "baogong.moved.v1"
MORE_HEADER = "bg_more"
"""On a page that was moved in: others follow it, and until they are there the volume is not whole."""
ALERT_TYPE = "baogong.alert.v1"
CASE_TYPE = "baogong.case.v1"
RELAYED_TYPE = "baogong.relayed.v1"
_MOMENT: TypeAdapter[AwareDatetime] = TypeAdapter(Moment)

Headers = list[tuple[str, bytes]]


class Record(NamedTuple):
    """One record of a partition as it was read. `appended_ms` is the broker's time."""

    offset: int
    appended_ms: int
    key: bytes | None
    value: bytes | None
    headers: Mapping[str, bytes | None]


class Outgoing(NamedTuple):
    """One record to be sent."""

    topic: str
    volume: int
    key: bytes
    value: bytes | None
    headers: Headers


class Opened(Wire):
    """The first record of a volume: which book it is of, and what that book is."""

    book: str
    opening: Opening


class Moved(Wire):
    """A record that keeps the place of a submission whose page was moved in from elsewhere."""

    book: str
    place: PagePlace


@dataclass(frozen=True, slots=True)
class Incoming:
    """A record of `submissions` as it was understood: documents, or an opening."""

    submission: Submission
    value: bytes
    opened: Opened | None = None


def cloud_event(kind: str, identity: str, content: str = "application/x-ndjson") -> Headers:
    """Return the headers every record of a book carries."""
    return [
        ("ce_specversion", b"1.0"), ("ce_type", kind.encode()), ("ce_source", b"/baogong"),
        ("ce_id", identity.encode()), ("content-type", content.encode()),
    ]  # fmt: skip


def submission_record(
    volume: int, documents: Sequence[bytes], sender: Sender, *, key: bytes = b"", recorded_at: datetime | None = None
) -> Outgoing:
    """Write documents as one submission for a volume. Those with line breaks in them keep their lengths in a header."""
    value = b"\n".join(documents)
    headers = cloud_event(SUBMISSION_TYPE, hashlib.sha256(value).hexdigest()[:32])
    headers.append(("bg_sender", sender.model_dump_json().encode()))
    if any(not document.strip() or b"\n" in document for document in documents):
        headers.append(("bg_lengths", ",".join(str(len(document)) for document in documents).encode()))
    if recorded_at is not None:
        headers.append(("bg_recorded_at", recorded_at.isoformat().encode()))
    return Outgoing(SUBMISSIONS, volume, key, value, headers)


def opening_record(volume: int, opened: Opened, opened_at: datetime | None = None) -> Outgoing:
    """Write the first record of a volume."""
    headers = cloud_event(OPENING_TYPE, f"{opened.book}/{volume}", "application/json")
    if opened_at is not None:
        headers.append(("bg_recorded_at", opened_at.isoformat().encode()))
    return Outgoing(SUBMISSIONS, volume, b"", opened.model_dump_json().encode(), headers)


def page_record(page: Page, stored: bytes) -> Outgoing:
    """Write a sealed page for its volume."""
    header = page.header
    identity = f"{header.book}/{header.volume}/{header.page}"
    return Outgoing(PAGES, header.volume, str(header.page).encode(), stored, cloud_event(PAGE_TYPE, identity))


def moved_record(header: PageHeader, seal: str) -> Outgoing:
    """Write what stands in `submissions` for a page moved in: it takes the place the page answers."""
    moved = Moved(book=header.book, place=PagePlace(volume=header.volume, page=header.page, seal=seal))
    headers = cloud_event(MOVED_TYPE, f"{header.book}/{header.volume}/{header.page}", "application/json")
    return Outgoing(SUBMISSIONS, header.volume, b"", moved.model_dump_json().encode(), headers)


def quarantine_record(page: Page, refused: Quarantined) -> Outgoing:
    """Write a refused document, its bytes untouched, with where and why. Written again it has the same key."""
    volume, number = page.header.volume, page.header.page
    headers = cloud_event(QUARANTINED_TYPE, f"{volume}/{number}/{refused.digest}", "application/octet-stream")
    headers += [
        ("bg_page", str(number).encode()), ("bg_sender", refused.sender.encode()),
        ("bg_result", refused.result.value.encode()), ("bg_reason", refused.reason.model_dump_json().encode()),
    ]  # fmt: skip
    return Outgoing(QUARANTINE, volume, refused.digest.encode(), refused.raw, headers)


def read_incoming(record: Record, nature: str) -> Incoming:
    """Understand a record of `submissions`. Never raises: what makes no sense becomes documents that will be refused.

    `nature` is the book's: only a rehearsal takes the time recorded from its input.
    """
    value = record.value or b""
    opened = _read_opened(record.headers, value)
    if opened is not None:
        nature = opened.opening.nature
    sender = Sender(name="baogong") if opened else _read_sender(record.headers)
    documents = (b"",) if record.value is None else split(value, record.headers.get("bg_lengths"))
    submission = Submission(record.offset, _read_moment(record, nature), sender, () if opened else documents)
    return Incoming(submission, value, opened)


def split(value: bytes, lengths: bytes | None) -> tuple[bytes, ...]:
    """Return the documents of a submission: by their stated lengths when these add up, else one a line."""
    if lengths is not None:
        sizes = [int(size) if size.isdigit() else -1 for size in lengths.split(b",")]
        if min(sizes) >= 0 and sum(sizes) + len(sizes) - 1 == len(value):
            documents, start = [], 0
            for size in sizes:
                documents.append(value[start : start + size])
                start += size + 1
            return tuple(documents)
    return tuple(line for line in value.split(b"\n") if line.strip())


def _read_sender(headers: Mapping[str, bytes | None]) -> Sender:
    try:
        return Sender.model_validate_json(headers.get("bg_sender") or b"")
    except ValidationError:
        return NOBODY


def _read_opened(headers: Mapping[str, bytes | None], value: bytes) -> Opened | None:
    if headers.get("ce_type") != OPENING_TYPE.encode():
        return None
    try:
        return Opened.model_validate_json(value)
    except ValidationError:
        return None


def _read_moment(record: Record, nature: str) -> datetime:
    said = record.headers.get("bg_recorded_at")
    if said is not None and nature == "rehearsal":
        try:
            return _MOMENT.validate_json(json.dumps(said.decode("utf-8", "replace")))
        except ValidationError:
            pass  # a time nobody can read is no time: the broker's holds
    return datetime.fromtimestamp(record.appended_ms // 1000, UTC).replace(microsecond=record.appended_ms % 1000 * 1000)
