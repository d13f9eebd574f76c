"""The pages of a book on Kafka by their numbers, as the embedded log gives them: for the lake, exports and audits.

It checks that no number is missing and that a repeat is the same page; chain and meaning are for who reads the pages.
"""

import hashlib
from collections.abc import Iterator

from ledger.errors import Damage
from ledger.logs.embedded import StoredPage
from ledger.logs.kafka.chain import page_number
from ledger.logs.kafka.cluster import Cluster
from ledger.logs.kafka.reading import Reader
from ledger.logs.kafka.wire import PAGES, QUARANTINE
from ledger.seals import seal_of

SEEN_FOR_THE_LAST = 100
"""Records looked at for the last page: one that repeats an earlier page may stand after it."""


class PagesOnKafka:
    """Reads pages and refused documents. Every answer is as of the end of the log when it was asked."""

    def __init__(self, cluster: Cluster) -> None:
        """Connect twice: pages may be half read while a refused document is asked for."""
        self._pages = Reader(cluster)
        self._kept = Reader(cluster)
        self.volumes = self._pages.volumes(PAGES)
        self._places: dict[str, tuple[int, int]] = {}
        self._read_to = dict.fromkeys(range(self._kept.volumes(QUARANTINE)), 0)

    def pages(self, volume: int = 0, after: int = 0) -> Iterator[StoredPage]:
        """Yield the stored pages of a volume after a page number, in order. Raises `Damage` for a gap or a fork."""
        number = after
        seals: dict[int, str] = {}
        # Pages may be said twice and never left out, so page n lies at offset n - 1 or later.
        for record in self._pages.records(PAGES, volume, after):
            found = page_number(volume, record.value, record.offset, number + 1)
            stored = record.value or b""
            if found <= number:
                known = seals.get(found)
                if known is not None and seal_of(stored, found) != known:
                    raise Damage(
                        "kafka_page_forked", volume=volume, page=found, offset=record.offset, expected=known,
                        found=seal_of(stored, found),
                    )  # fmt: skip
                continue
            number += 1
            if found != number:
                raise Damage("kafka_page_missing", volume=volume, expected=number, found=found, offset=record.offset)
            seals[number] = seal_of(stored, number)
            yield StoredPage(volume, number, stored)

    def page(self, volume: int, number: int) -> StoredPage | None:
        """Return one stored page, or None."""
        return next(self.pages(volume, number - 1), None)

    def last_page(self, volume: int = 0) -> int:
        """Return the number of the last page of a volume; 0 for none."""
        _, end = self._kept.bounds(PAGES, volume)
        last = 0
        for record in self._kept.records(PAGES, volume, max(0, end - SEEN_FOR_THE_LAST), end):
            last = max(last, page_number(volume, record.value, record.offset, end))
        return last

    def refused(self, digest: str) -> bytes | None:
        """Return the bytes of a refused document by its digest. Raises `Damage` if they are not those refused."""
        if digest not in self._places:
            self._look_for_new()
        if digest not in self._places:
            return None
        volume, offset = self._places[digest]
        (record,) = self._kept.records(QUARANTINE, volume, offset, offset + 1)
        document = record.value or b""
        if hashlib.sha256(document).hexdigest() != digest:
            raise Damage("refused_changed", digest=digest)
        return document

    def _look_for_new(self) -> None:
        for volume, start in self._read_to.items():
            for record in self._kept.records(QUARANTINE, volume, start):
                self._places.setdefault((record.key or b"").decode("ascii", "replace"), (volume, record.offset))
                self._read_to[volume] = record.offset + 1

    def close(self) -> None:
        """Let the connections go."""
        self._pages.close()
        self._kept.close()
