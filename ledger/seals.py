"""Pages as bytes: header line, entry lines, seal line. The seal is SHA-256 over all that stands before it."""

import hashlib

from pydantic import ValidationError

from ledger.errors import Damage
from schemas.entry import read_entry
from schemas.page import AdmittedEntry, Page, PageHeader

_SEAL_LENGTH = 64


def digest_of(document: bytes) -> str:
    """Return the SHA-256 of a document as received, in hexadecimal."""
    return hashlib.sha256(document).hexdigest()


def write_page(page: Page) -> tuple[bytes, str]:
    """Return the page's bytes and its seal. The same page always gives the same bytes."""
    header = page.header.model_dump_json(exclude_none=True).encode()
    body = b"\n".join((header, *(e.raw for e in page.entries), b""))
    seal = hashlib.sha256(body).hexdigest()
    return body + seal.encode(), seal


def seal_of(stored: bytes) -> str:
    """Check a stored page against its own seal and return it. Raises `Damage`."""
    seal = stored[-_SEAL_LENGTH:].decode("ascii", "replace")
    found = hashlib.sha256(stored[:-_SEAL_LENGTH]).hexdigest()
    if seal != found:
        raise Damage("seal_broken", expected=seal, found=found)
    return seal


def read_page(stored: bytes) -> tuple[Page, str]:
    """Read a stored page back, whole and checked, with its seal. Raises `Damage`."""
    seal = seal_of(stored)
    header_line, *raws = stored[: -_SEAL_LENGTH - 1].split(b"\n")
    try:
        header = PageHeader.model_validate_json(header_line)
    except ValidationError as error:
        raise Damage("page_unreadable", found=error.errors()[0]["msg"]) from error
    if header.entries != len(raws):
        raise Damage("page_entries_missing", page=header.page, expected=header.entries, found=len(raws))
    readings = header.readings
    entries = tuple(
        AdmittedEntry(header.first_seq + i, read_entry(raw), raw, readings.get(i, ())) for i, raw in enumerate(raws)
    )
    return Page(header, entries), seal
