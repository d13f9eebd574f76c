"""A new edition of a book, with other volumes: every entry of the old one in order, as it was admitted then.

Nothing is decided again and no balance is invented: document, reading, sender and time recorded are carried over, so
stock and the memory of numbers come out the same. Each page names the one it was carried from; the first pages name
the last seal of every old volume. What was refused is carried by one page, so book and quarantine still account for
all that came in. Documents for every site stand in every old volume, and once in every new one.

Pure: pages in, pages out, always the same ones.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import merge

from ledger.pages_file import WholePage
from ledger.routing import volume_of
from ledger.seals import digest_of, write_page
from projections import catalogue as items
from projections.catalogue import Catalogue
from projections.numbering import Numbering
from schemas.document import EVERY_SITE
from schemas.entry import CatalogueEntry
from schemas.page import (
    FIRST_SEAL,
    AdmittedEntry,
    Continued,
    Opening,
    Page,
    PageHeader,
    PagePlace,
    Quarantined,
    Reason,
    Refused,
    Result,
)

Numbered = tuple[int, AdmittedEntry]
"""An entry with the place its document had in the submission."""


def next_edition(first: PageHeader, last: Sequence[PagePlace], volumes: int) -> tuple[str, Opening]:
    """Return the name and the opening of the edition after the one with this first page and these last ones."""
    assert first.opening is not None, "a first page opens the book"
    before = first.opening.continues
    edition = before.edition + 1 if before else 2
    root = first.book.removesuffix(f".e{edition - 1}") if before else first.book
    continues = Continued(book=first.book, edition=edition, last=tuple(last))
    return f"{root}.e{edition}", first.opening.model_copy(update={"volumes": volumes, "continues": continues})


def carry(old: Sequence[Iterable[WholePage]], book: str, opening: Opening) -> Iterator[WholePage]:
    """Yield the pages of a new edition, in the order of each volume, from all the pages of the old volumes."""
    volumes = [_Volume(book, number) for number in range(opening.volumes)]
    for whole in merge(*old, key=_when_and_where):
        if whole.page.header.opening is None:
            yield from _carry_page(volumes, whole)
        elif not volumes[0].page:
            for volume in volumes:
                yield volume.open(whole.page.header, opening)


def _when_and_where(whole: WholePage) -> tuple[object, int, int]:
    header = whole.page.header
    return header.recorded_at, header.volume, header.page


def _carry_page(volumes: Sequence["_Volume"], whole: WholePage) -> Iterator[WholePage]:
    header = whole.page.header
    refused_at = {refused.index for refused in header.refused}
    places = (index for index in range(header.entries + len(refused_at)) if index not in refused_at)
    parts: dict[int, list[Numbered]] = {header.volume % len(volumes): []} if header.refused else {}
    for place, admitted in zip(places, whole.page.entries, strict=True):
        site = admitted.entry.site
        for number in range(len(volumes)) if site == EVERY_SITE else (volume_of(site, len(volumes)),):
            parts.setdefault(number, []).append((place, admitted))
    for number, part in sorted(parts.items()):
        is_keeper = number == header.volume % len(volumes)
        page = volumes[number].carry(whole, part, header.refused if is_keeper else ())
        if page is not None:
            yield page


@dataclass(slots=True)
class _Volume:
    """One volume of the new edition, as far as it is carried."""

    book: str
    volume: int
    page: int = 0
    seal: str = FIRST_SEAL
    seq: int = 0
    catalogue: Catalogue = field(default_factory=Catalogue)
    said: dict[tuple[str, int], str] = field(default_factory=dict)
    """Documents for every site: digests by source and number."""
    numbers: dict[str, Numbering] = field(default_factory=dict)
    """What admission will remember of their sources."""

    def open(self, first: PageHeader, opening: Opening) -> WholePage:
        """Make the first page, recorded when the book was first opened."""
        return self._seal(Page(self._header(first, opening=opening)))

    def carry(self, whole: WholePage, part: Sequence[Numbered], refused: Sequence[Refused]) -> WholePage | None:
        """Make a page of the entries that are this volume's; None when nothing is left of them."""
        entries: list[AdmittedEntry] = []
        kept = list(whole.page.quarantined) if refused else []
        all_refused = list(refused)
        for place, admitted in part:
            answer = self._take(admitted) if admitted.entry.site == EVERY_SITE else Result.ADMITTED
            if answer is Result.ADMITTED:
                raised = AdmittedEntry(self.seq + len(entries) + 1, admitted.entry, admitted.raw, admitted.readings)
                entries.append(raised)
            elif isinstance(answer, Reason):
                digest, sender = digest_of(admitted.raw), whole.page.header.sender
                all_refused.append(Refused(index=place, result=Result.CONFLICTING, digest=digest, reason=answer))
                kept.append(Quarantined(digest, sender, Result.CONFLICTING, answer, admitted.raw))
        if not entries and not all_refused:
            return None
        readings = {index: entry.readings for index, entry in enumerate(entries) if entry.readings}
        of = whole.page.header
        header = self._header(
            of, entries=len(entries), refused=tuple(all_refused), readings=readings,
            carried=PagePlace(volume=of.volume, page=of.page, seal=whole.seal),
        )  # fmt: skip
        return self._seal(Page(header, tuple(entries), tuple(kept)))

    def _take(self, admitted: AdmittedEntry) -> Result | Reason:
        """Say what becomes of a document for every site: it came with every old volume, and they may disagree."""
        entry, digest = admitted.entry, digest_of(admitted.raw)
        known = self.said.get((entry.source, entry.number))
        numbering = self.numbers.setdefault(entry.source, Numbering())
        facts = {"entry": f"{entry.site}/{entry.source}/{entry.number}", "last": str(numbering.last)}
        if known is not None:
            return Result.ALREADY_ADMITTED if known == digest else Reason(code="number_reused", facts=facts)
        if not numbering.is_new(entry.number):
            return Reason(code="too_old", facts=facts)
        if isinstance(entry, CatalogueEntry):
            objection = items.objection(self.catalogue, entry)
            if objection is not None:
                return objection
            items.evolve(self.catalogue, entry)
        numbering.note(entry.number)
        self.said[entry.source, entry.number] = digest
        return Result.ADMITTED

    def _header(self, of: PageHeader, **said: object) -> PageHeader:
        fields = {
            "book": self.book, "volume": self.volume, "page": self.page + 1, "previous": self.seal,
            "submission": self.page, "recorded_at": of.recorded_at, "sender": of.sender, "first_seq": self.seq + 1,
            "entries": 0,
        }  # fmt: skip
        return PageHeader(**(fields | said))  # type: ignore[arg-type]  # the model checks each field

    def _seal(self, page: Page) -> WholePage:
        stored, seal = write_page(page)
        self.page, self.seal, self.seq = page.header.page, seal, self.seq + page.header.entries
        return WholePage(page, stored, seal)
