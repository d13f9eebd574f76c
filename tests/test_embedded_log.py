"""The log in one file and the book around it: one writer, any reader, all or nothing, a clear word when it fails."""

import json
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from ledger import book as books
from ledger.book import Book, Letter
from ledger.errors import BookHeld, BrokenEnvironment, Damage, WrongUse
from ledger.logs.embedded import EmbeddedLog, StoredPage
from schemas.page import Result
from tests.spec import ANYONE, NOON, Doc, described, issued, received


def numbered(doc: Doc, number: int) -> bytes:
    return doc.but(number=number).bytes()


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    opened = Book.create(tmp_path / "book", nature="rehearsal", opened_at=NOON, book_id="bg-test")
    opened.submit([numbered(described(箱=700), 1)], ANYONE, NOON)
    yield opened
    opened.close()


def on_hand(book: Book) -> int:
    return sum(balance.on_hand for balance in book.folds.stock.balances.values())


def test_what_was_submitted_is_there_when_the_book_is_opened_again(tmp_path: Path) -> None:
    book = Book.create(tmp_path / "book", nature="real")
    book.submit([numbered(described(), 1), numbered(received(5), 1), numbered(issued(2), 2)], ANYONE)
    folds = book.folds
    book.close()
    again = Book.open(book.path)
    assert again.folds == folds
    assert on_hand(again) == 3
    again.close()


def test_a_reader_sees_what_the_writer_has_added_when_it_asks(book: Book) -> None:
    reader = Book.open(book.path)
    book.submit([numbered(received(5), 1)], ANYONE)
    assert on_hand(reader) == 0
    reader.catch_up()
    assert reader.folds == book.folds
    reader.close()


def test_deleting_every_snapshot_changes_nothing(book: Book) -> None:
    book.submit([numbered(received(5), 1)], ANYONE)
    book.save_snapshots()
    book.submit([numbered(received(6), 2)], ANYONE)
    for snapshot in book.snapshots.iterdir():
        reader = Book.open(book.path)
        assert reader.folds == book.folds
        reader.close()
        snapshot.unlink()
    reader = Book.open(book.path)
    assert reader.folds == book.folds
    reader.close()


def test_a_snapshot_of_another_chain_or_ahead_of_the_book_is_not_used(book: Book, tmp_path: Path) -> None:
    other = Book.create(tmp_path / "other", nature="rehearsal", opened_at=NOON)
    for number in range(1, 9):
        other.submit([numbered(described(f"item {number}", "只"), number)], ANYONE)
    other.save_snapshots()
    other.close()
    book.snapshots.mkdir(exist_ok=True)
    for snapshot in other.snapshots.iterdir():
        (book.snapshots / snapshot.name).write_bytes(snapshot.read_bytes())
    reader = Book.open(book.path)
    assert reader.folds == book.folds
    reader.close()


def test_a_book_has_one_writer_and_the_second_is_told_who_it_is(book: Book) -> None:
    with pytest.raises(BookHeld) as held:
        Book.open(book.path, writable=True)
    assert json.loads((book.path / "writer.lock").read_text())["process"] == int(held.value.facts["process"])
    assert held.value.facts["process"] in held.value.text("zh")
    assert held.value.facts["process"] in held.value.text("en")


def test_two_writers_past_a_deleted_lock_cannot_fork_the_book(book: Book) -> None:
    (book.path / "writer.lock").unlink()
    second = Book.open(book.path, writable=True)
    second.submit([numbered(received(5), 1)], ANYONE)
    with pytest.raises(BrokenEnvironment):
        book.submit([numbered(received(7, source="dev-2.t1"), 1)], ANYONE)
    assert book.submit([numbered(received(7, source="dev-2.t1"), 1)], ANYONE)[0].result is Result.ADMITTED
    second.catch_up()
    assert on_hand(book) == on_hand(second) == 12
    second.close()


def test_a_book_is_not_made_where_one_is_nor_opened_where_none_is(book: Book, tmp_path: Path) -> None:
    with pytest.raises(BrokenEnvironment):
        Book.create(book.path, nature="real")
    with pytest.raises(BrokenEnvironment):
        Book.open(tmp_path / "nowhere")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(BrokenEnvironment):
        Book.create(tmp_path / "file", nature="real")
    with pytest.raises(WrongUse):
        Book.create(tmp_path / "new", nature="imaginary")


def test_a_real_book_does_not_take_its_clock_from_the_input(tmp_path: Path) -> None:
    book = Book.create(tmp_path / "book", nature="real")
    with pytest.raises(WrongUse):
        book.submit([numbered(received(5), 1)], ANYONE, NOON)
    assert book.folds.admission.page == 1
    book.close()


