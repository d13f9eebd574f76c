"""The pages of a book in one file: every byte of the book and nothing else, to keep, to check, to move elsewhere.

    baogong.pages.v1 BOOK VOLUMES           first line
    page VOLUME PAGE LENGTH                 then so many bytes, the sealed page as the log keeps it, and a line break
    refused DIGEST LENGTH                   after the page that names it: the bytes that were refused
    end PAGES REFUSED                       last line; without it the file was cut

Whoever has it can check every seal with SHA-256 and nothing else. It knows neither folder nor cluster.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol

from ledger.errors import BrokenEnvironment, Damage
from ledger.logs.embedded import StoredPage
from ledger.seals import read_chain, read_page
from schemas.page import FIRST_SEAL, Page, PageHeader, Quarantined, Refused

FORMAT = "baogong.pages.v1"
_LINE_BYTES_MAX = 400


class WholePage(NamedTuple):
    """A page as it is stored and as it is understood, together with the bytes it refused (`page.quarantined`)."""

    page: Page
    stored: bytes
    seal: str


class WholeLog(Protocol):
    """What is asked of the log that is written to a file; both logs are one."""

    def pages(self, volume: int = 0, after: int = 0) -> Iterator[StoredPage]:
        """Yield the pages of a volume after a number."""

    def refused(self, digest: str) -> bytes | None:
        """Return the bytes of a refused document."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a file of pages says it holds."""

    book: str
    volumes: int
    pages: int
    refused: int


def write_pages(log: WholeLog, to: Path) -> Contents:
    """Write every page of a log, volume by volume. Raises `Damage` for what is not whole: it is not written on."""
    if to.exists():
        raise BrokenEnvironment("export_exists", path=to)
    try:
        with to.open("xb") as file:
            written = _write(file, log)
    except OSError as error:
        raise BrokenEnvironment("file_unusable", path=to, found=error) from error
    except BaseException:
        to.unlink()
        raise
    return written


def _write(file: BinaryIO, log: WholeLog) -> Contents:
    first = next(log.pages(), None)
    opening = read_page(first.stored, 1)[0].header if first else None
    if opening is None or opening.opening is None:
        raise BrokenEnvironment("pages_of_no_book")
    pages = refused = 0
    file.write(f"{FORMAT} {opening.book} {opening.opening.volumes}\n".encode())
    for volume in range(opening.opening.volumes):
        stored = (page.stored for page in log.pages(volume))
        for whole in read_whole(stored, opening.book, volume, log):
            file.write(b"page %d %d %d\n%b\n" % (volume, whole.page.header.page, len(whole.stored), whole.stored))
            kept = whole.page.quarantined
            file.writelines(b"refused %b %d\n%b\n" % (q.digest.encode(), len(q.raw), q.raw) for q in kept)
            pages += 1
            refused += len(kept)
    file.write(b"end %d %d\n" % (pages, refused))
    return Contents(opening.book, opening.opening.volumes, pages, refused)


def read_whole(stored: Iterable[bytes], book: str, volume: int, log: WholeLog) -> Iterator[WholePage]:
    """Read the pages of a volume from its first, each checked, with what it refused. Raises `Damage`."""
    after, seal = 0, FIRST_SEAL
    for raw in stored:
        whole = _continued(raw, book, volume, after, seal)
        header = whole.page.header
        yield _with_refused(whole, [_kept(header, r, log.refused(r.digest)) for r in header.refused if r.reason])
        after, seal = after + 1, whole.seal


def read_pages(path: Path) -> Iterator[WholePage]:
    """Read a file back, every page and every refused document checked. Raises `Damage`, naming the place."""
    try:
        with path.open("rb") as file:
            yield from _Parts(path, file).pages()
    except OSError as error:
        raise BrokenEnvironment("file_unusable", path=path, found=error) from error


def check_pages(path: Path) -> Contents:
    """Read a file to its end, and say what it holds. Raises `Damage` if it is not whole."""
    book, volumes, pages, refused = "", 0, 0, 0
    for whole in read_pages(path):
        book = whole.page.header.book
        volumes = max(volumes, whole.page.header.volume + 1)
        pages += 1
        refused += len(whole.page.quarantined)
    return Contents(book, volumes, pages, refused)


class _Parts:
    """The parts of a file, one after another."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path = path
        self.file = file
        self.size = path.stat().st_size
        self.line: list[str] = []

    def pages(self) -> Iterator[WholePage]:
        self._next()
        if len(self.line) != 3 or self.line[0] != FORMAT:  # noqa: PLR2004 - the words of the first line
            raise Damage("foreign_file", path=self.path)
        book, volumes = self.line[1], self._number(self.line[2])
        pages = refused = 0
        self._next()
        for volume in range(volumes):
            after, seal = 0, FIRST_SEAL
            while self.line[:2] == ["page", str(volume)]:
                whole = self._page(book, volume, after, seal)
                after, seal = after + 1, whole.seal
                pages += 1
                refused += len(whole.page.quarantined)
                yield whole
            if not after:
                raise self._damage(f"page 1 of volume {volume}")
        if self.line != ["end", str(pages), str(refused)] or self.file.read(1):
            raise self._damage(f"end {pages} {refused}")

    def _page(self, book: str, volume: int, after: int, seal: str) -> WholePage:
        whole = _continued(self._bytes(), book, volume, after, seal)
        self._next()
        kept = []
        for refused in whole.page.header.refused:
            if refused.reason is None:
                continue
            if self.line[:2] != ["refused", refused.digest]:
                raise self._damage(f"refused {refused.digest}")
            kept.append(_kept(whole.page.header, refused, self._bytes()))
            self._next()
        return _with_refused(whole, kept)

    def _next(self) -> None:
        """Read the line that begins the next part."""
        line = self.file.readline(_LINE_BYTES_MAX)
        if not line.endswith(b"\n"):
            raise self._damage("a line")
        self.line = line[:-1].decode("utf-8", "replace").split(" ")

    def _bytes(self) -> bytes:
        length = self._number(self.line[-1])
        if self.file.tell() + length >= self.size:
            raise self._damage(f"{length} bytes")
        stored = self.file.read(length)
        if self.file.read(1) != b"\n":
            raise self._damage("a line break")
        return stored

    def _number(self, written: str) -> int:
        if not (written.isascii() and written.isdigit()):
            raise self._damage("a number")
        return int(written)

    def _damage(self, expected: str) -> Damage:
        return Damage("pages_file_damaged", path=self.path, place=self.file.tell(), expected=expected)


def _continued(stored: bytes, book: str, volume: int, after: int, seal: str) -> WholePage:
    ((page, own),) = read_chain((stored,), book, after, seal)
    if page.header.volume != volume:
        raise Damage("chain_broken", page=after + 1, expected=volume, found=page.header.volume)
    if after == 0 and page.header.opening is None:
        raise Damage("page_unreadable", found="no opening")
    return WholePage(page, stored, own)


def _kept(header: PageHeader, refused: Refused, raw: bytes | None) -> Quarantined:
    assert refused.reason is not None, "what is refused without a reason is not kept apart"
    if raw is None:
        raise Damage("refused_lost", digest=refused.digest)
    if hashlib.sha256(raw).hexdigest() != refused.digest:
        raise Damage("refused_changed", digest=refused.digest)
    return Quarantined(refused.digest, header.sender, refused.result, refused.reason, raw)


def _with_refused(whole: WholePage, kept: Sequence[Quarantined]) -> WholePage:
    return whole._replace(page=replace(whole.page, quarantined=tuple(kept))) if kept else whole
