"""Entries read back from the pages: forward from a place, or one by its identity. Every page is checked as read."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from ledger.book import Book
from ledger.logs.embedded import EmbeddedLog, StoredPage
from ledger.seals import read_page
from schemas.page import AdmittedEntry, PageHeader

_BLOCK_PAGES = 500
_PAGE_NUMBER_MAX = 2**62
_ANSWER_BYTES_MAX = 16_000_000
"""Bytes of documents after which one answer about entries ends and says where to go on."""


@dataclass(frozen=True, slots=True)
class Found:
    """One entry and the page it stands on."""

    header: PageHeader
    seal: str
    admitted: AdmittedEntry
    index: int
    """Its place on the page, from 0."""

    def row(self) -> dict[str, object]:
        """Write it for a reader: where it stands, when it was recorded, by whom, its bytes as they came."""
        entry = self.admitted.entry
        return {
            "entry": f"{entry.site}/{entry.source}/{entry.number}", "site": entry.site, "kind": entry.kind,
            "volume": self.header.volume, "page": self.header.page, "seq": self.admitted.seq, "seal": self.seal,
            "recorded_at": self.header.recorded_at, "happened_at": entry.happened_at, "sender": self.header.sender,
            "document": self.admitted.raw.decode(),
            "readings": [r.model_dump(mode="json", exclude_none=True) for r in self.admitted.readings],
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Searched:
    """Entries found, and where to go on; `following` is None when the end was reached."""

    entries: list[Found]
    following: str | None


def read_place(written: str) -> tuple[int, int]:
    """Read a place `page` or `page.index`: what follows it is wanted. Raises `ValueError`."""
    page, _, index = written.partition(".")
    place = int(page), int(index) if index else -1
    if not 0 <= place[0] <= _PAGE_NUMBER_MAX:
        raise ValueError(f"no page has the number {page}")
    return place


def entries_after(
    log: EmbeddedLog, after: str, last: int, wanted: Callable[[AdmittedEntry], bool], *, limit: int, pages_max: int
) -> Searched:
    """Return up to `limit` entries after a place and up to page `last`, looking through `pages_max` pages at most.

    Raises `ValueError` for a place that is none.
    """
    page, index = read_place(after)
    entries: list[Found] = []
    size = 0
    first = page - 1 if index >= 0 else page
    looked = first
    for stored in islice(log.pages(0, max(0, first)), pages_max):
        if stored.page > last:
            return Searched(entries, None)
        looked = stored.page
        for found in _entries_on(stored):
            if (stored.page, found.index) <= (page, index) or not wanted(found.admitted):
                continue
            if len(entries) == limit or size > _ANSWER_BYTES_MAX:
                final = entries[-1]
                return Searched(entries, f"{final.header.page}.{final.index}")
            entries.append(found)
            size += len(found.admitted.raw)
    return Searched(entries, str(looked) if looked - first >= pages_max else None)


def is_admitted(book: Book, site: str, source: str, number: int) -> bool:
    """Tell whether the book has an entry of this identity. Costs nothing, so nobody searches for what is not there."""
    numbering = book.folds.admission.sources.get((site, source))
    return numbering is not None and not numbering.is_new(number)


def find_entry(log: EmbeddedLog, site: str, source: str, number: int) -> Found | None:
    """Return an entry by its identity, or None. The latest pages are searched first: that is where corrections look.

    A number given up as lost counts as admitted, and is not found.
    """
    written = (source.encode(), json.dumps(source).strip('"').encode())
    for hurried in (True, False):
        # A source may be written with needless escapes; only then is every page read in full.
        for stored in _latest_first(log):
            if hurried and not any(w in stored.stored for w in written):
                continue
            for found in _entries_on(stored):
                entry = found.admitted.entry
                if (entry.site, entry.source, entry.number) == (site, source, number):
                    return found
    return None


def _entries_on(stored: StoredPage) -> Iterator[Found]:
    page, seal = read_page(stored.stored, stored.page)
    for index, admitted in enumerate(page.entries):
        yield Found(page.header, seal, admitted, index)


def _latest_first(log: EmbeddedLog) -> Iterator[StoredPage]:
    last = log.last_page(0)
    for end in range(last, 0, -_BLOCK_PAGES):
        start = max(0, end - _BLOCK_PAGES)
        yield from reversed(list(islice(log.pages(0, start), end - start)))
