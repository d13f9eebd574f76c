"""The same settlements twice: folded in Python and drawn by SQL from the lake. Two models, one answer (F9–F12)."""

from datetime import datetime, timedelta

import pytest
from duckdb import DuckDBPyConnection

from ledger.book import ZONE
from projections.chapters.settlements import net_positions, settlements
from projections.chapters.settlements.papers import papers
from projections.chapters.settlements.transit import answers_for, differences, ends_of
from projections.chapters.standing import level_at, response_ended_at
from tests.on_disk import OnDisk, rows
from tests.settling import (
    DAY,
    SPRING,
    TWO_DISTRICTS,
    answered,
    calendar,
    closed,
    explained,
    living,
    ordered,
    price,
    site,
    state,
)
from tests.spec import NOON, arrived, described, dispatched, document, issued, line, received, reversal

CABBAGE = {"item": "白菜", "unit": "斤"}


def move(disk: OnDisk) -> None:
    """Move goods between districts and out of a hospital, and answer for some of it."""
    disk.admit(
        ordered(10, fen=210_001, unit="箱"), dispatched(7_000), arrived(3_501), answered("owing", "confirmed", 5)
    )
    disk.admit(dispatched(80, "T2", **CABBAGE), arrived(60, "T2", **CABBAGE), arrived(19, "T2", **CABBAGE))
    disk.admit(
        price(333, unit="箱"),
        price(9, "武昌"),
        dispatched(5, "T3", **CABBAGE).at(NOON + DAY),
        answered("owed", "disputed", settlement="T3"),
    )
    disk.admit(
        arrived(5, "T3", **CABBAGE).at(NOON + DAY),
        dispatched(4, "T8", **CABBAGE).at(NOON - DAY),
        arrived(4, "T8", **CABBAGE),
        dispatched(9, "T4", site="H-1"),
        arrived(9, "T4", "H-1"),
    )
    disk.admit(
        dispatched(6, "T5", "P-1"), arrived(8, "T5", site="P-1"), explained(1, "surplus", transfer="T5", to_site="P-1")
    )
    disk.admit(dispatched(3, "T10", site="CITY"), arrived(3, "T10", "CITY"))
    disk.admit(dispatched(6, "T6"), explained(2, "still_moving", transfer="T6"), ordered(1, transfer="T7"))
    wrong = disk.number(arrived(6, "T6"))
    disk.admit(
        wrong,
        reversal(wrong, source="desk.t1"),
        answered("owing", "confirmed", 7, "T4"),
        answered("owed", "confirmed", 7, "T4"),
    )


def receive_and_issue(disk: OnDisk) -> None:
    """Receive and issue what opens settlements, and what papers are to follow."""
    disk.admit(
        received(5, origin="requisitioned", supplier="owner-1", price_fen=3), closed(settlement="T4", by="free_grant")
    )
    disk.admit(
        received(5, owed={"party": "shop", "settlement": "supplier_advance"}), received(3, origin="emergency_purchase")
    )
    disk.admit(issued(2, owed={"party": "grid-9", "settlement": "resident_advance", "amount_fen": 8}))
    filed = [{"role": "approval", "text": "form"}]
    disk.admit(received(3, origin="emergency_purchase", references=filed))
    release = disk.number(issued(2, emergency_release={"decided_by": "duty-7"}))
    disk.admit(release, issued(1, emergency_release={"decided_by": "duty-8", "reserve": True}))
    until = (NOON + DAY).isoformat()
    disk.admit(document("duty_rostered", officer="duty-7", from_moment=NOON.isoformat(), until=until))
    names = {k: release.fields[k] for k in ("site", "source", "number")}
    disk.admit(document("papers_completed", completes=names, approval="A", approved_by="head-1"))
    through = {"receiver": "Point 1", "price_fen": 12}
    disk.admit(
        document("goods_passed_through", "WH-02", origin="allocated", from_site="WH-01", lines=[line(4, **through)])
    )


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> OnDisk:
    """Give a book with settlements of every kind, in every state, over a response that ended."""
    disk = OnDisk(tmp_path_factory.mktemp("settlements") / "book")
    disk.admit(
        described(箱=700),
        *living(),
        *TWO_DISTRICTS,
        site("H-1", "汉阳", "hospital"),
        site("P-1", "江岸", "sampling_point"),
        site("CITY", "市级"),
    )
    disk.admit(
        state("lockdown", NOON - 5 * DAY),
        state("normal", NOON + 2 * DAY),
        state("regional_testing", NOON + 9 * DAY, "武昌"),
    )
    disk.admit(state("normal", NOON + 11 * DAY, "武昌"), calendar(2020, "first", SPRING, ["2020-02-01"]))
    disk.admit(calendar(2020, "second", [*SPRING, "2020-01-31", "2020-02-01"], [], published_at=NOON + DAY))
    move(disk)
    receive_and_issue(disk)
    disk.admit(dispatched(1, "T9"), recorded=(NOON + 40 * DAY).isoformat())
    return disk


@pytest.fixture(scope="module")
def lake(disk: OnDisk) -> DuckDBPyConnection:
    return disk.lake()


