"""The log of a book's folder, wherever its settings say it is. Readers of pages ask through `PageLog` alone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from ledger.book import LOG_FILE
from ledger.logs.embedded import EmbeddedLog, StoredPage
from ledger.settings import read_settings


class PageLog(Protocol):
    """A log as readers of pages see it: the embedded one, or that on Kafka."""

    @property
    def volumes(self) -> int:
        """How many volumes it has."""

    def pages(self, volume: int = 0, after: int = 0) -> Iterator[StoredPage]:
        """Yield the pages of a volume after a number."""

    def page(self, volume: int, number: int) -> StoredPage | None:
        """Return one page, or None."""

    def last_page(self, volume: int = 0) -> int:
        """Return the number of the last page."""

    def refused(self, digest: str) -> bytes | None:
        """Return the bytes of a refused document."""

    def close(self) -> None:
        """Let go of it."""


def open_log(book: Path) -> PageLog:
    """Open the log of a book's folder for reading. Raises `LedgerError`."""
    cluster = read_settings(book).cluster
    if cluster is None:
        return EmbeddedLog.open(book / LOG_FILE, writable=False)
    from ledger.logs.kafka.paged import PagesOnKafka  # noqa: PLC0415 - only a book on a cluster loads a Kafka client

    return PagesOnKafka(cluster)
