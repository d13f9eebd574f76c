"""The lake on Kafka: the same tables from the same pages, from where the lake is, after a kill too."""

from pathlib import Path

import pytest

from ledger.lake import Lake
from ledger.logs.kafka.wire import PAGES, Outgoing
from tests.kafka.road import Road
from tests.spec import described, issued, received

STOCK = "SELECT site, item, lot, on_hand FROM lots ORDER BY ALL"


def rows(folder: Path, question: str) -> list[tuple[object, ...]]:
    connection = Lake.connect(folder)
    try:
        return connection.execute(question).fetchall()
    finally:
        connection.close()


def copied(road: Road, folder: Path) -> bool:
    last = {(volume, len(road.stored(volume))) for volume in range(road.volumes)}
    try:
        return set(rows(folder, "SELECT volume, max(page) FROM lake.page GROUP BY volume")) == last
    except Exception:  # noqa: BLE001 - the lake may not be there yet; the wait ends with what the workers said
        return False


@pytest.mark.drill
def test_sql_over_the_lake_gives_the_stock_of_the_pages_after_a_kill_and_a_repeated_page(
    road: Road, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "book"
    monkeypatch.setenv("BAOGONG_BOOK", str(folder))
    road.start("admission")
    lake = road.start("lake")
    road.submit([described(箱=700).but(number=1).bytes()])
    road.wait_admitted(road.submit([received(2, unit="箱").but(number=1).bytes(), b"junk"]))
    road.wait("the lake", lambda: copied(road, folder))
    road.kill(lake)
    road.writer.send([Outgoing(PAGES, 0, b"", road.stored()[-1], [])])
    road.wait_admitted(road.submit([issued(30).but(number=2).bytes()]))
    road.start("lake")
    road.wait("the lake again", lambda: copied(road, folder))
    (replayed,) = road.verify()
    assert [b.on_hand for b in replayed.stock.balances.values()] == [1370]
    assert rows(folder, STOCK) == [("WH-01", "KN95", "", 1370)]
    assert rows(folder, "SELECT count(*) FROM quarantine") == [(1,)]
