"""Plays a plan into a book, batch after batch, as its sources would send it. It judges nothing; it tallies answers."""

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ledger.book import Book
from ledger.courier import Courier
from ledger.gateway.submissions import RECORDED_AT
from ledger.outbox import Outbox
from ledger.tokens import TokenFile
from processors.trial.drafts import Batch, Written
from processors.trial.materials import Device
from processors.trial.plan import Plan
from schemas.page import Result, Sender

READER = "trial-reader"


class Door(Protocol):
    """A way into the book."""

    def send(self, batch: Batch) -> list[str]:
        """Send a batch; return one result a document, in order, when they are durable."""


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


def play(plan: Plan, door: Door, progress: Callable[[int, int], None]) -> Tally:
    """Send every batch in order of arrival. What a book knows already may be answered so: that is no surprise."""
    tally, sent = Tally(), 0
    for batch in plan.batches:
        for document, result in zip(batch.documents, door.send(batch), strict=True):
            tally.results[result] += 1
            known = document.expected == Result.ADMITTED and result == Result.ALREADY_ADMITTED
            if result != document.expected and not known:
                tally.surprises.append((document, result))
        sent += len(batch.documents)
        progress(sent, plan.documents)
    return tally


class BookDoor:
    """Straight into a book this process writes: for tests."""

    def __init__(self, book: Book) -> None:
        self.book = book

    def send(self, batch: Batch) -> list[str]:
        """Submit the batch as one submission of its source."""
        device = batch.device
        sender = Sender(name=device.name, sites=device.sites, sources=(device.name,))
        answers = self.book.submit([document.raw for document in batch.documents], sender, batch.recorded_at)
        return [answer.result for answer in answers]


class GatewayDoor:
    """Over HTTP: every source with its own outbox and its own token."""

    def __init__(self, outboxes: Mapping[str, Outbox], couriers: Mapping[str, Courier]) -> None:
        self.outboxes = outboxes
        self.couriers = couriers

    def send(self, batch: Batch) -> list[str]:
        """Save the documents in the outbox of their source, then deliver it."""
        outbox, courier = self.outboxes[batch.device.name], self.couriers[batch.device.name]
        courier.client.headers[RECORDED_AT] = batch.recorded_at.isoformat()
        if any(document.expected == Result.ALREADY_ADMITTED for document in batch.documents):
            # The answer to the first sending was lost on the way: the device sends the same bytes once more.
            again = [document.raw for document in batch.documents]
            return [answer["result"] for answer in courier.carry(again, 0, outbox.path)]
        places, _ = outbox.add_lines(document.raw for document in batch.documents)
        outbox.deliver(courier)
        return [saved.result or "" for saved in outbox.at(places)]


@contextmanager
def scanners(devices: Sequence[Device], url: str, secrets: Mapping[str, str]) -> Iterator[GatewayDoor]:
    """Switch every source on: a fresh outbox file each, and a connection to the gateway."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="baogong-trial-")))
        outboxes, couriers = {}, {}
        for device in devices:
            outboxes[device.name] = Outbox(folder / f"{device.name}.sqlite3", device.name)
            stack.callback(outboxes[device.name].close)
            couriers[device.name] = stack.enter_context(Courier(url, secrets[device.name]))
        yield GatewayDoor(outboxes, couriers)


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
