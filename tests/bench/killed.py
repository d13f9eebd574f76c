"""The two processes of the kill benchmark: one writes until it is killed, one opens the book and answers.

python -m tests.bench.killed write BOOK SHARE     python -m tests.bench.killed answer BOOK SITE
"""

import itertools
import signal
import subprocess
import sys
import time
from pathlib import Path

from ledger.book import BYTES_A_SNAPSHOT, Book
from ledger.shelf import shelf
from tests.bench.books import commits, record
from tests.bench.figures import Watch
from tests.bench.trade import Trade
from tests.conftest import ROOT


def write(path: Path, share: str) -> None:
    """Write until killed; say the page once this share of the way to the next snapshot is unsaved."""
    book, trade, said = Book.open(path, writable=True), Trade("late", seed=2), False
    for _ in itertools.count():
        record(book, commits(trade.documents(10_000, 100), 100), Watch())
        if not said and book.unsaved_bytes >= float(share) * BYTES_A_SNAPSHOT:
            said = True
            sys.stdout.write(f"{book.folds.admission.page}\n")
            sys.stdout.flush()


def answer(path: Path, site: str) -> None:
    """Open the book for writing, as who takes over does, and say its page and how many items stand at a site."""
    book = Book.open(path, writable=True)
    sys.stdout.write(f"{book.folds.admission.page} {len(shelf(book, site=site))}\n")
    sys.stdout.flush()
    book.close()


def killed_while_writing(path: Path, share: float) -> int:
    """Have a process write and kill it; return a page that was durable before."""
    with _start("write", path, str(share)) as writer:
        page = _line(writer)
        time.sleep(0.1)
        writer.send_signal(signal.SIGKILL)
    return int(page)


def answered(path: Path, site: str) -> tuple[float, int, int]:
    """Have a new process open the book; return the seconds until it answered, its page, and the items there."""
    began = time.perf_counter()
    with _start("answer", path, site) as answerer:
        page, rows = _line(answerer).split()
        seconds = time.perf_counter() - began
    assert answerer.returncode == 0, "the process that takes over ends well"
    return seconds, int(page), int(rows)


def _start(*words: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.bench.killed", *map(str, words)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, f"it ended without a word: {process.args!r}"
    return line


if __name__ == "__main__":
    {"write": write, "answer": answer}[sys.argv[1]](Path(sys.argv[2]), sys.argv[3])
