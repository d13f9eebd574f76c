"""Kills with -9 what serves, sends and copies, at seeded moments, and then compares everything with everything.

    python -m tests.drills devices --kills 400 --seed 3      a gateway and a device, killed in turn
    python -m tests.drills lake --kills 200                  the lake's writer, killed during its commits

Every process is a fork of this one, so that a life costs milliseconds. What a device called saved it also wrote to a
journal, one line at a time: that is the promise held against the book.
"""

import argparse
import os
import signal
import socket
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from ledger.book import Book, Letter
from ledger.errors import BrokenEnvironment
from ledger.gateway import Limits
from ledger.lake import LakeWriter
from ledger.outbox import DELIVERED, Outbox
from ledger.tokens import TokenFile
from processors.serving import listen, run
from tests.spec import ANYONE, described, received

SITES = ("WH-01", "WH-02")
LIFE_SECONDS_MAX = 0.35


@dataclass
class Outcome:
    """What was counted after a drill; `faults` is empty when every promise was kept."""

    killed: Counter[str] = field(default_factory=Counter)
    saved: int = 0
    in_book: int = 0
    repeats: int = 0
    faults: list[str] = field(default_factory=list)


def fork(life: Callable[[], object], folder: Path) -> int:
    """Run a life in a process of its own; return its id. An error that ends it goes into `failures`."""
    process = os.fork()
    if process:
        return process
    try:
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        life()
    except BaseException:  # noqa: BLE001 - whatever it was is told, and the life ends
        with (folder / "failures").open("a") as failures:
            traceback.print_exc(file=failures)
    finally:
        os._exit(0)


def kill(process: int) -> None:
    """Kill -9 and wait for its end."""
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)


def drill_devices(folder: Path, kills: int, seed: int) -> Outcome:
    """Kill a gateway and a device `kills` times each, in turn as chance has it; then compare outbox, journal, book."""
    chance, outcome = Random(seed), Outcome()
    book, port = folder / "book", _free_port()
    with closing(Book.create(book, nature="rehearsal")) as opened:
        opened.submit([described(箱=700).but(number=1).bytes()], ANYONE)
    token = TokenFile.of(book).add("device", (), ())
    lives: dict[str, Callable[[], object]] = {
        "gateway": lambda: _serve(book, port), "device": lambda: _record_and_send(folder, port, token)
    }  # fmt: skip
    running = {name: fork(life, folder) for name, life in lives.items()}
    while min(outcome.killed[name] for name in lives) < kills:
        time.sleep(chance.uniform(0, LIFE_SECONDS_MAX))
        victim = chance.choice([name for name in lives if outcome.killed[name] < kills])
        kill(running[victim])
        outcome.killed[victim] += 1
        running[victim] = fork(lives[victim], folder)
    for process in running.values():
        kill(process)
    _finish(folder, port, token)
    _compare(folder, outcome)
    _read_failures(folder, outcome)
    return outcome


def _serve(book: Path, port: int) -> None:
    with closing(Book.open(book, writable=True)) as opened:
        run(opened, listen("127.0.0.1", port), None, Limits())


