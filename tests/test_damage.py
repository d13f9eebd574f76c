"""Damage drills on every file of a book folder: it is refused, or it is harmless. It is never served (promise 5)."""

import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from ledger import folds as live
from ledger.book import LOG_FILE, Book
from ledger.errors import BookHeld, BrokenEnvironment, Damage
from ledger.logs import embedded
from tests.killing import create, written_then_killed
from tests.spec import ANYONE, NOON, described, issued, received

pytestmark = pytest.mark.drill
FLIPS = 400
HEADER_BYTES = 100
Figures = tuple[object, ...]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed book of many small pages, with refused documents and snapshots that are a little behind."""
    path = tmp_path_factory.mktemp("whole") / "book"
    book = Book.create(path, nature="rehearsal", opened_at=NOON, book_id="bg-damage")
    book.submit([described(箱=700).but(number=1).bytes()], ANYONE)
    for number in range(1, 40):
        if number == 30:
            book.save_snapshots()
        doc = (received if number % 3 else issued)(number, lot=f"L{number % 5}", note="x" * 30 * number)
        book.submit([doc.but(number=number).bytes(), b"junk %d" % number], ANYONE)
    book.saved_at = book.folds.admission.page
    book.close()
    assert not path.joinpath(LOG_FILE + "-wal").exists()
    return path


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a writer left that was killed while it waited: most of it in the WAL."""
    path = tmp_path_factory.mktemp("killed") / "book"
    create(path)
    written_then_killed(path, 40, then=lambda _: None)
    assert path.joinpath(LOG_FILE + "-wal").stat().st_size > 0
    return path


def copy(book: Path, to: Path) -> Path:
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(book, to)
    return to


def examine(path: Path, *, writable: bool = False) -> Figures:
    """Read all there is: live figures, every page, every refused document. Raises what the book raises."""
    book = Book.open(path, writable=writable)
    try:
        pages = [(page, seal) for page, seal in book.pages()]
        refused = [book.log.kept(r.digest) for page, _ in pages for r in page.header.refused if r.reason]
        return book.folds, pages, refused
    finally:
        book.log.connection.close()
        if book.lock is not None:
            book.lock.release()


def survives(path: Path, expected: Figures, *, writable: bool = False) -> bool:
    """Tell whether a damaged book still says what it said. Fails if it says anything else."""
    try:
        found = examine(path, writable=writable)
    except (Damage, BrokenEnvironment) as error:
        assert error.text("zh") != error.code, f"no words for {error.code}"
        return False
    assert found == expected, "wrong figures were served"
    return True


def flip(file: Path, at: int, mask: int) -> None:
    with file.open("r+b") as opened:
        opened.seek(at)
        byte = opened.read(1)[0]
        opened.seek(at)
        opened.write(bytes([byte ^ mask]))


def drill(book: Path, scratch: Path, name: str, places: list[int]) -> tuple[int, int]:
    """Flip a byte of one file at each place; return how many flips were refused and how many harmless."""
    expected = examine(copy(book, scratch))
    chance, counts = Random(name), [0, 0]
    for at in places:
        copy(book, scratch)
        if chance.random() < 0.5:
            shutil.rmtree(scratch / "snapshots", ignore_errors=True)
        flip(scratch / name, at, 1 << chance.randrange(8))
        counts[survives(scratch, expected, writable=chance.random() < 0.3)] += 1
    return counts[0], counts[1]


def some_places(file: Path, count: int, first: int = 0) -> list[int]:
    size, chance = file.stat().st_size, Random(file.name)
    return [*range(min(first, size)), *(chance.randrange(size) for _ in range(count))]


def test_a_flipped_byte_of_the_log_is_refused_or_harmless(whole: Path, tmp_path: Path) -> None:
    refused, _ = drill(whole, tmp_path / "b", LOG_FILE, some_places(whole / LOG_FILE, FLIPS, HEADER_BYTES))
    assert refused > FLIPS // 3


def test_a_flipped_byte_of_the_first_leaf_headers_is_refused_or_harmless(whole: Path, tmp_path: Path) -> None:
    page_bytes = int.from_bytes((whole / LOG_FILE).read_bytes()[16:18], "big")
    places = [start + at for start in (page_bytes, 2 * page_bytes, 4 * page_bytes) for at in range(24)]
    refused, _ = drill(whole, tmp_path / "b", LOG_FILE, places)
    assert refused


def test_every_flipped_byte_of_the_tip_is_harmless(whole: Path, tmp_path: Path) -> None:
    refused, _ = drill(whole, tmp_path / "b", "log.tip", some_places(whole / "log.tip", 0, 128))
    assert refused == 0


@pytest.mark.parametrize("fold", live._KINDS)
def test_a_flipped_byte_of_a_snapshot_is_harmless(fold: str, whole: Path, tmp_path: Path) -> None:
    expected = examine(copy(whole, tmp_path / "b"))
    name = f"snapshots/{fold}.0.snapshot"
    for at in some_places(whole / name, 25, 70):
        flip(tmp_path / "b" / name, at, 0x10)
        assert survives(tmp_path / "b", expected)
        flip(tmp_path / "b" / name, at, 0x10)


@pytest.mark.parametrize("name", [LOG_FILE + "-wal", LOG_FILE + "-shm"])
def test_a_flipped_byte_of_what_a_killed_writer_left_is_refused_or_harmless(
    name: str, killed: Path, tmp_path: Path
) -> None:
    refused, harmless = drill(killed, tmp_path / "b", name, some_places(killed / name, 120, 56))
    assert harmless if name.endswith("shm") else refused


