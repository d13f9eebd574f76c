"""One simulated run: steps drawn from a seed, a book on a real disk that crashes, the checks of the second model."""

from collections import Counter
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from ledger import folds as live
from ledger.book import Answer, Book, Letter
from ledger.errors import BrokenEnvironment
from ledger.logs.embedded import StoredPage
from schemas.page import Result
from tests.simulation.devices import Device, Identity, Line, Made, Moved
from tests.spec import ANYONE, NOON, described, received

STEPS = 60


class Crash(BaseException):
    """The process of the book ends here."""


class Simulation:
    """Devices, line and book of one seed."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.chance = Random(seed)
        self.path = folder / "book"
        self.clock = NOON
        self.devices = [Device(f"dev-{n}.s{seed}", Random(self.chance.random())) for n in range(3)]
        self.line = Line(Random(self.chance.random()))
        self.made: dict[Identity, Made] = {}
        self.crash_at = ""
        self.crashes = 0
        self.book = Book.create(self.path, nature="rehearsal", opened_at=NOON, book_id=f"bg-{seed}")
        self._attach()

    def run(self) -> None:
        """Take the steps, then let everything through and check."""
        self.book.submit([described().but(number=1).bytes()], ANYONE, self.clock)
        for _ in range(STEPS):
            self._step()
        self._drain()
        self._check()

    # -- what happens
    def _step(self) -> None:
        self.clock += timedelta(minutes=1)
        device = self.chance.choice(self.devices)
        dice = self.chance.random()
        if dice < 0.5 and not device.broken:
            made = device.make()
            self.made[made.identity] = made
        if dice > 0.97 and sum(d.broken for d in self.devices) < 2:
            device.broken = True  # what it had not sent is lost with it: a gap, or nothing
        if not device.broken:
            self.line.send(device.pick())
        self.crash_at = self.chance.choice(("decide", "append", "answer", "refuse", *[""] * 16))
        if self.chance.random() < 0.1:
            self.book.save_snapshots()
        if self.chance.random() < 0.05:
            self._forge()
        self._deliver(self.line.deliver())

    def _deliver(self, messages: list[tuple[Made, ...]]) -> None:
        """The door: what arrived together is committed together, and answered when it is durable."""
        letters = [Letter(ANYONE, tuple(made.raw for made in message), self.clock) for message in messages]
        try:
            groups = self.book.submit_group(letters)
        except Crash:
            self._restart()
            return
        except BrokenEnvironment:
            return  # nothing was acknowledged; the devices send again
        for message, answers in zip(messages, groups, strict=True):
            if self.line.answer_arrives():
                self._answer(message, answers)

    def _answer(self, message: tuple[Made, ...], answers: tuple[Answer, ...]) -> None:
        for made, answer in zip(message, answers, strict=True):
            for device in self.devices:
                if device.source == made.identity[1]:
                    device.hear(made.identity, answer.result)

    def _forge(self) -> None:
        """Somebody uses an acknowledged number for other goods: that is to be refused, and to count nothing."""
        device = self.chance.choice(self.devices)
        if device.acknowledged:
            site, source, number = self.chance.choice(sorted(device.acknowledged))
            forged = received(1_000_000, site=site, source=source, note="forged").but(number=number)
            crash_at, self.crash_at = self.crash_at, ""
            answer = self.book.submit([forged.bytes()], ANYONE, self.clock)[0]
            assert answer.result is Result.CONFLICTING, f"a used number was answered {answer.result}"
            self.crash_at = crash_at

    # -- crashes
    def _attach(self) -> None:
        """Put the points at which the process may end around the commit."""
        append, decide = self.book.log.append, self.book.decide

        def failing_append(pages: list[StoredPage], refused: list[tuple[str, bytes]]) -> None:
            self._maybe("append")
            if self.crash_at == "refuse":
                self.crash_at = ""
                raise BrokenEnvironment("log_not_written", path=self.path, found="disk full")
            append(pages, refused)
            self._maybe("answer")

        self.book.log.append = failing_append  # type: ignore[method-assign]  # the one place a crash can matter
        self.book.decide = lambda letter: (self._maybe("decide"), decide(letter))[1]  # type: ignore[method-assign]  # as above

    def _maybe(self, point: str) -> None:
        if self.crash_at == point:
            self.crash_at = ""
            raise Crash(point)

    def _restart(self) -> None:
        """The process is gone; another opens what it left on disk, sometimes without (some of) its snapshots."""
        self.crashes += 1
        self.end()
        for snapshot in sorted(self.book.snapshots.glob("*.snapshot")):
            if self.chance.random() < 0.3:
                snapshot.unlink()
        self.book = Book.open(self.path, writable=True)
        self._attach()

    def end(self) -> None:
        """Let go of the files as a process that ends does: nothing is saved or said."""
        assert self.book.lock is not None
        self.book.log.connection.close()
        self.book.lock.file.close()

    # -- what must hold
    def _drain(self) -> None:
        self.crash_at = ""
        self.line.perfect = True
        for _ in range(100):
            for device in self.devices:
                if not device.broken:
                    self.line.send(device.pick())
            self._deliver(self.line.deliver())
            if not any(device.outbox for device in self.devices if not device.broken):
                return
        waiting = [sorted(device.outbox)[:3] for device in self.devices if device.outbox and not device.broken]
        raise AssertionError(f"documents that the book never took: {waiting}")

    def _check(self) -> None:
        recorded = [e for page, _ in self.book.pages(2) for e in page.entries]
        times = Counter((e.entry.site, e.entry.source, e.entry.number) for e in recorded)
        twice = [identity for identity, count in times.items() if count > 1]
        assert not twice, f"recorded twice: {twice}"
        for entry in recorded:
            identity = (entry.entry.site, entry.entry.source, entry.entry.number)
            assert entry.raw == self.made[identity].raw, f"recorded what was never made: {identity}"
        lost = [i for device in self.devices for i in device.acknowledged if i not in times]
        assert not lost, f"acknowledged and not in the book: {lost}"
        self._check_figures(times)
        self._check_gaps(times)
        replayed = live.replay(self.book.id, 0, (stored.stored for stored in self.book.log.pages()))
        assert replayed == self.book.folds, "a replay differs from the live figures"

    def _check_figures(self, times: Counter[Identity]) -> None:
        model: Moved = Counter()
        for identity in times:
            for key, moved in self.made[identity].moved.items():
                model[key] += moved
        balances = self.book.folds.stock.balances
        found = {(site, lot): b.on_hand for (site, _, lot), b in balances.items() if b.on_hand}
        assert found == {key: n for key, n in model.items() if n}, f"stock {found}, second model {dict(model)}"

    def _check_gaps(self, times: Counter[Identity]) -> None:
        for (site, source), numbering in self.book.folds.admission.sources.items():
            if site == "*":
                continue
            open_numbers = {n for low, high in numbering.gaps for n in range(low, high + 1)}
            never = {n for n in range(1, numbering.last + 1) if (site, source, n) not in times}
            assert open_numbers == never, f"{site} {source}: gaps {open_numbers}, never delivered {never}"


def simulate(seed: int) -> Simulation:
    """Run one seed. Raises `AssertionError` that says what did not hold."""
    with TemporaryDirectory(prefix="baogong-simulation-") as folder:
        simulation = Simulation(seed, Path(folder))
        try:
            simulation.run()
        finally:
            simulation.end()
        return simulation
