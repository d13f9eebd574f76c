"""A writer in a process of its own that can be killed at any moment: a fork, so that forty kills take seconds."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from ledger.book import Book
from schemas.page import Result
from tests.spec import ANYONE, described, issued, received

SOURCE = "dev-1.t1"


def document(number: int) -> bytes:
    """Give the one document a device made under this number."""
    make = received if number % 3 else issued
    return make(number, note="n" * (number % 400)).but(number=number, source=SOURCE).bytes()


def create(path: Path) -> None:
    """Make a book that knows the item."""
    book = Book.create(path, nature="real", book_id="bg-killed")
    book.submit([described(箱=700).but(number=1).bytes()], ANYONE)
    book.close()


@contextmanager
def writing(path: Path, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Fork a process that submits documents and writes each acknowledged number to a pipe. Yields (process, pipe)."""
    pipe, out = os.pipe()
    process = os.fork()
    if process == 0:
        _submit_and_never_return(path, first, last, out)
    os.close(out)
    try:
        yield process, pipe
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        os.close(pipe)


def _submit_and_never_return(path: Path, first: int, last: int, out: int) -> None:
    try:
        book = Book.open(path, writable=True)
        number = first
        while number <= last:
            batch = range(number, min(number + 1 + number % 4, last + 1))
            answers = book.submit([document(n) for n in batch], ANYONE)
            assert {a.result for a in answers} <= {Result.ADMITTED, Result.ALREADY_ADMITTED}
            os.write(out, b"".join(b"%d\n" % n for n in batch))
            if number % 10 == 0:
                book.save_snapshots()
            number = batch[-1] + 1
        os.write(out, b"done\n")
        time.sleep(60)
    finally:
        os._exit(1)


def write_and_kill(path: Path, first: int, chance: Random) -> list[int]:
    """Let a writer run for a moment, kill it, and return the numbers it was acknowledged."""
    with writing(path, first, first + 10_000) as (process, pipe):
        printed = os.read(pipe, 1)
        time.sleep(chance.random() * 0.04)
        os.kill(process, signal.SIGKILL)
        while more := os.read(pipe, 65_536):
            printed += more
    return [int(line) for line in printed.split(b"\n")[:-1]]


def written_then_killed(path: Path, last: int, then: Callable[[Path], None]) -> None:
    """Have a writer acknowledge documents 1 to `last`, kill it while it waits, and go on with what it left."""
    with writing(path, 1, last) as (_, pipe):
        printed = b""
        while not printed.endswith(b"done\n"):
            more = os.read(pipe, 65_536)
            assert more, "the writer died before it was killed"
            printed += more
    then(path)
