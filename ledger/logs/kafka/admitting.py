"""Admission of one volume on Kafka: its state is a fold of the pages topic, whoever wrote the pages.

Given the same submissions it writes the same bytes, so a second worker, a repeat or a crash cannot fork the book.
What Kafka cannot carry as a page (too many documents, too long a page) is refused whole, and kept whole.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

from ledger.admission import Admission, decide, evolve, open_volume
from ledger.errors import BrokenEnvironment, Damage
from ledger.logs.kafka.chain import Chain
from ledger.logs.kafka.cluster import REQUEST_BYTES_MAX
from ledger.logs.kafka.keeping import Keeper
from ledger.logs.kafka.reading import Reader
from ledger.logs.kafka.wire import (
    MORE_HEADER,
    Incoming,
    Outgoing,
    Record,
    page_record,
    quarantine_record,
    read_incoming,
)
from ledger.seals import write_page
from schemas.page import Page, Quarantined, Reason, Refused, Result, Submission

DOCUMENTS_MAX = 20_000
"""Documents a submission may hold. Writers send far fewer; a refusal each would make a page nobody could read."""
PAGE_BYTES_MAX = REQUEST_BYTES_MAX - 1_000_000
"""Leaves room for the headers of the record."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A page to be sent, and before it what it refused: a page says that these bytes are kept."""

    written: Outgoing
    kept: tuple[Outgoing, ...]


@dataclass(slots=True)
class KeptAdmission:
    """A snapshot: the state, the offset after its last page, and the book."""

    offset: int
    book: str
    state: Admission


class AdmittedVolume:
    """One volume in the hands of a worker. Not for several threads at once."""

    def __init__(self, volume: int) -> None:
        self.volume = volume
        self.chain = Chain(volume)
        self.state: Admission | None = None
        self.keeper = Keeper("admission", volume, KeptAdmission)

    @property
    def position(self) -> int:
        """Position of the last submission that has a page; -1 for none."""
        return -1 if self.state is None else self.state.submission

    def resume(self, reader: Reader) -> None:
        """Begin from the snapshot, if there is one of this chain; else from the first page."""
        self.state = self.keeper.resume(reader, self.chain) if self.state is None else self.state

    def sent(self, pages: int, offset: int) -> None:
        """Note that pages are durable, the last at an offset; from time to time keep a snapshot of the state there.

        Where another worker wrote between, the place is left as it was: the next taking over reads from there.
        """
        if self.state is not None and offset + 1 == self.chain.offset + pages:
            self.chain.offset = offset + 1
            self.keeper.keep(self.chain, self.state)

    def take_pages(self, records: Iterable[Record]) -> None:
        """Fold pages as they are in the log, to its end. Raises `Damage` where they do not make one chain.

        Raises `BrokenEnvironment` while pages moved in are not all there: to go on would fork the book.
        """
        more = False
        for record in records:
            more = MORE_HEADER in record.headers
            taken = self.chain.take(record.value, record.offset)
            if taken is not None:
                page, seal = taken
                self.keeper.grown(len(record.value or b""))
                if self.state is None:
                    self.state = Admission(page.header.book, self.volume)
                self.state = evolve(self.state, page, seal)
        if more:
            raise BrokenEnvironment("kafka_move_unfinished", volume=self.volume, found=self.chain.page)

    def decide(self, record: Record) -> Decided | None:
        """Say what the submission at the next position becomes; None when it has its page. Gaps are filled before."""
        if record.offset <= self.position:
            return None
        assert record.offset == self.position + 1, f"submission {record.offset} follows {self.position}"
        incoming = read_incoming(record, self.state.nature if self.state else "real")
        page = self._decide(incoming)
        stored, seal = write_page(page)
        if len(stored) > PAGE_BYTES_MAX:
            page = self._refuse_whole(incoming, "page_too_long")
            stored, seal = write_page(page)
        assert self.state is not None, "deciding a page opens the volume"
        self.state = evolve(self.state, page, seal)
        self.chain.note(page, seal, self.chain.offset)
        self.keeper.grown(len(stored))
        return Decided(page_record(page, stored), tuple(quarantine_record(page, q) for q in page.quarantined))

    def decide_all(self, records: Iterable[Record]) -> list[Decided]:
        """Decide records in order; those that have their page are left out."""
        decided = []
        for record in records:  # never by `map`: it would take a StopIteration of ours for the end of the records
            answer = self.decide(record)
            if answer is not None:
                decided.append(answer)
        return decided

    def _decide(self, incoming: Incoming) -> Page:
        if self.state is None:
            if incoming.opened is None:
                raise BrokenEnvironment("kafka_volume_unopened", volume=self.volume)
            self.state = Admission(incoming.opened.book, self.volume)
            return open_volume(self.state, incoming.opened.opening, incoming.submission)
        if incoming.opened is not None:
            return self._refuse_whole(incoming, "opened_already")
        if len(incoming.submission.documents) > DOCUMENTS_MAX:
            return self._refuse_whole(incoming, "too_many_documents")
        return decide(self.state, incoming.submission)

    def _refuse_whole(self, incoming: Incoming, code: str) -> Page:
        assert self.state is not None, "only an open volume refuses"
        sent, value = incoming.submission, incoming.value
        empty = decide(self.state, Submission(sent.position, sent.appended_at, sent.sender, ()))
        digest = hashlib.sha256(value).hexdigest()
        reason = Reason(code=code, facts={"found": str(len(sent.documents)), "bytes": str(len(value))})
        refused = Refused(index=0, result=Result.UNREADABLE, digest=digest, reason=reason)
        kept = Quarantined(digest, sent.sender.name, Result.UNREADABLE, reason, value)
        return replace(empty, header=empty.header.model_copy(update={"refused": (refused,)}), quarantined=(kept,))


def check_submissions(volume: int, first_kept: int, wanted: int) -> None:
    """Stop when submissions that never got a page are no longer kept. Raises `Damage`."""
    if wanted < first_kept:
        raise Damage("kafka_submissions_gone", volume=volume, expected=wanted, found=first_kept)
