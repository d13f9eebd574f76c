"""Plays a plan into a book, batch after batch, as its sources would send it. It judges nothing; it tallies answers."""

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ledger.book import Book
from ledger.courier import RECORDED_AT, Courier
from ledger.outbox import Outbox
from ledger.tokens import TokenFile
from processors.trial.drafts import Batch, Written
from processors.trial.materials import Device
from processors.trial.plan import Plan
from schemas.page import Result, Sender

READER = "trial-reader"


Results = list[str]
"""One result a document, in order."""


class Door(Protocol):
    """A way into the book."""

    def send(self, wave: Sequence[Batch]) -> list[Results]:
        """Send what several sources send at one moment; return the results of each batch, when they are durable."""


@dataclass(slots=True)
class Tally:
    """Answers by result, and every document that got another than it must."""

    results: Counter[str] = field(default_factory=Counter)
    surprises: list[tuple[Written, str]] = field(default_factory=list)

    @property
    def admitted(self) -> int:
        """Documents admitted now."""
        return self.results[Result.ADMITTED]

    @property
    def already(self) -> int:
        """Documents the book knew."""
        return self.results[Result.ALREADY_ADMITTED]

    @property
    def quarantined(self) -> int:
        """Documents refused and kept."""
        return self.results.total() - self.admitted - self.already

    def add(self, other: "Tally") -> None:
        """Count another tally in."""
        self.results += other.results
        self.surprises += other.surprises

    def take(self, batch: Batch, results: Sequence[str]) -> None:
        """Count the answers to a batch."""
        for document, result in zip(batch.documents, results, strict=True):
            self.results[result] += 1
            known = document.expected == Result.ADMITTED and result == Result.ALREADY_ADMITTED
            if result != document.expected and not known:
                self.surprises.append((document, result))


def play(plan: Plan, door: Door, progress: Callable[[int, int], None]) -> Tally:
    """Send every batch in order of arrival. What a book knows already may be answered so: that is no surprise."""
    tally = Tally()
    for wave in waves(plan.batches):
        for batch, results in zip(wave, door.send(wave), strict=True):
            tally.take(batch, results)
        progress(tally.results.total(), plan.documents)
    return tally


def waves(batches: Sequence[Batch]) -> Iterator[list[Batch]]:
    """Put together what is sent at one moment about different sites: the order among them means nothing."""
    wave: list[Batch] = []
    sites: set[str] = set()
    for batch in batches:
        about = {document.identity.partition("/")[0] for document in batch.documents}
        if wave and (batch.recorded_at != wave[0].recorded_at or about & sites):
            yield wave
            wave, sites = [], set()
        wave.append(batch)
        sites |= about
    if wave:
        yield wave


class BookDoor:
    """Straight into a book this process writes, one batch after the other: for tests."""

    def __init__(self, book: Book) -> None:
        self.book = book

    def send(self, wave: Sequence[Batch]) -> list[Results]:
        """Submit each batch as one submission of its source."""
        return [self._submit(batch) for batch in wave]

    def _submit(self, batch: Batch) -> Results:
        device = batch.device
        sender = Sender(name=device.name, sites=device.sites, sources=(device.name,))
        answers = self.book.submit([document.raw for document in batch.documents], sender, batch.recorded_at)
        return [answer.result for answer in answers]


class Scanner:
    """One source at work over HTTP, in a thread of its own: its outbox, its token, its connection."""

    def __init__(self, device: Device, folder: Path, url: str, secret: str) -> None:
        self.device = device
        self.outbox_path = folder / f"{device.name}.sqlite3"
        self.url = url
        self.secret = secret
        self.outbox: Outbox | None = None
        self.courier: Courier | None = None
        self.thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=device.name)

    def send(self, batch: Batch) -> "Future[Results]":
        """Save the documents in the outbox, then deliver it."""
        return self.thread.submit(self._send, batch)

    def switch_off(self) -> None:
        """Close outbox and connection."""
        self.thread.submit(self._close)
        self.thread.shutdown()

    def _send(self, batch: Batch) -> Results:
        outbox = self.outbox = self.outbox or Outbox(self.outbox_path, self.device.name)
        courier = self.courier = self.courier or Courier(self.url, self.secret)
        courier.client.headers[RECORDED_AT] = batch.recorded_at.isoformat()
        if any(document.expected == Result.ALREADY_ADMITTED for document in batch.documents):
            # The answer to the first sending was lost on the way: the device sends the same bytes once more.
            again = [document.raw for document in batch.documents]
            return [answer["result"] for answer in courier.carry(again, 0, outbox.path)]
        places, _ = outbox.add_lines(document.raw for document in batch.documents)
        outbox.deliver(courier)
        return [saved.result or "" for saved in outbox.at(places)]

    def _close(self) -> None:
        if self.outbox is not None:
            self.outbox.close()
        if self.courier is not None:
            self.courier.client.close()


class GatewayDoor:
    """Over HTTP: what is sent at one moment is sent at once, each source by itself."""

    def __init__(self, scanners: Mapping[str, Scanner]) -> None:
        self.scanners = scanners

    def send(self, wave: Sequence[Batch]) -> list[Results]:
        """Have every source of the wave send its batch; wait for all."""
        sending = [self.scanners[batch.device.name].send(batch) for batch in wave]
        return [sent.result() for sent in sending]


@contextmanager
def scanners(devices: Sequence[Device], url: str, secrets: Mapping[str, str]) -> Iterator[GatewayDoor]:
    """Switch every source on, with a fresh outbox each; off again when the block ends."""
    with tempfile.TemporaryDirectory(prefix="baogong-trial-") as folder:
        working = {d.name: Scanner(d, Path(folder), url, secrets[d.name]) for d in devices}
        try:
            yield GatewayDoor(working)
        finally:
            for scanner in working.values():
                scanner.switch_off()


def hand_out_tokens(book: Path, devices: Sequence[Device]) -> dict[str, str]:
    """Give every source a new token for its own sites, and people one to read with; return the secrets by name."""
    tokens = TokenFile.of(book)
    wanted = [(d.name, d.sites, (d.name,), False) for d in devices] + [(READER, ("*",), ("*",), True)]
    known = {token.name for token in tokens.tokens}
    secrets = {}
    for name, sites, sources, read_only in wanted:
        if name in known:
            tokens.remove(name)
        secrets[name] = tokens.add(name, sites, sources, read_only=read_only)
    return secrets
