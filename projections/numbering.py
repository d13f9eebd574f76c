"""What a volume remembers of one source at one site: last number, open gaps, digests of the latest documents.

A few bytes a source, never a byte an entry. Both bounds are part of the meaning of the book: changing them changes
what admission answers, so they may only grow with a new page format.
"""

from dataclasses import dataclass, field

DIGESTS_KEPT = 128
"""How many of its latest documents a source can repeat and still be recognised."""
GAPS_KEPT = 64
"""How many separate gaps stay open; past that the oldest is given up as lost."""
_DIGEST_BYTES = 16


@dataclass(slots=True)
class Gaps:
    """Which numbers of one source at one site are still to come."""

    last: int = 0
    gaps: list[tuple[int, int]] = field(default_factory=list)
    """Open gaps as inclusive ranges, oldest first."""
    given_up: int = 0
    """Numbers that can no longer come, because too many gaps opened after them."""

    def is_new(self, number: int) -> bool:
        """Tell whether no document of this number has been admitted and one still may be."""
        return number > self.last or any(low <= number <= high for low, high in self.gaps)

    def missing(self) -> int:
        """Return how many numbers were passed over and have not come since."""
        return self.given_up + sum(high - low + 1 for low, high in self.gaps)

    def note(self, number: int) -> None:
        """Note that a new number was admitted."""
        if number == self.last + 1:
            self.last = number
        elif number > self.last:
            self.gaps.append((self.last + 1, number - 1))
            self.last = number
            self._give_up()
        else:
            self._fill(number)
            self._give_up()

    def _fill(self, number: int) -> None:
        at = next(i for i, (low, high) in enumerate(self.gaps) if low <= number <= high)
        low, high = self.gaps[at]
        rest = [(low, number - 1), (number + 1, high)]
        self.gaps[at : at + 1] = [gap for gap in rest if gap[0] <= gap[1]]

    def _give_up(self) -> None:
        self.given_up += sum(high - low + 1 for low, high in self.gaps[:-GAPS_KEPT])
        del self.gaps[:-GAPS_KEPT]


@dataclass(slots=True)
class Numbering(Gaps):
    """Numbers seen from one source at one site, and the digests of its latest documents."""

    digests: bytearray = field(default_factory=lambda: bytearray(DIGESTS_KEPT * _DIGEST_BYTES))

    def copy(self) -> "Numbering":
        """Copy, so that a decision can be worked out without touching the state it starts from."""
        return Numbering(self.last, list(self.gaps), self.given_up, bytearray(self.digests))

    def remembered(self, number: int) -> bytes | None:
        """Return the digest (first 16 bytes) of an admitted number, or None when it is too old to compare."""
        if number <= self.last - DIGESTS_KEPT:
            return None
        slot = number % DIGESTS_KEPT * _DIGEST_BYTES
        return bytes(self.digests[slot : slot + _DIGEST_BYTES])

    def admit(self, number: int, digest: bytes) -> None:
        """Note that `number` was admitted with this SHA-256 digest. The number must be new."""
        self.note(number)
        if number > self.last - DIGESTS_KEPT:
            slot = number % DIGESTS_KEPT * _DIGEST_BYTES
            self.digests[slot : slot + _DIGEST_BYTES] = digest[:_DIGEST_BYTES]
