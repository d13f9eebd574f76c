"""Pages of one volume from a log that may say things twice: each once, in order, or a stop that names the page.

It reads nothing itself and knows no figure.
"""

from collections import deque

import orjson

from ledger.errors import Damage
from ledger.seals import read_page, seal_of
from schemas.page import FIRST_SEAL, Page

SEALS_REMEMBERED = 4096
"""How far back a repeated page is compared with what was read before; `verify` compares all of them."""


class Chain:
    """Where a reader of one volume is: last page, its seal, and the offset of the record to read next."""

    def __init__(self, volume: int, *, remembered: int | None = SEALS_REMEMBERED) -> None:
        """Begin before the first page. `remembered` seals are kept to compare repeats with (None: all)."""
        self.volume = volume
        self.page = 0
        self.seal = FIRST_SEAL
        self.offset = 0
        self.book = ""
        self.repeats = 0
        self._seals: deque[str] = deque([FIRST_SEAL], maxlen=remembered)

    def take(self, stored: bytes | None, offset: int) -> tuple[Page, str] | None:
        """Read the record at an offset; None when it repeats a page. Raises `Damage` for a gap or a fork."""
        number = page_number(self.volume, stored, offset, self.page + 1)
        assert stored is not None, "a page without bytes has no number"
        if number <= self.page:
            self._compare(stored, number, offset)
            self.offset = offset + 1
            self.repeats += 1
            return None
        if number != self.page + 1:
            raise Damage("kafka_page_missing", volume=self.volume, expected=self.page + 1, found=number, offset=offset)
        page, seal = read_page(stored, number)
        self._check_place(page, number)
        self.note(page, seal, offset + 1)
        return page, seal

    def note(self, page: Page, seal: str, offset: int) -> None:
        """Count a page as read: the next is the one after it, at or after this offset."""
        self.resume(page.header.page, seal, offset, page.header.book)

    def resume(self, page: int, seal: str, offset: int, book: str) -> None:
        """Begin after a page read before, as a snapshot has it."""
        self.page, self.seal, self.offset, self.book = page, seal, offset, book
        self._seals.append(seal)

    def _check_place(self, page: Page, number: int) -> None:
        header = page.header
        if header.previous != self.seal:
            raise Damage("chain_broken", page=number, expected=self.seal, found=header.previous)
        if header.book != (self.book or header.book):
            raise Damage("chain_broken", page=number, expected=self.book, found=header.book)
        if header.volume != self.volume:
            raise Damage("chain_broken", page=number, expected=self.volume, found=header.volume)

    def _compare(self, stored: bytes, number: int, offset: int) -> None:
        back = self.page - number
        if back >= len(self._seals):
            return
        known, found = self._seals[-1 - back], seal_of(stored, number)
        if found != known:
            raise Damage(
                "kafka_page_forked", volume=self.volume, page=number, offset=offset, expected=known, found=found
            )


def page_number(volume: int, stored: bytes | None, offset: int, expected: int) -> int:
    """Return the number a stored page gives itself, without reading the rest. Raises `Damage` for what is no page."""
    try:
        number = orjson.loads((stored or b"").partition(b"\n")[0])["page"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        number = 0
    if not isinstance(number, int) or number < 1:
        raise Damage("kafka_page_unreadable", volume=volume, offset=offset, expected=expected)
    return number
