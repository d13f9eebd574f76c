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
class Numbering:
    """Numbers seen from one source at one site."""

    last: int = 0
    gaps: list[tuple[int, int]] = field(default_factory=list)
    """Open gaps as inclusive ranges, oldest first."""
    digests: bytearray = field(default_factory=lambda: bytearray(DIGESTS_KEPT * _DIGEST_BYTES))

    def copy(self) -> "Numbering":
        """Copy, so that a decision can be worked out without touching the state it starts from."""
        return Numbering(self.last, list(self.gaps), bytearray(self.digests))

    def is_new(self, number: int) -> bool:
        """Tell whether no document of this number has been admitted and one still may be."""
        return number > self.last or any(low <= number <= high for low, high in self.gaps)

    def remembered(self, number: int) -> bytes | None:
        """Return the digest (first 16 bytes) of an admitted number, or None when it is too old to compare."""
        if number <= self.last - DIGESTS_KEPT:
            return None
        slot = number % DIGESTS_KEPT * _DIGEST_BYTES
        return bytes(self.digests[slot : slot + _DIGEST_BYTES])

    def admit(self, number: int, digest: bytes) -> None:
        """Note that `number` was admitted with this SHA-256 digest. The number must be new."""
        if number > self.last:
            if number > self.last + 1:
                self.gaps.append((self.last + 1, number - 1))
                del self.gaps[:-GAPS_KEPT]
            self.last = number
        else:
            self._fill(number)
        if number > self.last - DIGESTS_KEPT:
            slot = number % DIGESTS_KEPT * _DIGEST_BYTES
            self.digests[slot : slot + _DIGEST_BYTES] = digest[:_DIGEST_BYTES]

    def _fill(self, number: int) -> None:
        at = next(i for i, (low, high) in enumerate(self.gaps) if low <= number <= high)
        low, high = self.gaps[at]
        rest = [(low, number - 1)] if low < number else []
        rest += [(number + 1, high)] if number < high else []
        self.gaps[at : at + 1] = rest
        del self.gaps[:-GAPS_KEPT]
