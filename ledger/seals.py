"""Pages as bytes: header line, entry lines, seal line. The seal is SHA-256 over all that stands before it."""

import hashlib
from collections.abc import Iterable, Iterator

from pydantic import ValidationError

from ledger.errors import Damage
from schemas.entry import Entry, read_entry
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


def seal_of(stored: bytes, page: int | None = None) -> str:
    """Check a stored page against its own seal and return it. Raises `Damage`, which names the page if it is known."""
    seal = stored[-_SEAL_LENGTH:].decode("ascii", "replace")
    found = hashlib.sha256(stored[:-_SEAL_LENGTH]).hexdigest()
    if seal != found:
        if page is None:
            raise Damage("seal_broken", expected=seal, found=found)
        raise Damage("page_seal_broken", page=page, expected=seal, found=found)
    return seal


def read_page(stored: bytes, page: int) -> tuple[Page, str]:
    """Read a stored page back, whole and checked, with its seal. Raises `Damage`, also if it is another page."""
    seal = seal_of(stored, page)
    header_line, *raws = stored[: -_SEAL_LENGTH - 1].split(b"\n")
    try:
        header = PageHeader.model_validate_json(header_line)
    except ValidationError as error:
        raise Damage("page_unreadable", found=error.errors()[0]["msg"]) from error
    if header.page != page:
        raise Damage("chain_broken", page=page, expected=page, found=header.page)
    if header.entries != len(raws):
        raise Damage("page_entries_missing", page=header.page, expected=header.entries, found=len(raws))
    readings = header.readings
    entries = tuple(
        AdmittedEntry(header.first_seq + i, _read_sealed(raw, page, i), raw, readings.get(i, ()))
        for i, raw in enumerate(raws)
    )
    return Page(header, entries), seal


def read_chain(stored: Iterable[bytes], book: str, after: int, seal: str) -> Iterator[tuple[Page, str]]:
    """Read pages of a book that follow page `after` with its seal, each checked to continue the one before.

    Raises `Damage` at the first that does not.
    """
    for number, raw in enumerate(stored, after + 1):
        page, own = read_page(raw, number)
        if page.header.previous != seal:
            raise Damage("chain_broken", page=number, expected=seal, found=page.header.previous)
        if page.header.book != book:
            raise Damage("chain_broken", page=number, expected=book, found=page.header.book)
        seal = own
        yield page, seal


def _read_sealed(raw: bytes, page: int, index: int) -> Entry:
    try:
        return read_entry(raw)
    except ValidationError as error:
        found = error.errors()[0]["msg"]
        raise Damage("entry_unreadable", page=page, place=index + 1, found=found) from error
