"""Gifts from offer to shelf, receiver or donor: what is known of each, what is held, and what still waits (B)."""

from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from projections.chapters import due
from projections.chapters.donations import Donations, Gift, gift
from projections.shortages import matches, shortages
from schemas.page import Result
from tests.spec import NOON, Doc, World, described, document, given, issued, line, received, released, reversal


def offered(quantity: int | None, gift: str = "G1", donor: str = "donor-1", **fields: Any) -> Doc:
    lines = [line(quantity)] if quantity is not None else [{"line": 1, "item": "KN95", "unit": "只"}]
    return document("gift_offered", donation={"gift": gift, "donor": donor}, lines=lines, **fields)


def assessed(decision: str = "accepted", gift: str = "G1", **fields: Any) -> Doc:
    answer = {"first_allocation": "Hospital A"} if decision == "accepted" else {"reason": "no use for it"}
    return document(
        "gift_assessed", gift=gift, opinion="fit", decision=decision, assessed_by="desk-2", **answer | fields
    )


def came(quantity: int, gift: str = "G1", *, identified: bool = True, **fields: Any) -> Doc:
    donation = {"gift": gift, "donor": "donor-1", "counted_by": ["keeper-1", "keeper-2"]}
    waiting = {} if identified else {"awaiting_identification": True}
    return received(quantity, origin="donated", donation=donation | waiting, **fields)


def identified(*found: tuple[int, str], gift: str = "G1", **fields: Any) -> Doc:
    lines = [line(quantity, number=n, finding=finding) for n, (quantity, finding) in enumerate(found, 1)]
    return document("gift_identified", gift=gift, identified_by="pharmacist-1", lines=lines, **fields)


def accepted_equipment(value_fen: int, **on_line: Any) -> Doc:
    lines = [line(1, item="monitor", unit="台", lot="SN-1", value_fen=value_fen, **on_line)]
    return document("equipment_accepted", installed_by="engineer-1", accepted_by="icu-1", lines=lines)


def policy(key: str, value: int) -> Doc:
    return document(
        "policy_set", "*", "hq.t1", key=key, value=value, effective_from=NOON.isoformat(), reason="plan"
    )  # fmt: skip


def lockdown(since: datetime = NOON) -> Doc:
    return document(
        "state_declared", "*", "hq.t1", area="*", level="lockdown", directive="No. 1", authority="headquarters",
        effective_from=since.isoformat(),
    )  # fmt: skip


def known(world: World, number: str = "G1") -> Gift:
    found = gift(world.folds.chapters.donations, number)
    assert found is not None
    return found


def waiting(world: World, now: datetime = NOON + timedelta(days=1)) -> list[str]:
    ours = ("gift_unanswered", "gift_not_reviewed", "gift_to_move_on", "asset_missing")
    return [alert.alert for alert in due(world.folds.chapters, now) if alert.kind in ours]


def test_a_gift_goes_from_offered_to_stocked_paper_by_paper() -> None:
    """(B1) Offered, assessed, received, identified, stocked."""
    world = given(offered(100))
    assert known(world).stage == "offered"
    assert known(world.when(assessed().at(NOON + timedelta(hours=1)))).stage == "accepted"
    assert known(world.when(came(100, identified=False).at(NOON + timedelta(hours=2)))).stage == "received"
    world.when(identified((100, "medical")).at(NOON + timedelta(hours=3)))
    assert known(world).stage == "stocked"
    assert known(world).quantities["stocked"] == {"KN95": 100}


def test_a_declined_gift_carries_the_reason_the_donor_is_told_and_an_accepted_one_its_first_allocation() -> None:
    """(B1)"""
    world = given(offered(100))
    assert known(world.when(assessed("declined"))).stage == "declined"
    world.when(assessed("declined", reason=None)).then(Result.UNREADABLE)
    world.when(assessed("accepted", first_allocation=None)).then(Result.UNREADABLE)
    world.when(assessed("accepted").at(NOON + timedelta(hours=1)))
    assert known(world).stage == "accepted"


def test_the_papers_of_a_gift_may_come_in_any_order() -> None:
    """(B1) The same papers leave the same gift."""
    papers = [
        offered(100, number=1), assessed(number=2), came(100, number=3),
        identified((90, "medical"), (10, "substandard"), number=4),
    ]  # fmt: skip
    worlds = [given(*order) for order in permutations(papers)]
    assert {repr(known(world)) for world in worlds} == {repr(known(worlds[0]))}
    assert {tuple(waiting(world)) for world in worlds} == {("gift_to_move_on/WH-01/G1",)}


