"""What a gateway sends to a cluster, and whose it is: letters become parcels, pages become answers.

A parcel is one submission: documents of one sender for one volume, of all letters that came together. It sends
nothing and reads nothing.
"""

import hashlib
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from ledger.book import Answer
from ledger.gateway.limits import Limits, Refusal
from ledger.gateway.writer import RETRY_AFTER_SECONDS, Answered, Waiting
from ledger.logs.kafka.wire import Outgoing, submission_record
from ledger.logs.kafka.writing import site_of
from ledger.routing import volumes_of
from schemas.page import PageHeader, Result, Sender


class Reply:
    """The answers to one letter as its pages come, volume by volume."""

    def __init__(self, waiting: Waiting) -> None:
        self.waiting = waiting
        self.awaited = 0
        """Answers still to come; a document for every site gets one from each volume."""
        self.pages: dict[int, int] = {}
        self._answers: list[Answer | None] = [None] * len(waiting.letter.documents)

    def take(self, index: int, answer: Answer) -> None:
        """Take one volume's answer. A refusal says more than an admission, that more than a repeat; else the first."""
        known = self._answers[index]
        if known is None or _weight(answer) > _weight(known):
            self._answers[index] = answer
        self.pages[answer.volume] = max(answer.page, self.pages.get(answer.volume, 0))
        self.awaited -= 1

    def whole(self) -> Answered:
        """Return the answers, once none is awaited."""
        assert self.awaited == 0, f"{self.awaited} answers are still to come"
        return Answered(tuple(answer for answer in self._answers if answer is not None), self.pages)


def _weight(answer: Answer) -> int:
    return 2 if answer.reason is not None else int(answer.result is Result.ADMITTED)


@dataclass(slots=True)
class Parcel:
    """Documents that go out as one submission, each with the reply it belongs to and its place there."""

    volume: int
    sender: Sender
    recorded_at: datetime | None
    documents: list[bytes] = field(default_factory=list)
    owners: list[tuple[Reply, int]] = field(default_factory=list)
    size: int = 0
    sent_at: float = field(default_factory=time.monotonic)

    def record(self) -> Outgoing:
        """Write it as a submission."""
        return submission_record(self.volume, self.documents, self.sender, recorded_at=self.recorded_at)

    def replies(self) -> list[Reply]:
        """Return the replies it is part of, each once."""
        return list({id(reply): reply for reply, _ in self.owners}.values())


def pack(letters: Iterable[Waiting], volumes: int, limits: Limits) -> list[Parcel]:
    """Sort the documents of letters into parcels, in order. None holds more than one letter may."""
    parcels: list[Parcel] = []
    filling: dict[tuple[int, Sender, datetime | None], Parcel] = {}
    for waiting in letters:
        reply, letter = Reply(waiting), waiting.letter
        for index, document in enumerate(letter.documents):
            for volume in volumes_of(site_of(document), volumes):
                key = (volume, letter.sender, letter.recorded_at)
                parcel = filling.get(key)
                if parcel is None or not _has_room(parcel, document, limits):
                    parcel = filling[key] = Parcel(*key)
                    parcels.append(parcel)
                parcel.documents.append(document)
                parcel.owners.append((reply, index))
                parcel.size += len(document)
                reply.awaited += 1
    return parcels


def _has_room(parcel: Parcel, document: bytes, limits: Limits) -> bool:
    return len(parcel.documents) < limits.documents_max and parcel.size + len(document) <= limits.body_bytes_max


class Awaited:
    """Parcels that wait for their pages. A page may come before the sender knows where its submission lies."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._parcels: dict[tuple[int, int], Parcel] = {}
        """By volume and position of the submission, oldest first."""
        self._early: dict[tuple[int, int], PageHeader] = {}
        self._sending = False

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Remember the pages that come while parcels are on their way."""
        with self._lock:
            self._sending = True
        try:
            yield
        finally:
            with self._lock:
                self._sending = False
                self._early.clear()

    def expect(self, parcels: Sequence[Parcel], positions: Sequence[int]) -> list[Reply]:
        """Note where parcels lie; return the replies that are whole already. Call it while `sending`."""
        with self._lock:
            whole = []
            for parcel, position in zip(parcels, positions, strict=True):
                header = self._early.get((parcel.volume, position))
                if header is None:
                    self._parcels[parcel.volume, position] = parcel
                else:
                    whole += _fill(parcel, header)
            return whole

    def take(self, header: PageHeader) -> tuple[Parcel | None, list[Reply]]:
        """Take a page; return the parcel it answers, if it is one of ours, and the replies that are now whole."""
        place = header.volume, header.submission
        with self._lock:
            parcel = self._parcels.pop(place, None)
            if parcel is not None:
                return parcel, _fill(parcel, header)
            if self._sending:
                self._early[place] = header
            return None, []

    def give_up(self, seconds_max: float) -> None:
        """Tell whoever has waited longer that there is no page yet; their documents are durable and may be admitted."""
        since = time.monotonic() - seconds_max
        with self._lock:
            late = [place for place, parcel in self._parcels.items() if parcel.sent_at < since]
            parcels = [self._parcels.pop(place) for place in late]
        for reply in (reply for parcel in parcels for reply in parcel.replies()):
            facts = {"seconds": str(seconds_max)}
            reply.waiting.fail(Refusal(503, "answer_awaited", facts, {"Retry-After": str(RETRY_AFTER_SECONDS)}))


def _fill(parcel: Parcel, header: PageHeader) -> list[Reply]:
    for (reply, index), answer in zip(parcel.owners, _answers(parcel, header), strict=True):
        reply.take(index, answer)
    return [reply for reply in parcel.replies() if reply.awaited == 0]


def _answers(parcel: Parcel, header: PageHeader) -> Iterator[Answer]:
    """Say what a page made of each document. A submission refused whole has one refusal for all of them."""
    refused = {no.index: no for no in header.refused}
    whole = header.entries + len(refused) != len(parcel.documents)
    seq = header.first_seq
    for place, (document, (_, index)) in enumerate(zip(parcel.documents, parcel.owners, strict=True)):
        digest = hashlib.sha256(document).hexdigest()
        no = refused[0] if whole else refused.get(place)
        if no is not None:
            yield Answer(index, no.result, digest, header.volume, header.page, None, no.reason)
        else:
            yield Answer(index, Result.ADMITTED, digest, header.volume, header.page, seq)
            seq += 1