def _record_and_send(folder: Path, port: int, token: str) -> None:
    """Live as a device: save one to four documents, note each one saved, send what waits, for ever."""
    journal = os.open(folder / "journal", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    outbox, turn = Outbox(folder / "outbox.sqlite3", "dev-1"), 0
    while True:
        for _ in range(turn % 4 + 1):
            fields = {k: v for k, v in received(5).fields.items() if k not in ("kind", "site", "source", "number")}
            identity = outbox.add("goods_received.v1", SITES[turn % len(SITES)], fields | {"note": "n" * (turn % 300)})
            os.write(journal, f"{identity}\n".encode())
            turn += 1
        try:
            outbox.send(f"http://127.0.0.1:{port}", token, attempts=1)
        except BrokenEnvironment:
            time.sleep(0.02)


def _finish(folder: Path, port: int, token: str) -> None:
    """Let one gateway live, send all that waits, and end the gateway properly."""
    gateway = fork(lambda: _serve(folder / "book", port), folder)
    with closing(Outbox(folder / "outbox.sqlite3")) as outbox:
        outbox.send(f"http://127.0.0.1:{port}", token)
    os.kill(gateway, signal.SIGTERM)
    os.waitpid(gateway, 0)


def _compare(folder: Path, outcome: Outcome) -> None:
    with closing(Book.open(folder / "book")) as book:
        kept = [(e.entry.site, e.entry.source, e.entry.number, e.raw) for page, _ in book.pages() for e in page.entries]
        outcome.repeats = sum(len(page.header.refused) for page, _ in book.pages())
        stock = sum(b.on_hand for b in book.folds.stock.balances.values())
    kept = [entry for entry in kept if entry[0] in SITES]
    journal = (folder / "journal").read_text().split()
    with closing(Outbox(folder / "outbox.sqlite3")) as outbox:
        refused, waiting, in_outbox = outbox.refused(), outbox.waiting(), [s.document for s in outbox.latest(10**9)]
        unanswered = [s.place for s in outbox.latest(10**9) if s.result not in DELIVERED]
    outcome.saved, outcome.in_book = len(journal), len(kept)
    identities = Counter(f"{site}/{source}/{number}" for site, source, number, _ in kept)
    numbers = {site: [n for s, _, n, _ in kept if s == site] for site in SITES}
    for said, broken in {
        "called saved but not in the book": set(journal) - set(identities),
        "in the book twice": {i for i, times in identities.items() if times > 1},
        "in the outbox with other bytes than in the book": set(in_outbox) ^ {raw for *_, raw in kept},
        "refused": refused, "waiting": waiting, "unanswered": unanswered,
        "out of order, or numbers missing": [s for s, n in numbers.items() if n != list(range(1, len(n) + 1))],
        "stock is not the sum of the documents": stock - 5 * len(kept),
        "fewer documents than kills: a life does nothing": len(journal) < outcome.killed.total(),
    }.items():  # fmt: skip
        if broken:
            outcome.faults.append(f"{said}: {broken}")


def drill_lake(folder: Path, kills: int, seed: int) -> Outcome:
    """Kill the lake's writer `kills` times after its first commit of a life; then the lake must be the log."""
    chance, outcome = Random(seed), Outcome()
    book = folder / "book"
    with closing(Book.create(book, nature="rehearsal")) as opened:
        opened.submit([described(箱=700).but(number=1).bytes()], ANYONE)
        documents = [received(n % 9 + 1, lot=f"L{n % 7}").but(number=n).bytes() for n in range(1, 8 * kills)]
        opened.submit_group([Letter(ANYONE, (document,)) for document in documents])
    while outcome.killed["lake"] < kills:
        heard, saying = os.pipe()
        process = fork(lambda saying=saying: _copy(book, saying, chance.randrange(1, 4)), folder)
        os.close(saying)
        assert os.read(heard, 1) == b"1", "the lake's writer could not begin"
        os.close(heard)
        time.sleep(chance.uniform(0, 0.12))
        kill(process)
        outcome.killed["lake"] += 1
    _compare_lake(book, outcome)
    _read_failures(folder, outcome)
    return outcome


def _read_failures(folder: Path, outcome: Outcome) -> None:
    """A life that ended in an error of its own was not killed: that is a fault too."""
    failures = folder / "failures"
    if failures.exists():
        outcome.faults.append(f"lives that failed: {failures.read_text().splitlines()[-1]}")


def _copy(book: Path, saying: int, pages_a_commit: int) -> None:
    """Live as the lake's writer: small commits, one after the other; say when the first is made."""
    with LakeWriter(book) as lake:
        if lake.rebuilt is not None:
            os._exit(1)
        while pages := [p for _, p in zip(range(pages_a_commit), lake.log.pages(0, lake.page()), strict=False)]:
            lake.commit(pages)
            os.write(saying, b"1")
    time.sleep(60)


def _compare_lake(book: Path, outcome: Outcome) -> None:
    from ledger.lake import Lake, catch_up

    with closing(Book.open(book)) as opened:
        pages = [(page.header.page, seal, len(page.entries)) for page, seal in opened.pages()]
        raws = [(page.header.page, e.seq, e.raw.decode()) for page, _ in opened.pages() for e in page.entries]
        stock = {k: b.on_hand for k, b in opened.folds.stock.balances.items()}
    with closing(Lake.connect(book)) as lake:
        outcome.saved = len(lake.execute("SELECT page FROM pages").fetchall())
    catch_up(book)
    with closing(Lake.connect(book)) as lake:
        ask = lambda sql: lake.execute(sql).fetchall()  # noqa: E731 - the connection's own question, shortened
        outcome.in_book = len(pages)
        for said, broken in {
            "pages differ": ask("SELECT page, seal, entries FROM pages ORDER BY page") != pages,
            "entries differ": ask("SELECT page, seq, document FROM entries ORDER BY seq") != raws,
            "stock differs": dict(ask("SELECT (site, item, lot), on_hand FROM lots")) != stock,
        }.items():  # fmt: skip
            if broken:
                outcome.faults.append(said)


def _free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


DRILLS = {"devices": drill_devices, "lake": drill_lake}


def main() -> int:
    """Run one drill as the command line asks; 1 when a promise was broken."""
    asked = argparse.ArgumentParser(prog="tests.drills")
    asked.add_argument("drill", choices=DRILLS)
    asked.add_argument("--kills", type=int, default=30)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--folder", type=Path)
    given = asked.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="baogong-drill-"))
    folder.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    outcome = DRILLS[given.drill](folder, given.kills, given.seed)
    sys.stdout.write(f"{outcome} in {time.monotonic() - began:.1f} s, kept in {folder}\n")
    return 1 if outcome.faults else 0


if __name__ == "__main__":
    sys.exit(main())