def test_a_reversed_paper_says_nothing_of_the_gift() -> None:
    """(B1, A9)"""
    wrong = assessed("declined", number=5)
    world = given(offered(100), wrong)
    world.when(reversal(wrong)).then(Result.ADMITTED)
    assert known(world).stage == "offered"


def test_a_quantity_nobody_stated_is_neither_nothing_nor_one() -> None:
    """(A11, B1) Refused as a number, kept as unknown."""
    world = given(offered(None))
    assert known(world).quantities["offered"] == {"KN95": None}
    assert known(world).left("KN95") is None
    world.when(offered(0)).then(Result.UNREADABLE)


def test_an_offer_is_read_by_the_catalogue_and_a_unit_nobody_knows_is_not_guessed() -> None:
    """(A11, B1)"""
    world = given(offered(3))
    in_packs = document("gift_offered", donation={"gift": "G2"}, lines=[line(3, unit="箱")])
    world.when(in_packs).then(Result.ADMITTED)
    assert known(world, "G2").quantities["offered"] == {"KN95": 2_100}
    world.when(document("gift_offered", donation={"gift": "G3"}, lines=[line(3, unit="桶")])).then(Result.UNCONVERTIBLE)


def test_a_letter_of_commitment_stands_for_the_review_only_in_an_emergency() -> None:
    """(B1, K1) The opinion and the first allocation remain."""
    letter = assessed(letter_of_commitment="letter-7")
    assert waiting(given(offered(100), letter)) == ["gift_not_reviewed/WH-01/G1"]
    assert waiting(given(lockdown(), offered(100), letter)) == []
    world = given(offered(100), letter).when(lockdown(NOON - timedelta(days=1)))
    assert waiting(world) == [], "a state recorded late is heeded"
    reviewed = given(offered(100), letter, assessed().at(NOON + timedelta(hours=5)))
    assert waiting(reviewed) == []


def test_a_gift_awaiting_identification_is_on_hand_and_may_not_be_used() -> None:
    """(B2) Medical goods are stocked by lifting the hold."""
    world = given(came(100, identified=False)).then(on_hand=100, held=100)
    world.when(identified((100, "medical"))).then(on_hand=100, held=100)
    world.when(released(100, reason="identified")).then(on_hand=100, held=0)


def test_what_is_not_medical_is_rerouted_and_what_is_below_standard_goes_back_and_the_donor_is_told() -> None:
    """(B2) It waits until all of it went."""
    world = given(came(100), identified((70, "medical"), (20, "usable"), (10, "substandard")))
    assert waiting(world) == ["gift_to_move_on/WH-01/G1"]
    world.when(issued(20, "Fire brigade", use="rerouted", gift="G1"), issued(9, "donor-1", use="sent_back", gift="G1"))
    assert waiting(world) == ["gift_to_move_on/WH-01/G1"]
    world.when(issued(1, "donor-1", use="sent_back", gift="G1"))
    assert waiting(world) == ["gift_to_move_on/WH-01/G1"], "the donor was not told"
    told = NOON.isoformat()
    world = given(came(10), identified((10, "substandard"), donor_told_at=told))
    world.when(issued(10, "donor-1", use="sent_back", gift="G1").at(NOON + timedelta(hours=1)))
    assert waiting(world) == []
    assert known(world).stage == "sent_back"


def test_an_offer_is_watched_only_where_a_site_says_how_long_an_answer_may_take() -> None:
    """(B1)"""
    later = NOON + timedelta(days=4)
    assert waiting(given(offered(100)), later) == []
    world = given(policy("gift_answer_days", 3), offered(100))
    assert waiting(world, NOON + timedelta(days=3)) == []
    assert waiting(world, later) == ["gift_unanswered/WH-01/G1"]
    assert waiting(world.when(assessed("declined")), later) == []


def passed_on(quantity: int, receiver: str = "Hospital A", **fields: Any) -> Doc:
    return document("gift_passed_on", donation={"donor": "donor-1", "gift": "G1"}, receiver=receiver,
                    lines=[line(quantity)], **fields)  # fmt: skip


