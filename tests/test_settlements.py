"""Settlements (F8–F12): who owes whom, for how much, when it is due, how it is closed; papers that follow."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from ledger import snapshots
from ledger.words import LANGUAGES, say
from projections.chapters import Chapters
from projections.chapters.settlements import net_positions
from projections.chapters.settlements.owing import fen_of, price_of_day
from projections.chapters.settlements.papers import papers
from tests.settling import (
    DAY,
    SPRING,
    TWO_DISTRICTS,
    alerts,
    answered,
    calendar,
    closed,
    living,
    only,
    ordered,
    price,
    site,
    stands,
    state,
)  # fmt: skip
from tests.spec import NOON, Doc, World, arrived, described, dispatched, document, given, issued, received, reversal


# -- which entry opens which settlement
def test_a_transfer_within_a_district_leaves_nothing_to_settle() -> None:
    """(F8, F11)"""
    assert stands(given(site("WH-01", "江岸"), site("WH-02", "江岸"), dispatched(10), arrived(10))) == []


def test_what_the_city_allocates_is_not_owed_by_the_district() -> None:
    """(F9, F11) Its own stores lie in no district; how they are described is policy."""
    city, district = site("WH-01", "市级"), site("WH-02", "武昌")
    moved = (dispatched(10), arrived(10))
    assert stands(given(city, district, *moved)) == []
    other = document(
        "policy_set", "*", "hq.t1", key="city_level", value="headquarters", effective_from=(NOON - DAY).isoformat(),
        reason="plan",
    )  # fmt: skip
    assert len(stands(given(city, district, other, *moved))) == 1


def test_who_uses_settles_for_what_arrived_at_the_price_of_the_order() -> None:
    """(F8, F9, F11)"""
    world = given(*TWO_DISTRICTS, ordered(10, fen=210_000, unit="箱"), dispatched(7_000))
    assert (only(world).amount_fen, only(world).state) == (0, "open")
    assert only(world.when(arrived(3_500))).amount_fen == 5 * 210_000


def test_goods_out_of_a_hospital_are_a_draw_down_owed_to_it() -> None:
    """(F11, E1)"""
    world = given(
        site("H-1", "武昌", "hospital"), site("WH-02", "武昌"), dispatched(9, site="H-1"), arrived(9, from_site="H-1")
    )
    assert (only(world).kind, only(world).owed, only(world).amount_fen) == ("hospital_draw_down", "H-1", None)


@pytest.mark.parametrize(
    ("document_of", "kind", "owed"),
    [
        (received(5, origin="drawn_from_holder", supplier="H-2", price_fen=300), "hospital_draw_down", "H-2"),
        (received(5, origin="requisitioned", owed={"party": "owner-4"}, price_fen=300), "compensation", "owner-4"),
        (received(5, owed={"party": "shop-1", "settlement": "supplier_advance", "amount_fen": 1_500}),
         "supplier_advance", "shop-1"),
        (issued(5, owed={"party": "grid-9", "settlement": "resident_advance", "amount_fen": 1_500}),
         "resident_advance", "grid-9"),
        (issued(5, use="market_release", owed={"party": "shop-2", "settlement": "subsidy", "amount_fen": 1_500}),
         "subsidy", "shop-2"),
    ],
)  # fmt: skip
def test_a_receipt_or_issue_opens_its_settlement_by_itself(document_of: Doc, kind: str, owed: str) -> None:
    """(F11, A4) And a reversal takes it back, in either order (A9)."""
    numbered = document_of.but(number=4)
    world = given(*TWO_DISTRICTS, numbered)
    one = only(world)
    assert (one.settlement, one.kind, one.owed, one.amount_fen) == ("WH-01/dev-1.t1/4", kind, owed, 1_500)
    assert stands(world.when(reversal(numbered, source="desk.t1"))) == []
    assert stands(given(*TWO_DISTRICTS, reversal(numbered, source="desk.t1"), numbered)) == []


def test_a_purchase_opens_nothing() -> None:
    """(F11)"""
    assert stands(given(*TWO_DISTRICTS, received(5, price_fen=300))) == []


# -- living goods: the market price of the day
def carrying(*more: Doc) -> World:
    cabbage = {"item": "白菜", "unit": "斤"}
    return given(*TWO_DISTRICTS, *living(), dispatched(80, **cabbage), arrived(80, **cabbage), *more)


def test_living_goods_settle_at_the_market_price_of_the_day_of_the_transfer() -> None:
    """(F10, O1) The last price seen that day where they came from; of a pack, by what it holds."""
    world = carrying(price(200), price(210, at=NOON + timedelta(hours=3)), price(999, at=NOON + DAY), price(5, "武昌"))
    assert (only(world).kind, only(world).amount_fen) == ("living_goods", 80 * 210)
    assert only(carrying(price(8_001, unit="箱"))).amount_fen == 16_002
    assert fen_of(1, 1, 2) == 1


def test_without_a_price_that_day_a_settlement_is_held_and_never_guessed() -> None:
    """(F10) A price recorded late, for that day, frees it."""
    world = carrying(price(200, at=NOON - DAY), price(200, at=NOON + DAY))
    assert (only(world).state, only(world).amount_fen, only(world).unpriced) == ("held", None, ("白菜",))
    assert "settlement_held/WH-02/T1/living_goods" in alerts(world)
    world.when(price(190, at=NOON - timedelta(hours=2)))
    assert (only(world).state, only(world).amount_fen) == ("open", 15_200)
    chapters = world.folds.chapters
    assert price_of_day(chapters.settlements, "白菜", date(2020, 3, 1), ("江岸",)) is None


# -- due
def supply_over(*more: Doc) -> World:
    """Play a response that began before the transfer and ended on 31 January."""
    ended = datetime.fromisoformat("2020-01-31T10:00:00+08:00")
    return carrying(state("lockdown", NOON - 5 * DAY), price(200), *more, state("normal", ended))


def test_living_goods_are_due_fifteen_working_days_after_the_supply_work_ends() -> None:
    """(F10, K1) Make-up days count, and the calendar is the one known then: its version is kept."""
    world = supply_over(calendar(2020, "as of 2019-11-21", SPRING, ["2020-01-19", "2020-02-01"]))
    late = NOON + 40 * DAY
    assert only(world, NOON + DAY).due.day is None
    assert (only(world, late).due.day, only(world, late).due.calendars) == (date(2020, 2, 20), ("as of 2019-11-21",))
    extended = [*SPRING, "2020-01-31", "2020-02-01", "2020-02-02"]
    world.when(calendar(2020, "as of 2020-01-27", extended, ["2020-01-19"], published_at=NOON + 5 * DAY))
    assert (only(world, late).due.day, only(world, late).due.calendars) == (date(2020, 2, 21), ("as of 2020-01-27",))
    assert only(world, NOON + 4 * DAY).due.day == date(2020, 2, 20)


def test_a_settlement_past_its_day_is_overdue_until_closed_in_one_of_four_ways() -> None:
    """(F10, F11, D8)"""
    for way in ("money", "return_in_kind", "cost_share", "free_grant"):
        world = supply_over(calendar(2020, "v", SPRING, ["2020-02-01"]))
        overdue = ["settlement_overdue/WH-02/T1/living_goods"]
        assert alerts(world, datetime.fromisoformat("2020-02-20T23:59:00+08:00")) == []
        assert alerts(world, datetime.fromisoformat("2020-02-21T00:01:00+08:00")) == overdue
        world.when(closed(way))
        assert (only(world).state, alerts(world, NOON + 40 * DAY)) == ("closed", [])


def test_a_year_without_a_calendar_has_no_due_day_and_says_so() -> None:
    """(F10) Weekends alone would be wrong."""
    world = supply_over()
    assert only(world, NOON + 40 * DAY).due.day is None
    assert alerts(world, NOON + 40 * DAY) == ["calendar_missing/WH-02/T1/living_goods"]


def test_other_settlements_are_due_by_policy_after_the_response() -> None:
    """(F10) Hospital draw-downs and medical goods between districts."""
    policy = document(
        "policy_set", "*", "hq.t1", key="settlement_days", value=10, scope={"district": "武昌"},
        effective_from=(NOON - DAY).isoformat(), reason="plan",
    )  # fmt: skip
    world = given(*TWO_DISTRICTS, dispatched(10), arrived(10))
    assert only(world, NOON + DAY).due.day == date(2020, 1, 29) + 30 * DAY
    assert only(given(*TWO_DISTRICTS, policy, dispatched(10), arrived(10))).due.day == date(2020, 2, 8)


# -- confirmation, dispute, position
def test_both_sides_confirm_and_a_disagreement_is_an_open_case() -> None:
    """(F11) The latest answer of a side stands; two figures that differ are a dispute."""
    world = given(*TWO_DISTRICTS, dispatched(10), arrived(10)).when(answered("owing", "confirmed", 900))
    assert only(world).state == "open"
    world.when(answered("owed", "confirmed", 950))
    assert (only(world).state, alerts(world)) == ("disputed", ["settlement_disputed/WH-02/T1/cross_district"])
    assert only(world.when(answered("owed", "disputed").at(NOON + timedelta(hours=1)))).state == "disputed"
    assert only(world.when(answered("owed", "confirmed", 900).at(NOON + timedelta(hours=2)))).state == "confirmed"


def test_an_answer_or_closing_may_come_before_what_it_is_about() -> None:
    """(F11) Kept, and found by its settlement when the other end arrives."""
    world = given(*TWO_DISTRICTS, answered("owing", "confirmed"), closed(), dispatched(10), arrived(10))
    assert only(world).state == "closed"


def test_a_dispute_without_a_reason_and_money_without_a_figure_are_refused() -> None:
    """(F11)"""
    twice = calendar(2020, "v", ["2020-02-01"], ["2020-02-01"])
    world = given().when(answered("owed", "disputed").but(reason=None), closed().but(amount_fen=None), twice)
    codes = [refused.reason.code for refused in world.pages[-1][0].header.refused if refused.reason]
    assert codes == ["dispute_without_reason", "closing_without_amount", "calendar_contradicts"]
    assert all(say(code, lang) for code in codes for lang in LANGUAGES)


def test_the_position_of_a_district_with_every_other_is_what_is_open_both_ways() -> None:
    """(F10, J) Closed settlements have left it; what lacks a price is counted, not guessed."""
    back = {"transfer": "T2", "to_site": "WH-01", "site": "WH-02"}
    world = given(
        *TWO_DISTRICTS, site("WH-03", "汉阳"), ordered(10, 300), dispatched(10), arrived(10),
        ordered(4, 300, **back), dispatched(4, **back), arrived(4, "T2", "WH-02", site="WH-01"),
        dispatched(7, "T3", to_site="WH-03"), arrived(7, "T3", site="WH-03"),
    )  # fmt: skip
    chapters = world.folds.chapters
    found = {(p.district, p.other): p for p in net_positions(chapters.settlements, chapters.standing, NOON + DAY)}
    assert len(found) == 4
    assert (found["江岸", "武昌"].owes_fen, found["江岸", "武昌"].is_owed_fen) == (1_200, 3_000)
    assert (found["江岸", "武昌"].net_fen, found["武昌", "江岸"].net_fen) == (1_800, -1_800)
    assert found["汉阳", "江岸"].unpriced == 1
    world.when(closed())
    position = net_positions(chapters.settlements, chapters.standing, NOON + DAY)
    assert [p.net_fen for p in position if p.other == "武昌"] == [-1_200]


def test_a_district_that_merged_keeps_its_position_in_the_past() -> None:
    """(F10, K2) Districts are dated: what district was a place in then."""
    moved = site("WH-02", "江岸").at(NOON + DAY)
    world = given(*TWO_DISTRICTS, moved, dispatched(10), arrived(10))
    assert (only(world).owing, only(world).owed) == ("武昌", "江岸")
    later = {"transfer": "T2"}
    world.when(dispatched(5, **later).at(NOON + 2 * DAY), arrived(5, **later).at(NOON + 2 * DAY))
    assert [one.settlement for one in stands(world)] == ["T1"]


# -- papers that follow
def test_an_emergency_release_stays_open_until_its_papers_came() -> None:
    """(F12, D8) Three days by policy, or as the release says."""
    release = issued(5, emergency_release={"decided_by": "duty-7"}, number=3)
    world = given(received(9), release)
    assert alerts(world, NOON + 3 * DAY) == []
    assert alerts(world, NOON + 4 * DAY) == ["papers_overdue/WH-01/WH-01%2Fdev-1.t1%2F3"]
    done = document(
        "papers_completed", completes={"site": "WH-01", "source": "dev-1.t1", "number": 3}, approval="A-7",
        approved_by="head-1", number=9,
    )  # fmt: skip
    assert alerts(world.when(done), NOON + 4 * DAY) == []
    assert alerts(world.when(reversal(done, source="desk.t1")), NOON + 4 * DAY) != []
    said = {"decided_by": "duty-7", "papers_due_at": (NOON + timedelta(hours=2)).isoformat()}
    assert alerts(given(issued(5, emergency_release=said)), NOON + timedelta(hours=3)) != []


def test_papers_of_reserve_grain_are_due_after_the_response_ends() -> None:
    """(F12, K1) Not days after the issue."""
    release = issued(5, emergency_release={"decided_by": "duty-7", "reserve": True})
    world = given(*TWO_DISTRICTS, state("lockdown", NOON - DAY), release)
    assert alerts(world, NOON + 60 * DAY) == []
    world.when(state("normal", NOON + 60 * DAY))
    chapters = world.folds.chapters
    (one,) = papers(chapters.settlements, chapters.standing, NOON + 61 * DAY)
    assert one.due_at == NOON + 63 * DAY
    assert len(alerts(world, NOON + 64 * DAY)) == 1


def test_a_war_time_purchase_is_bought_first_and_filed_after() -> None:
    """(F12) One that came with its approval form waits for nothing."""
    bought = received(5, origin="emergency_purchase")
    assert len(alerts(given(bought), NOON + 4 * DAY)) == 1
    assert alerts(given(bought.but(references=[{"role": "approval", "text": "form 7"}])), NOON + 4 * DAY) == []


def test_what_settlements_know_survives_a_snapshot(tmp_path: Path) -> None:
    """(F9, F10, F11, F12)"""
    release = issued(1, emergency_release={"decided_by": "duty-7"}, owed={"party": "shop", "settlement": "subsidy"})
    world = supply_over(
        calendar(2020, "v", SPRING, []), ordered(80, item="白菜", unit="斤"), answered("owed", "confirmed")
    )
    world.when(described(), release, closed())
    snapshots.save(tmp_path / "s", world.folds.chapters)
    assert snapshots.load(tmp_path / "s", Chapters) == world.folds.chapters
