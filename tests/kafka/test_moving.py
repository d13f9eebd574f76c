"""A book moves between a folder and Kafka, byte for byte, and goes on where it came to."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from ledger import topics
from ledger.book import Book, Letter
from ledger.errors import BrokenEnvironment, Damage, WrongUse
from ledger.lake import catch_up
from ledger.logs.kafka.cluster import Cluster
from ledger.logs.kafka.wire import PAGES, QUARANTINE, SUBMISSIONS
from ledger.moving import export_pages, import_pages
from ledger.pages_file import check_pages
from ledger.verification import verify
from tests.conftest import ROOT
from tests.kafka.road import Follower, Road
from tests.spec import ANYONE, NOON, described, issued, received

BAOGONG = str(Path(sys.executable).parent / "baogong")
BOOK = "bg-moved"
UNFINISHED = "are not all there yet"


def folder(path: Path, pages: int = 5) -> Path:
    """Make a book in a folder, with refused documents, and close it."""
    book = Book.create(path, nature="rehearsal", opened_at=NOON, book_id=BOOK)
    book.submit([described(箱=700).but(number=1).bytes(), b"junk", b"two\nlines"], ANYONE, NOON)
    letters = [
        Letter(ANYONE, (received(n, lot=f"L{n % 7}", note="n" * 200).but(number=n).bytes(), b"junk"), NOON)
        for n in range(1, pages + 1)
    ]
    book.submit_group(letters)
    book.close()
    return path


class Cloth(Road):
    """Topics of one volume with nothing in them, and a folder that names them."""

    def __init__(self, cluster: Cluster, path: Path) -> None:
        super().__init__(cluster, path)
        topics.apply(cluster, topics.read_topics(ROOT / "deploy" / "topics.yaml", volumes=1, replicas=1))
        self.book = path / "desk"
        self.book.mkdir()
        (self.book / "settings.toml").write_text('log = "kafka"\n' + self._settings.read_text())

    def follower(self) -> Follower:
        return Follower(self.reader, 0, BOOK)


@pytest.fixture
def cloth(cluster: Cluster, tmp_path: Path) -> Iterator[Cloth]:
    made = Cloth(cluster, tmp_path)
    yield made
    made.stop()


def stored(book: Path) -> list[bytes]:
    opened = Book.open(book)
    try:
        return [page.stored for page in opened.log.pages()]
    finally:
        opened.close()


def test_a_book_moves_into_kafka_and_back_with_every_seal_and_goes_on_with_the_same_page(
    cloth: Cloth, tmp_path: Path
) -> None:
    here, file, back = folder(tmp_path / "here"), tmp_path / "book.pages", tmp_path / "back"
    export_pages(here, file)
    assert import_pages(file, cloth.book) == check_pages(file)
    assert cloth.stored() == stored(here)
    cloth.start("admission")
    cloth.start("folds")
    next_one = [issued(3).but(number=6).bytes(), received(9).but(number=2).bytes()]
    position = cloth.submit(next_one, recorded_at=NOON)[0]
    follower = cloth.follower()
    cloth.wait("the next page", lambda: follower.at() >= position)
    cloth.wait_folded()
    (replayed,) = cloth.verify()

    book = Book.open(here, writable=True)
    book.submit(next_one, ANYONE, NOON)
    assert replayed.stock == book.folds.stock
    book.close()
    assert cloth.stored() == stored(here)
    kept = {record.key.decode(): record.value for record in cloth.records(QUARANTINE) if record.key}
    assert set(kept.values()) == {b"junk", b"two\nlines", next_one[1]}

    export_pages(cloth.book, tmp_path / "again.pages")
    import_pages(tmp_path / "again.pages", back)
    assert stored(back) == stored(here)
    book = Book.open(back, writable=True)
    assert book.submit([issued(4).but(number=7).bytes()], ANYONE, NOON)[0].page == 9
    assert {digest: book.log.refused(digest) for digest in kept} == kept
    book.save_snapshots()
    book.close()
    catch_up(back)
    assert verify(back).ok


def test_a_place_that_is_not_empty_and_a_folder_for_a_book_of_many_volumes_are_refused(
    cloth: Cloth, tmp_path: Path
) -> None:
    file, other = tmp_path / "book.pages", tmp_path / "other.pages"
    export_pages(folder(tmp_path / "here"), file)
    Book.create(tmp_path / "there", nature="real").close()
    export_pages(tmp_path / "there", other)
    with pytest.raises(BrokenEnvironment, match="There is a book"):
        import_pages(file, tmp_path / "there")
    with pytest.raises(BrokenEnvironment, match="exists and is not overwritten"):
        export_pages(tmp_path / "here", other)
    import_pages(file, cloth.book)
    for again in (file, other):
        with pytest.raises(BrokenEnvironment, match="holds a book already"):
            import_pages(again, cloth.book)
    longer = folder(tmp_path / "longer", pages=9)
    export_pages(longer, tmp_path / "longer.pages")
    with pytest.raises(BrokenEnvironment, match="holds a book already"):
        import_pages(tmp_path / "longer.pages", cloth.book)
    assert cloth.reader.bounds(PAGES, 0)[1] == cloth.reader.bounds(SUBMISSIONS, 0)[1] == 7


def test_a_book_of_two_volumes_moves_between_clusters_but_not_into_a_folder_or_into_one_volume(
    broker: str, cloth: Cloth, tmp_path: Path
) -> None:
    road = Road(Cluster((broker,), prefix=f"{cloth.cluster.prefix}two-", session_seconds=3), tmp_path)
    road.open(volumes=2, book_id=BOOK)
    road.start("admission")
    road.submit([described().but(number=1).bytes()])
    followers = [Follower(road.reader, volume, BOOK) for volume in (0, 1)]
    road.wait("both volumes", lambda: all(f.at() > 0 for f in followers))
    desk = tmp_path / "two"
    desk.mkdir()
    (desk / "settings.toml").write_text('log = "kafka"\n' + road._settings.read_text())
    contents = export_pages(desk, tmp_path / "two.pages")
    assert (contents.volumes, contents.pages) == (2, 4)
    with pytest.raises(WrongUse, match="2 volumes"):
        import_pages(tmp_path / "two.pages", tmp_path / "nowhere")
    with pytest.raises(BrokenEnvironment, match="2 volumes, the topics have 1"):
        import_pages(tmp_path / "two.pages", cloth.book)
    assert cloth.reader.bounds(PAGES, 0)[1] == 0
    road.stop()


def test_no_flipped_byte_and_no_cut_of_a_file_of_pages_is_moved_in(tmp_path: Path) -> None:
    file = tmp_path / "book.pages"
    export_pages(folder(tmp_path / "here"), file)
    whole, chance = file.read_bytes(), Random(4)
    for turn in range(300):
        at = chance.randrange(len(whole))
        flipped = bytearray(whole)
        flipped[at] ^= 1 << chance.randrange(8)
        file.write_bytes(whole[:at] if turn % 3 == 0 else bytes(flipped))
        with pytest.raises(Damage) as damage:
            import_pages(file, tmp_path / "moved")
        assert damage.value.text("zh") != damage.value.code
    assert not (tmp_path / "moved").exists()


@pytest.mark.drill
def test_a_move_killed_again_and_again_ends_whole_and_nobody_admits_before(cloth: Cloth, tmp_path: Path) -> None:
    file = tmp_path / "book.pages"
    export_pages(folder(tmp_path / "here", pages=1_500), file)
    command = [BAOGONG, "import", "--pages", str(file), "--book", str(cloth.book), "--lang", "en"]
    for more in (0, 1, 600):
        before = cloth.reader.bounds(PAGES, 0)[1]
        moving = subprocess.Popen(command)
        while cloth.reader.bounds(PAGES, 0)[1] < before + more or not cloth.reader.bounds(SUBMISSIONS, 0)[1]:
            assert moving.poll() is None, "moved before it could be killed"
        cloth.kill(moving)
        if more == 1:
            assert cloth.start("admission").wait(timeout=30) == 3
            assert UNFINISHED in cloth.log()
    subprocess.run(command, check=True)
    assert cloth.stored() == stored(tmp_path / "here")
    cloth.start("admission")
    position = cloth.submit([issued(3).but(number=1_501).bytes()], recorded_at=NOON)[0]
    follower = cloth.follower()
    cloth.wait("the next page", lambda: follower.at() >= position)
    assert position == 1_502
    assert [check for check in cloth.verify()[0].checks if check.differing] == []