def test_a_gift_that_went_straight_to_its_receiver_is_seen_and_is_never_stock() -> None:
    """(B3) Counted once."""
    world = given(offered(100), passed_on(60)).then(on_hand=0, designated=0)
    assert known(world).quantities["passed_on"] == {"KN95": 60}
    assert known(world).left("KN95") == 40


def test_equipment_from_the_fixed_asset_amount_on_has_an_asset_record() -> None:
    """(B6) The amount is the site's own; nothing is watched until it is set."""
    monitor = described("monitor", "台")
    assert waiting(given(monitor, accepted_equipment(500_000))) == []
    world = given(monitor, policy("fixed_asset_fen", 500_000), accepted_equipment(500_000))
    assert waiting(world) == ["asset_missing/WH-01/monitor/SN-1"]
    assert waiting(world.when(accepted_equipment(500_000, asset="ZC-1"))) == []
    cheap = given(monitor, policy("fixed_asset_fen", 500_000), accepted_equipment(499_999))
    assert waiting(cheap) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"donation": {"donor": "donor-1"}},
        {"lines": []},
        {"lines": [line(-1)]},
        {"lines": [line(100_000_000_000_000)]},
        {"lines": [{"line": 1, "item": "KN95", "unit": "只", "quantity": 1.5}]},
        {"happened_at": "2020-02-30T12:00:00+08:00"},
    ],
)
def test_a_badly_written_offer_is_kept_in_quarantine(fields: dict[str, Any]) -> None:
    """(B1)"""
    given(offered(1)).when(offered(1).but(**fields)).then(Result.UNREADABLE)


def test_a_paper_about_a_gift_nobody_offered_is_kept_until_the_offer_comes() -> None:
    """(B1) Unknown references are kept."""
    world = given(assessed(), came(10))
    assert known(world).stage == "received"
    assert "offered" not in known(world).quantities
    assert known(world.when(offered(10))).quantities["offered"] == {"KN95": 10}


def low(reorder_point: int = 50, **fields: Any) -> tuple[Doc, Doc]:
    """Have a store whose stock of KN95 is at its reorder point: 10 left."""
    return policy("reorder_point", reorder_point), received(10, **fields)


def proposed(world: World) -> list[tuple[str, int, str, int | None]]:
    lacking = shortages(world.folds.alerts)
    return [(m.shortage.item, m.shortage.short_by, m.gift, m.quantity) for m in matches(lacking, chapter(world))]


def chapter(world: World) -> Donations:
    return world.folds.chapters.donations


def test_the_shortage_list_says_what_lifts_a_store_above_its_reorder_point_and_which_offers_would() -> None:
    """(B10, D5) The earliest offer first, and no more than is lacking."""
    world = given(*low(), offered(30, "G1"), offered(30, "G2").at(NOON + timedelta(hours=1)))
    assert proposed(world) == [("KN95", 41, "G1", 30), ("KN95", 41, "G2", 11)]


def test_an_offer_is_open_until_it_is_declined_received_or_set_aside_and_again_when_that_comes_to_nothing() -> None:
    """(B10)"""
    assert proposed(given(*low(), offered(30), assessed("declined"))) == []
    assert proposed(given(*low(), offered(30), passed_on(30))) == []
    world = given(*low(), offered(30), matched(20))
    assert proposed(world) == [("KN95", 41, "G1", 10)]
    assert proposed(world.when(matched(20, outcome="cancelled"))) == [("KN95", 41, "G1", 30)]


def matched(quantity: int, outcome: str = "proposed") -> Doc:
    donation = {"gift": "G1", "donor": "donor-1"}
    return document("gift_matched", donation=donation, receiver="WH-01", outcome=outcome, lines=[line(quantity)])


def test_an_offer_without_a_quantity_is_shown_and_fills_nothing_by_itself() -> None:
    """(B10, A11)"""
    world = given(*low(), offered(None, "G0"), offered(41, "G1").at(NOON + timedelta(hours=1)))
    assert proposed(world) == [("KN95", 41, "G0", None), ("KN95", 41, "G1", 41)]


def test_a_store_that_lacks_nothing_is_not_on_the_list() -> None:
    """(B10)"""
    assert shortages(given(*low(9), offered(30)).folds.alerts) == []
