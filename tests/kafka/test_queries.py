"""Questions to a book on a running cluster: its commands answer with the figures of the same book in a folder."""

import hashlib
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ledger.book import Book
from ledger.cli import app
from ledger.errors import LedgerError
from ledger.lake import Lake
from ledger.logs.kafka.cluster import Cluster
from ledger.logs.kafka.wire import BALANCES, Outgoing
from tests.kafka.on_cluster import folder_of
from tests.kafka.road import Road
from tests.kafka.test_worker_all import BAOGONG
from tests.spec import ANYONE, NOON, Numbers, arrived, counted, described, dispatched, issued, received

SITES = ("WH-01", "WH-04", "WH-S", "WH-T")


class Asked:
    """One folder, asked by the commands people type."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *words: str) -> tuple[int, str]:
        """Return the exit code and what was printed, as `baogong` would end and print it."""
        done = CliRunner().invoke(app, list(words), env={"BAOGONG_BOOK": str(self.folder)})
        if isinstance(done.exception, LedgerError):
            return done.exception.exit_code, str(done.exception)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, done.stdout

    def rows(self, *words: str, code: int = 0) -> Any:
        ended, printed = self.run(*words, "--format", "json")
        assert ended == code, printed
        return json.loads(printed)


def submissions() -> list[list[bytes]]:
    """Write ordinary documents of four sites, a transfer between two volumes, a repeat and two that are refused."""
    numbers = Numbers()
    first = [described(箱=700).numbered(numbers).bytes(), described("goggles", name="护目镜").numbered(numbers).bytes()]
    sent = [first]
    for place in SITES:
        way = {"site": place, "source": "dev-1.t1"}
        goods = [
            received(15, unit="箱", lot="L1", **way),
            issued(500, lot="L1", **way),
            counted(9_990, lot="L1", **way),
        ]
        sent.append([doc.numbered(numbers).bytes() for doc in goods])
    moved = dispatched(40, site="WH-01", source="dev-2.t1", to_site="WH-T", lot="L1", transfer="TR")
    came = arrived(38, site="WH-T", source="dev-2.t1", from_site="WH-01", lot="L1", transfer="TR")
    short = issued(7, item="goggles", site="WH-S", source="dev-2.t1")
    sent.append([moved.numbered(numbers).bytes(), came.numbered(numbers).bytes(), short.numbered(numbers).bytes()])
    return [*sent, first, sent[1], [b"junk", issued(1, unit="桶").numbered(numbers).bytes()]]


@pytest.fixture(scope="module")
def road(broker: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Road]:
    folder = tmp_path_factory.mktemp("road")
    laid = Road(Cluster((broker,), prefix="asked-", session_seconds=3, state=folder / "state"), folder)
    laid.open(volumes=2, opened_at=NOON)
    laid.start("admission")
    laid.start("folds")
    for documents in submissions():
        laid.wait_admitted(laid.submit(documents, recorded_at=NOON))
    for volume in range(2):
        laid.wait_folded(volume)
    yield laid
    laid.stop()


@pytest.fixture(scope="module")
def asked(road: Road) -> Asked:
    return Asked(folder_of(road, road.folder / "book"))


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Asked:
    """The same submissions in a book in a folder."""
    path = tmp_path_factory.mktemp("twin") / "book"
    book = Book.create(path, nature="rehearsal", opened_at=NOON)
    for documents in submissions():
        book.submit(documents, ANYONE, NOON)
    book.close()
    return Asked(path)


def without(rows: list[dict[str, Any]], *names: str) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if name not in names} for row in rows]


def test_stock_and_cards_are_those_of_the_same_book_in_a_folder(asked: Asked, twin: Asked, road: Road) -> None:
    for words in (("stock",), ("stock", "--lots"), ("stock", "--site", "WH-T")):
        assert without(asked.rows(*words), "last_seq") == without(twin.rows(*words), "last_seq")
    for place in SITES:
        card = ("card", "KN95", "--site", place)
        assert without(asked.rows(*card), "seq") == without(twin.rows(*card), "seq")
    printed = subprocess.run(
        [BAOGONG, "stock", "--book", str(asked.folder), "--lang", "en"], capture_output=True, text=True, check=True
    )
    assert f"Stock at page 0:{len(road.stored(0))} 1:{len(road.stored(1))}" in printed.stdout


def test_alerts_and_policies_are_those_of_the_same_book_in_a_folder(asked: Asked, twin: Asked) -> None:
    def alerts(of: Asked) -> list[dict[str, Any]]:
        return sorted(without(of.rows("alerts"), "number"), key=lambda row: row["alert"])

    assert alerts(asked) == alerts(twin) != []
    assert asked.rows("policy", "list") == twin.rows("policy", "list")


def test_audits_sql_quarantine_and_reports_are_those_of_the_same_book_in_a_folder(asked: Asked, twin: Asked) -> None:
    audits = ("audit", "run", "count_difference", "repeated_document", "number_gap", "late_number")
    ours, theirs = (of.rows(*audits, code=1) for of in (asked, twin))
    assert {name: len(rows) for name, rows in ours.items()} == {name: len(rows) for name, rows in theirs.items()}
    for question in (
        "SELECT site, item, on_hand, available, in_transit FROM stock ORDER BY ALL",
        "SELECT transfer, from_site, to_site, dispatched, arrived FROM transfers ORDER BY ALL",
        "SELECT item, name, packs FROM items ORDER BY ALL",
        "SELECT entry, digest FROM entries ORDER BY ALL",
        "SELECT site, source, last, documents, gaps FROM sources ORDER BY ALL",
    ):
        assert asked.rows("audit", "sql", question) == twin.rows("audit", "sql", question) != []
    kept = ("digest", "result", "reason", "times", "document")
    quarantined = [[{k: row[k] for k in kept} for row in of.rows("quarantine", "list")] for of in (asked, twin)]
    assert sorted(quarantined[0], key=str) == sorted(quarantined[1], key=str) != []
    assert asked.rows("report", "daily") == twin.rows("report", "daily") != []


def test_an_export_needs_no_cluster(asked: Asked, tmp_path: Path) -> None:
    import duckdb

    assert asked.run("export", str(tmp_path / "book.duckdb"))[0] == 0
    with duckdb.connect(str(tmp_path / "book.duckdb"), read_only=True) as export:
        assert export.execute("SELECT on_hand FROM lots WHERE site = 'WH-T'").fetchall() == [(10_038,)]


def test_verify_compares_topics_workers_state_folds_and_lake_with_a_replay_key_by_key(asked: Asked, road: Road) -> None:
    rows = {row["name"]: row for row in asked.rows("verify")}
    for name in ("topic_pages", "topic_submissions", "topic_balances", "seals_and_chain", "lake_rows_line", "sql_lots"):
        assert rows[name]["compared"] > 0
        assert rows[name]["differing"] == 0
    assert rows["seals_and_chain"]["compared"] == len(road.stored(0)) + len(road.stored(1))
    assert any(name.startswith("live_") for name in rows)


def test_rebuild_gives_the_same_bytes_back(asked: Asked) -> None:
    def everything() -> tuple[dict[str, str], list[tuple[Any, ...]]]:
        files = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in asked.folder.glob("snapshots/*.snapshot")}
        lake = Lake.connect(asked.folder)
        tables = ("page", "entry", "line", "refused")
        found = [lake.execute(f"SELECT count(*), sum(hash(t)::HUGEINT) FROM lake.{n} AS t").fetchone() for n in tables]
        lake.close()
        return files, [row for row in found if row is not None]

    assert asked.run("rebuild")[0] == 0
    before = everything()
    assert len(before[0]) >= 8
    assert asked.run("rebuild")[0] == 0
    assert everything() == before
    assert asked.rows("stock")


def test_a_book_on_a_cluster_is_written_through_a_gateway_and_says_so(asked: Asked) -> None:
    for words in (
        ("policy", "set", "count_tolerance", "3", "--reason", "x"),
        ("acknowledge", "negative_book/WH-S/goggles", "--measure", "counting"),
    ):
        ended, said = asked.run(*words)
        assert ended == 2
        assert "--via" in said


def test_a_balance_a_worker_said_wrongly_is_found_by_verify_and_named(asked: Asked, road: Road) -> None:
    wrong = list(road.records(BALANCES, 0))[-1]
    said = json.loads(wrong.value or b"")
    said["page"] += 1
    said["balances"] = [["WH-01", "KN95", "L1", 1, 0, 1]]
    road.writer.send([Outgoing(BALANCES, 0, b"x", json.dumps(said).encode(), [])])
    rows = {row["name"]: row for row in asked.rows("verify", code=1)}
    assert rows["topic_balances"]["differing"] > 0
    assert rows["sql_lots"]["differing"] == 0
