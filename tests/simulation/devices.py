"""Devices and the line between them and the book. A device keeps what it made until it is told the book has it."""

from collections import Counter
from dataclasses import dataclass, field
from random import Random

from schemas.page import Result
from tests.spec import Doc, dispatched, issued, received, reversal

SITES = ("WH-01", "WH-02")
LOTS = ("", "A")
Identity = tuple[str, str, int]
Moved = Counter[tuple[str, str]]
"""By site and lot, in base units: what the second model thinks a document does."""


@dataclass(frozen=True)
class Made:
    """A document a device made, and what it means by it."""

    identity: Identity
    raw: bytes
    moved: Moved


@dataclass
class Device:
    """A scanner with its own counter for each site. It makes documents, keeps them, and sends until answered."""

    source: str
    chance: Random
    numbers: Counter[str] = field(default_factory=Counter)
    outbox: dict[Identity, Made] = field(default_factory=dict)
    acknowledged: set[Identity] = field(default_factory=set)
    reversible: list[tuple[Doc, Moved]] = field(default_factory=list)
    broken: bool = False

    def make(self) -> Made:
        """Make a document and save it, before anything is sent."""
        site = self.chance.choice(SITES)
        doc, moved = self._document(site)
        self.numbers[site] += 1
        doc = doc.but(number=self.numbers[site], site=site, source=self.source)
        if doc.fields["kind"] != "entry_reversed.v1":
            self.reversible.append((doc, moved))
        made = Made((site, self.source, self.numbers[site]), doc.bytes(), moved)
        self.outbox[made.identity] = made
        return made

    def _document(self, site: str) -> tuple[Doc, Moved]:
        quantity, lot = self.chance.randint(1, 99), self.chance.choice(LOTS)
        of_here = [known for known in self.reversible if known[0].fields["site"] == site]
        match self.chance.choice(("received", "issued", "dispatched", "reversed")):
            case "received":
                return received(quantity, lot=lot), Counter({(site, lot): quantity})
            case "reversed" if of_here:
                doc, moved = self.chance.choice(of_here)
                self.reversible.remove((doc, moved))
                return reversal(doc), Counter({key: -n for key, n in moved.items()})
            case "dispatched":
                return dispatched(quantity, lot=lot), Counter({(site, lot): -quantity})
            case _:
                return issued(quantity, lot=lot), Counter({(site, lot): -quantity})

    def pick(self) -> tuple[Made, ...]:
        """Pick some of what waits, in order, as one message."""
        waiting = list(self.outbox.values())
        start = self.chance.randrange(len(waiting)) if waiting and self.chance.random() < 0.2 else 0
        return tuple(waiting[start : start + self.chance.randint(1, 8)])

    def hear(self, identity: Identity, result: Result) -> None:
        """Take an answer: what the book has need not be kept."""
        if result in (Result.ADMITTED, Result.ALREADY_ADMITTED):
            self.acknowledged.add(identity)
            self.outbox.pop(identity, None)


@dataclass
class Line:
    """A line that loses, repeats, reorders and delays."""

    chance: Random
    messages: list[tuple[Made, ...]] = field(default_factory=list)
    perfect: bool = False

    def send(self, message: tuple[Made, ...]) -> None:
        """Put a message on the line, not at all, once or twice."""
        if message:
            copies = 1 if self.perfect else self.chance.choice((0, 1, 1, 1, 2))
            self.messages.extend([message] * copies)

    def deliver(self) -> list[tuple[Made, ...]]:
        """Take some messages off the line, in any order; some stay, some come again later."""
        count = len(self.messages) if self.perfect else self.chance.randint(0, min(4, len(self.messages)))
        taken = []
        for _ in range(count):
            at = 0 if self.perfect else self.chance.randrange(len(self.messages))
            taken.append(self.messages[at] if self._comes_again() else self.messages.pop(at))
        return taken

    def _comes_again(self) -> bool:
        return not self.perfect and self.chance.random() < 0.05

    def answer_arrives(self) -> bool:
        """Tell whether an answer finds its way back."""
        return self.perfect or self.chance.random() < 0.8