def test_when_one_letter_of_a_group_cannot_be_written_none_is_and_the_book_goes_on(book: Book) -> None:
    good = Letter(ANYONE, (numbered(received(5), 1),))
    no_offset = Letter(ANYONE, (numbered(received(6), 2),), datetime(2020, 1, 29))  # noqa: DTZ001 - what a caller may do
    with pytest.raises(WrongUse):
        book.submit_group([good, no_offset])
    assert on_hand(book) == 0
    assert book.submit_group([good])[0][0].result is Result.ADMITTED
    assert [page.header.page for page, _ in book.pages()] == [1, 2, 3]


def test_an_interruption_before_the_commit_leaves_nothing_half_done(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Interrupting:
        def __init__(self, connection: sqlite3.Connection) -> None:
            self.real = connection

        def __getattr__(self, name: str) -> object:
            return getattr(self.real, name)

        def executemany(self, sql: str, rows: object) -> object:
            raise KeyboardInterrupt

    monkeypatch.setattr(book.log, "connection", Interrupting(book.log.connection))
    with pytest.raises(KeyboardInterrupt):
        book.submit([numbered(received(5), 1)], ANYONE)
    monkeypatch.undo()
    assert on_hand(book) == 0
    assert book.submit([numbered(received(5), 1)], ANYONE)[0].result is Result.ADMITTED
    assert on_hand(book) == 5


def test_a_disk_that_refuses_a_commit_acknowledges_nothing_and_the_book_goes_on(book: Book) -> None:
    pages = book.log.connection.execute("PRAGMA page_count").fetchone()[0]
    book.log.connection.execute(f"PRAGMA max_page_count = {pages}")
    big = received(5, note="x" * 1900)
    with pytest.raises(BrokenEnvironment) as refused:
        for number in range(1, 50):
            book.submit([numbered(big, number)], ANYONE)
    assert refused.value.code == "log_not_written"
    written = on_hand(book)
    book.log.connection.execute("PRAGMA max_page_count = 1000000")
    assert book.submit([numbered(big, written // 5 + 1)], ANYONE)[0].result is Result.ADMITTED
    assert on_hand(book) == written + 5


def test_the_bytes_of_a_refused_document_are_kept_as_they_came(book: Book) -> None:
    junk = b"\xff\x00 not a document\n"
    answer = book.submit([junk], ANYONE)[0]
    assert book.log.refused(answer.digest) == junk
    assert book.log.refused("0" * 64) is None
    book.log.connection.execute("UPDATE refused SET document = x'00'")
    with pytest.raises(Damage):
        book.log.refused(answer.digest)


def test_no_submissions_make_no_page_and_an_empty_one_makes_an_empty_page(book: Book) -> None:
    assert book.submit_group([]) == []
    assert book.folds.admission.page == 2
    assert book.submit([], ANYONE) == ()
    assert book.folds.admission.page == 3


def test_a_page_is_written_once(tmp_path: Path) -> None:
    log = EmbeddedLog.create(tmp_path / "log.sqlite3")
    log.append([StoredPage(0, 1, b"x" * 80)], [])
    with pytest.raises(BrokenEnvironment):
        log.append([StoredPage(0, 2, b"y" * 80), StoredPage(0, 1, b"z" * 80)], [])
    assert [p.stored for p in log.pages()] == [b"x" * 80]
    log.close()


def test_a_page_written_while_a_reader_opens_is_not_taken_for_a_cut(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    last_page = EmbeddedLog.last_page

    def written_meanwhile(log: EmbeddedLog, volume: int = 0) -> int:
        last = last_page(log, volume)
        if not log.writable:
            book.submit([], ANYONE)
        return last

    monkeypatch.setattr(EmbeddedLog, "last_page", written_meanwhile)
    reader = Book.open(book.path)
    reader.catch_up()
    assert reader.folds == book.folds
    reader.close()


def test_snapshots_are_written_when_enough_was_added(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(books, "BYTES_A_SNAPSHOT", 1000)
    for number in range(1, 6):
        book.submit([numbered(received(1), number)], ANYONE)
    assert book.saved_at > 2


def test_every_word_of_a_failure_is_said_in_both_languages(book: Book) -> None:
    with pytest.raises(BookHeld) as held:
        Book.open(book.path, writable=True)
    assert held.value.text("zh") != held.value.text("en")
    assert str(book.path) in held.value.text("zh")
