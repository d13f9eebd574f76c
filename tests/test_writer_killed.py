"""kill -9 on the writer: every document it acknowledged is in the book, exactly once (promises 1 and 2)."""

from collections import Counter
from pathlib import Path
from random import Random

import pytest

from ledger import folds as live
from ledger.book import Book
from tests.killing import create, document, write_and_kill

KILLS = 40


@pytest.mark.drill
def test_every_number_a_killed_writer_acknowledged_is_in_the_book_exactly_once(tmp_path: Path) -> None:
    chance = Random(20200129)
    path = tmp_path / "book"
    create(path)
    acknowledged: set[int] = set()
    for kill in range(KILLS):
        again = max(1, max(acknowledged, default=0) - 3)  # a device sends again what it is not sure of
        acknowledged.update(write_and_kill(path, again, chance))
        book = Book.open(path, writable=kill % 2 == 0)
        times = Counter(e.entry.number for page, _ in book.pages(2) for e in page.entries)
        assert acknowledged <= set(times), f"kill {kill}: acknowledged and lost"
        assert set(times.values()) == {1}, f"kill {kill}: counted twice"
        assert sorted(times) == list(range(1, max(times) + 1)), f"kill {kill}: a gap"
        assert book.folds == live.replay(book.id, 0, (stored.stored for stored in book.log.pages()))
        book.close()
    assert len(acknowledged) > KILLS


@pytest.mark.drill
def test_what_a_killed_writer_left_is_what_was_sent(tmp_path: Path) -> None:
    path = tmp_path / "book"
    create(path)
    write_and_kill(path, 1, Random(7))
    book = Book.open(path)
    for page, _ in book.pages(2):
        for entry in page.entries:
            assert entry.raw == document(entry.entry.number)
    book.close()
