"""Entries read back from the pages: forward from a place, or one by its identity. Every page is checked as read."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, takewhile

from ledger.logs.embedded import StoredPage
from ledger.logs.opening import PageLog
from ledger.routing import volumes_of
from ledger.seals import read_page
from ledger.standing import Standing
from schemas.document import EVERY_SITE
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
            "readings": [r.written() for r in self.admitted.readings],
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Searched:
    """Entries found, and where to go on; `following` is None when the end was reached."""

    entries: list[Found]
    following: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the book: what follows it is wanted. `index` -1: all of what follows the page."""

    volume: int
    page: int
    index: int = -1

    def __str__(self) -> str:
        """Write it as `read_place` reads it; of the first volume the number is left out."""
        volume = f"{self.volume}:" if self.volume else ""
        return f"{volume}{self.page}" + (f".{self.index}" if self.index >= 0 else "")


def read_place(written: str) -> Place:
    """Read a place `page` or `page.index`, with `volume:` before it but for the first. Raises `ValueError`."""
    volume, colon, rest = written.rpartition(":")
    page, _, index = rest.partition(".")
    place = Place(int(volume) if colon else 0, int(page), int(index) if index else -1)
    if not 0 <= place.page <= _PAGE_NUMBER_MAX or place.volume < 0:
        raise ValueError(f"no page is at {written}")
    return place


def entries_after(
    log: PageLog, place: Place, last: Sequence[int], wanted: Callable[[AdmittedEntry], bool],
    *, limit: int, pages_max: int,
) -> Searched:  # fmt: skip
    """Return up to `limit` entries after a place, volume after volume, each up to its page `last`.

    Entries about the whole book stand in every volume and are given once, from the first. It looks through `pages_max`
    pages at most. Raises `ValueError` for a place in a volume that is none.
    """
    if place.volume >= len(last):
        raise ValueError(f"no volume has the number {place.volume}")
    entries: list[Found] = []
    size = looked = 0
    for volume in range(place.volume, len(last)):
        start = place if volume == place.volume else Place(volume, 0)
        first = start.page - 1 if start.index >= 0 else start.page
        for stored in _up_to(log, volume, max(0, first), last[volume]):
            if looked == pages_max:
                return Searched(entries, str(Place(volume, stored.page - 1)))
            looked += 1
            for found in _entries_on(stored):
                if (stored.page, found.index) <= (start.page, start.index) or not wanted(found.admitted):
                    continue
                if volume and found.admitted.entry.site == EVERY_SITE:
                    continue
                if len(entries) == limit or size > _ANSWER_BYTES_MAX:
                    final = entries[-1]
                    return Searched(entries, str(Place(final.header.volume, final.header.page, final.index)))
                entries.append(found)
                size += len(found.admitted.raw)
    return Searched(entries, None)


def _up_to(log: PageLog, volume: int, after: int, last: int) -> Iterator[StoredPage]:
    if after < last:  # else there is nothing to ask the log for
        yield from takewhile(lambda stored: stored.page <= last, log.pages(volume, after))


def is_admitted(book: Standing, site: str, source: str, number: int) -> bool:
    """Tell whether the book has an entry of this identity. Costs nothing, so nobody searches for what is not there."""
    volume = volumes_of(site, len(book.volumes))[0]
    numbering = book.volumes[volume].admission.sources.get((site, source))
    return numbering is not None and not numbering.is_new(number)


def find_entry(log: PageLog, site: str, source: str, number: int) -> Found | None:
    """Return an entry by its identity, or None. The latest pages are searched first: that is where corrections look.

    A number given up as lost counts as admitted, and is not found.
    """
    written = (source.encode(), json.dumps(source).strip('"').encode())
    for hurried in (True, False):
        # A source may be written with needless escapes; only then is every page read in full.
        for stored in _latest_first(log, volumes_of(site, log.volumes)[0]):
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


def _latest_first(log: PageLog, volume: int) -> Iterator[StoredPage]:
    last = log.last_page(volume)
    for end in range(last, 0, -_BLOCK_PAGES):
        start = max(0, end - _BLOCK_PAGES)
        yield from reversed(list(islice(log.pages(volume, start), end - start)))