def now_of(disk: OnDisk) -> datetime:
    return disk.book.now().astimezone(ZONE)


def test_every_settlement_comes_out_the_same_by_sql_and_by_fold(disk: OnDisk, lake: DuckDBPyConnection) -> None:
    """(F8, F9, F10, F11, O1) Kind, sides, amount, state, due day and the calendar it was worked out with."""
    chapters, now = disk.book.folds.chapters, now_of(disk)
    folded = {
        (s.settlement, s.kind): (
            s.site, s.owing, s.owed, s.amount_fen, ", ".join(s.unpriced) or None, s.state, s.due.day,
            ", ".join(s.due.calendars) or None,
        )
        for s in settlements(chapters.settlements, chapters.standing, now)
    }  # fmt: skip
    found = {(r["settlement"], r["kind"]): tuple(
        r[k] for k in ("site", "owing", "owed", "amount_fen", "unpriced", "state", "due_on", "calendar")
    ) for r in rows(lake, "FROM settlements")}  # fmt: skip
    assert found == folded
    assert len(folded) == 11
    assert {s[5] for s in folded.values()} == {"held", "open", "disputed", "closed"}
    assert folded["T2", "living_goods"][3] == (2 * 79 * 333 + 40) // 80
    assert folded["T2", "living_goods"][7] == "second"


def test_positions_between_districts_are_the_same(disk: OnDisk, lake: DuckDBPyConnection) -> None:
    """(F10, J)"""
    chapters = disk.book.folds.chapters
    folded = [(p.district, p.other, p.owes_fen, p.is_owed_fen, p.net_fen, p.unpriced)
              for p in net_positions(chapters.settlements, chapters.standing, now_of(disk))]  # fmt: skip
    found = rows(lake, "SELECT * EXCLUDE (open) FROM net_positions ORDER BY district, other")
    assert [tuple(r.values()) for r in found] == folded
    assert len(folded) == 2


def test_differences_of_transfers_and_their_owners_are_the_same(disk: OnDisk, lake: DuckDBPyConnection) -> None:
    """(F9)"""
    chapters = disk.book.folds.chapters
    folded = {(t, one.item, one.lot): (one.on_the_way, one.unexplained, answers_for(chapters.standing, ends))
              for t, ends, one in differences(chapters.settlements)}  # fmt: skip
    sql = (
        "SELECT t.*, e.answers_for FROM transfers AS t JOIN transfer_ends AS e USING (transfer) WHERE unexplained <> 0"
    )
    found = {(r["transfer"], r["item"], r["lot"]): (r["in_transit"], r["unexplained"], r["answers_for"])
             for r in rows(lake, sql)}  # fmt: skip
    assert found == folded
    assert folded["T5", "KN95", ""] == (-1, -1, "carrier-1")
    ends = {t: ends_of(steps) for t, steps in chapters.settlements.transfers.items()}
    sides = {r["transfer"]: (r["from_site"], r["to_site"], r["due_at"]) for r in rows(lake, "FROM transfer_ends")}
    assert sides == {t: (e.from_site, e.to_site, e.due_at) for t, e in ends.items()}


def test_papers_due_are_the_same(disk: OnDisk, lake: DuckDBPyConnection) -> None:
    """(F12, K1)"""
    chapters = disk.book.folds.chapters
    folded = {p.entry: (p.due_at, p.completed) for p in papers(chapters.settlements, chapters.standing, now_of(disk))}
    found = rows(lake, "FROM papers_due")
    assert {r["entry"]: (r["due_at"], r["completed_by"] is not None) for r in found} == folded
    assert sorted(str(r["on_duty"]) for r in found) == ["False", "None", "True"]


def test_stock_in_transit_leaves_out_what_was_lost(disk: OnDisk, lake: DuckDBPyConnection) -> None:
    """(F9, D5)"""
    legs = disk.book.folds.transfers.legs
    found = {(r["transfer"], r["item"], r["lot"]): r["in_transit"] for r in rows(lake, "FROM transfers")}
    assert found == {key: leg.in_transit() for key, leg in legs.items()}


def test_levels_of_emergency_by_sql_are_those_of_the_fold(disk: OnDisk, lake: DuckDBPyConnection) -> None:
    """(K1)"""
    standing = disk.book.folds.chapters.standing
    moments = [NOON + timedelta(days=d) for d in (-9, -5, 0, 2, 5, 9, 10, 12)]
    asked = [(place, at) for at in moments for place in ("WH-01", "WH-02")]
    sql = """SELECT a.place, a.at, response_ended(a.place, a.at) AS ended,
        coalesce((SELECT max_by(l.level, l.since) FROM levels AS l WHERE l.site = a.place AND l.since <= a.at),
            'normal') AS level
        FROM (SELECT unnest($1::VARCHAR[]) AS place, unnest($2::TIMESTAMPTZ[]) AS at) AS a"""
    found = rows(lake, sql, [[place for place, _ in asked], [at for _, at in asked]])
    assert {(r["place"], r["at"]): (r["ended"], r["level"]) for r in found} == {
        (place, at): (response_ended_at(standing, place, at), level_at(standing, place, at)) for place, at in asked
    }