def cuts(file: Path, count: int) -> list[int]:
    size, chance = file.stat().st_size, Random(file.name)
    edges = {0, 1, 16, 99, 100, size - 1, size // 2 // 4096 * 4096, size - 4096}
    return sorted(cut for cut in edges | {chance.randrange(size) for _ in range(count)} if 0 <= cut < size)


@pytest.mark.parametrize(
    ("left_by", "name"),
    [("whole", LOG_FILE), ("whole", "log.tip"), ("whole", "snapshots/alerts.0.snapshot"), ("killed", LOG_FILE),
     ("killed", LOG_FILE + "-wal"), ("killed", LOG_FILE + "-shm")],
)  # fmt: skip
def test_a_file_cut_anywhere_is_refused_or_harmless(
    left_by: str, name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    book: Path = request.getfixturevalue(left_by)
    expected = examine(copy(book, tmp_path / "b"))
    refused = 0
    for length in cuts(book / name, 30):
        copy(book, tmp_path / "b")
        with (tmp_path / "b" / name).open("r+b") as opened:
            opened.truncate(length)
        refused += not survives(tmp_path / "b", expected)
    assert bool(refused) == (name in (LOG_FILE, LOG_FILE + "-wal"))


def remove_log(path: Path) -> None:
    (path / LOG_FILE).unlink()


def remove_wal(path: Path) -> None:
    (path / (LOG_FILE + "-wal")).unlink()


def empty_wal(path: Path) -> None:
    (path / (LOG_FILE + "-wal")).write_bytes(b"")


def put_text_in_place_of_the_log(path: Path) -> None:
    (path / LOG_FILE).write_text("账" * 4000, encoding="utf-8")


def put_a_folder_in_place_of_the_log(path: Path) -> None:
    remove_log(path)
    (path / LOG_FILE).mkdir()


def put_another_database_in_place_of_the_log(path: Path) -> None:
    remove_log(path)
    connection = embedded.sqlite3.connect(path / LOG_FILE)
    connection.execute("CREATE TABLE pages (volume, page, stored)")
    connection.close()


def put_an_older_copy_in_place_of_the_log(path: Path) -> None:
    create(path.parent / "older")
    shutil.copy(path.parent / "older" / LOG_FILE, path / LOG_FILE)
    remove_wal(path)


@pytest.mark.parametrize(
    "harm",
    [remove_log, remove_wal, empty_wal, put_text_in_place_of_the_log, put_a_folder_in_place_of_the_log,
     put_another_database_in_place_of_the_log, put_an_older_copy_in_place_of_the_log],
)  # fmt: skip
@pytest.mark.parametrize("writable", [False, True])
def test_a_file_lost_or_replaced_is_refused(
    harm: Callable[[Path], None], killed: Path, tmp_path: Path, writable: bool
) -> None:
    path = copy(killed, tmp_path / "b")
    expected = examine(copy(killed, tmp_path / "c"))
    harm(path)
    assert not survives(path, expected, writable=writable)


def test_a_reader_opens_what_a_killed_writer_left_before_any_writer_does(killed: Path, tmp_path: Path) -> None:
    path = copy(killed, tmp_path / "b")
    (path / (LOG_FILE + "-shm")).unlink()
    assert survives(path, examine(copy(killed, tmp_path / "c"), writable=True))


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"{", b"[]", b'{"process": 1, "path": "x"}', b"null"])
def test_whatever_stands_in_the_lock_file_a_second_writer_is_refused_and_a_first_is_not(
    content: bytes, whole: Path, tmp_path: Path
) -> None:
    path = copy(whole, tmp_path / "b")
    (path / "writer.lock").write_bytes(content)
    first = Book.open(path, writable=True)
    (path / "writer.lock").write_bytes(content)
    with pytest.raises(BookHeld) as held:
        Book.open(path, writable=True)
    assert held.value.text("zh")
    first.close()


def tamper(path: Path, sql: str) -> None:
    connection = embedded.sqlite3.connect(path / LOG_FILE)
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute(sql)
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM pages WHERE page = 9",
        "DELETE FROM pages WHERE page > 30",
        "DELETE FROM pages",
        "UPDATE pages SET page = page + 1000 WHERE page = 9",
        "UPDATE pages SET stored = (SELECT stored FROM pages WHERE page = 8) WHERE page = 9",
        "UPDATE pages SET stored = x'' WHERE page = 9",
        "UPDATE pages SET stored = (SELECT stored FROM pages WHERE page = 9) WHERE page = 1",
        "UPDATE pages SET volume = 1",
        "DELETE FROM refused",
        "UPDATE refused SET document = x'00'",
        "INSERT INTO pages SELECT 0, 41 + 1, stored FROM pages WHERE page = 9",
        "INSERT INTO pages SELECT 0, 9999, stored FROM pages WHERE page = 9",
        "UPDATE sqlite_master SET sql = 'CREATE TABLE pages (a)' WHERE name = 'pages'",
    ],
)
def test_whoever_edits_the_log_by_sql_is_found_out(sql: str, whole: Path, tmp_path: Path) -> None:
    path = copy(whole, tmp_path / "b")
    expected = examine(copy(whole, tmp_path / "c"))
    tamper(path, sql)
    assert not survives(path, expected)
