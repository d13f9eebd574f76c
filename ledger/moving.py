"""A book moves: out of a folder or a cluster into a file of pages, and out of the file into an empty folder or cluster.

Byte for byte, with what was refused; it makes no page and no figure. A folder's log appears whole or not at all: what
was begun and not finished lies in `moving`, and the next try removes it. What was begun on a cluster is gone on with.
"""

import shutil
from itertools import islice
from pathlib import Path

from ledger.book import LOG_FILE
from ledger.errors import BrokenEnvironment, WrongUse
from ledger.logs.embedded import EmbeddedLog, StoredPage
from ledger.pages_file import Contents, check_pages, read_pages, write_pages
from ledger.settings import read_settings

PAGES_AT_ONCE = 500


def export_pages(book: Path, to: Path) -> Contents:
    """Write the book of a folder, wherever its log is, to a file. Raises `LedgerError`; no half file is left."""
    cluster = read_settings(book).cluster
    if cluster is None:
        embedded = EmbeddedLog.open(book / LOG_FILE, writable=False)
        try:
            return write_pages(embedded, to)
        finally:
            embedded.close()
    from ledger.logs.kafka.paged import PagesOnKafka  # noqa: PLC0415 - only a book on a cluster loads a Kafka client

    paged = PagesOnKafka(cluster)
    try:
        return write_pages(paged, to)
    finally:
        paged.close()


def import_pages(file: Path, book: Path) -> Contents:
    """Make a file of pages the book of a folder, wherever its log is to be. Raises `Damage` before anything is written.

    Raises `BrokenEnvironment` where a book is already, or someone else writes.
    """
    contents = check_pages(file)
    cluster = read_settings(book).cluster
    if cluster is None:
        _move_into_folder(file, contents, book)
        return contents
    from ledger.logs.kafka.moving import move_in  # noqa: PLC0415 - only a book on a cluster loads a Kafka client
    from ledger.logs.kafka.wire import PAGES  # noqa: PLC0415 - the same

    if not move_in(cluster, read_pages(file), contents.volumes):
        raise BrokenEnvironment("kafka_book_exists", topic=cluster.topic(PAGES))
    return contents


def _move_into_folder(file: Path, contents: Contents, book: Path) -> None:
    if contents.volumes != 1:
        raise WrongUse("book_of_many_volumes", found=contents.volumes)
    if (book / LOG_FILE).exists():
        raise BrokenEnvironment("book_exists", path=book)
    draft = book / "moving"
    try:
        shutil.rmtree(draft, ignore_errors=True)
        log = EmbeddedLog.create(draft / LOG_FILE)
        wholes = read_pages(file)
        while some := list(islice(wholes, PAGES_AT_ONCE)):
            kept = [(q.digest, q.raw) for whole in some for q in whole.page.quarantined]
            log.append([StoredPage(0, whole.page.header.page, whole.stored) for whole in some], kept)
        log.close()
        log.tip.replace(book / log.tip.name)
        log.path.replace(book / LOG_FILE)
        draft.rmdir()
    except OSError as error:
        raise BrokenEnvironment("file_unusable", path=book, found=error) from error
