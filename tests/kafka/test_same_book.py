"""One meaning: every scenario of the embedded runtime gives the same results, stock and seals on Kafka."""

from datetime import datetime
from pathlib import Path

import pytest

from ledger.book import Book
from ledger.logs.kafka.cluster import Cluster
from ledger.logs.kafka.wire import QUARANTINE, submission_record
from tests.kafka.road import BOOK, Road
from tests.kafka.runtime import OnKafka
from tests.spec import ANYONE, NOON, described, issued, received
from tests.test_scenarios import FILES, play


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_scenario_comes_out_on_kafka_as_it_is_written(path: Path, cluster: Cluster, tmp_path: Path) -> None:
    def start(folder: Path, book_id: str, opened_at: datetime) -> OnKafka:
        return OnKafka(cluster, folder, book_id, opened_at)

    play(path, tmp_path, start)


def test_the_same_submissions_make_the_same_pages_byte_for_byte_and_the_same_stock(
    cluster: Cluster, tmp_path: Path
) -> None:
    submissions = [
        [described(箱=700).but(number=1).bytes()],
        [received(15, unit="箱").but(number=1).bytes(), issued(500).but(number=2).bytes(), b"junk"],
        [issued(500).but(number=2).bytes(), issued(501).but(number=2).bytes()],
        [b"two\nlines", b"", received(7, lot="L1").but(number=3).bytes(), issued(9, unit="桶").but(number=4).bytes()],
        [],
    ]
    book = Book.create(tmp_path / "book", nature="rehearsal", opened_at=NOON, book_id=BOOK)
    for documents in submissions:
        book.submit(documents, ANYONE, NOON)
    road = Road(cluster, tmp_path)
    road.open(volumes=1, opened_at=NOON)
    road.start("admission")
    road.start("folds")
    for documents in submissions:
        position = road.writer.send([submission_record(0, documents, ANYONE, recorded_at=NOON)])[0]
    road.wait_admitted({0: position})
    road.wait_folded()
    assert road.stored() == [page.stored for page in book.log.pages()]
    assert road.verify()[0].stock == book.folds.stock
    kept = {record.key.decode(): record.value for record in road.records(QUARANTINE) if record.key}
    assert kept == {digest: book.log.refused(digest) for digest in kept}
    assert len(kept) == 5
    road.stop()
    book.close()
