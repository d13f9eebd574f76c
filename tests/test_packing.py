"""Kits and rounds: what is packed, planned, placed and delivered in time (G1–G5, G7, G8)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from projections.chapters import due
from projections.chapters.packing import duty_of, packing_duty, packs_needed, standing_plans
from schemas.page import Result
from tests.spec import NOON, Doc, World, described, document, given, issued, received, reversal
from tests.test_emergency import site

LEVEL_1 = {"KN95": (1, "respirator"), "cap": (1, "cap"), "gown": (1, "gown"), "gloves": (2, "latex_gloves")}
ITEMS = [described(箱=700), described("cap"), described("gown"), described("gloves", "只", 盒=100)]


def kit(name: str = "kit-1", level: str = "level_1", **parts: int) -> Doc:
    bill = {i: (parts[i], "other") for i in parts} or LEVEL_1
    components = [{"item": item, "quantity": q, "part": part} for item, (q, part) in bill.items()]
    return document("kit_described", "*", "desk.t1", kit=name, level=level, colour="blue", components=components)


def kits(*more: Doc) -> World:
    """Begin a book that knows one kit, with components on the shelf."""
    stocked = [received(100, item=item) for item in ("KN95", "cap", "gown")]
    return given(*ITEMS, described("kit-1", "套"), kit(), *stocked, received(3, item="gloves", unit="盒"), *more)


def packed(number: int, kind: str = "kits_packed", gloves: int = 0, **fields: Any) -> Doc:
    sign = 1 if kind == "kits_packed" else -1
    changes = {"kit-1": number, "KN95": -number, "cap": -number, "gown": -number, "gloves": gloves or -2 * number}
    units = {"kit-1": "套"}
    lines = [
        {"line": n, "item": item, "unit": units.get(item, "只"), "quantity_change": sign * change}
        for n, (item, change) in enumerate(changes.items(), 1)
    ]
    return document(kind, kit="kit-1", lines=lines, **fields)


def test_packing_moves_components_into_kits_and_unpacking_moves_them_back() -> None:
    """(G7) components out = kits in × bill of materials."""
    world = kits().when(packed(30)).then(Result.ADMITTED, on_hand=70).then(item="kit-1", on_hand=30)
    world.then(item="gloves", on_hand=240)
    world.when(packed(10, "kits_unpacked")).then(Result.ADMITTED, on_hand=80).then(item="kit-1", on_hand=20)


def test_a_packing_that_is_not_the_bill_is_refused_with_the_difference() -> None:
    """(G7)"""
    page = kits().submit(packed(30, gloves=-59))
    (refused,) = page.header.refused
    assert (refused.result, refused.reason.code if refused.reason else "") == (Result.CONFLICTING, "kit_bill_differs")
    assert refused.reason is not None
    assert refused.reason.facts == {
        "kit": "kit-1", "item": "gloves", "expected": "-60", "found": "-59", "difference": "1"
    }  # fmt: skip


def test_a_packing_written_in_packs_and_lots_is_weighed_in_base_units() -> None:
    """(G7, A11)"""
    lines = [
        {"line": 1, "item": "kit-1", "unit": "套", "quantity_change": 50, "lot": "K1"},
        {"line": 2, "item": "KN95", "unit": "只", "quantity_change": -20, "lot": "A"},
        {"line": 3, "item": "KN95", "unit": "只", "quantity_change": -30, "lot": "B"},
        {"line": 4, "item": "cap", "unit": "只", "quantity_change": -50},
        {"line": 5, "item": "gown", "unit": "只", "quantity_change": -50},
        {"line": 6, "item": "gloves", "unit": "盒", "quantity_change": -1},
    ]
    world = kits().when(document("kits_packed", kit="kit-1", lines=lines)).then(Result.ADMITTED)
    world.then(item="gloves", on_hand=200).then(lot="A", on_hand=-20).then(item="kit-1", lot="K1", on_hand=50)


def test_a_kit_goes_out_of_date_with_the_first_of_its_components() -> None:
    """(G7, D8) The expiry of a lot of kits is stated when it is packed, and taken back with it."""
    doc = packed(5)
    doc.fields["lines"][0] |= {"lot": "K1", "expires_on": "2020-03-01"}
    world = kits(doc.but(number=77))
    assert str(world.folds.stock.balances["WH-01", "kit-1", "K1"].expires_on) == "2020-03-01"
    assert alerts_of_time(world) == ["near_expiry/WH-01/kit-1/K1"]
    world.when(reversal(doc.but(number=77), source="dev-2.t1")).then(Result.ADMITTED)
    assert alerts_of_time(world) == []


def alerts_of_time(world: World) -> list[str]:
    return [a.alert for a in world.folds.due(NOON + timedelta(days=3)) if a.kind == "near_expiry"]


def test_packing_needs_a_bill_and_goes_its_own_way() -> None:
    """(G7)"""
    assert code(kits(), packed(5).but(kit="KN95")) == "kit_unknown"
    assert code(kits(), packed(5, "kits_unpacked").but(kind="kits_packed.v1")) == "kits_wrong_way"


def test_a_kit_keeps_its_bill_for_ever_and_is_made_of_other_items() -> None:
    """(G1, G7) Another bill is another kit."""
    assert code(kits(), kit(KN95=2)) == "kit_bill_changed"
    assert code(kits(), kit("KN95", cap=1, KN95=1)) == "kit_component_twice"
    assert code(kits(), kit("kit-1", unheard_of=1)) == "kit_of_unknown_item"
    kits().when(kit()).then(Result.ADMITTED)


def test_a_reversed_packing_gives_everything_back() -> None:
    """(G7, A9)"""
    wrong = packed(30).but(number=77)
    kits().when(wrong).when(reversal(wrong, source="desk-2.t1")).then(Result.ADMITTED, on_hand=100).then(
        item="kit-1", on_hand=0
    )


def code(world: World, doc: Doc) -> str:
    (refused,) = world.submit(doc).header.refused
    assert refused.reason is not None
    unheard_of = refused.reason.code in ("kit_unknown", "kit_of_unknown_item")
    assert refused.result is (Result.UNCONVERTIBLE if unheard_of else Result.CONFLICTING)
    return refused.reason.code


# -- plans


def points(count: int, **fields: Any) -> list[dict[str, Any]]:
    return [{"point": f"C-{n:02d}", "desks": 1, **fields} for n in range(1, count + 1)]


def planned(count: int | list[dict[str, Any]], site: str = "OUT-1", **fields: Any) -> Doc:
    listed = points(count) if isinstance(count, int) else count
    return document(
        "packing_planned", site, **{"round": 1, "plan": "B", "placed": "central", "points": listed} | fields
    )


def outlet(name: str, district: str = "江岸") -> Doc:
    return site(name, district).but(site_kind="outlet")


def opened(at: datetime = NOON, number: int = 1, stage: str = "opened", **fields: Any) -> Doc:
    return document("round_announced", "HQ", area="江岸", round=number, stage=stage, **fields).at(at)


def alerts(world: World, now: datetime, kind: str) -> list[str]:
    return [a.alert for a in due(world.folds.chapters, now) if a.kind == kind]


def needs(doc: Doc) -> dict[str, int]:
    world = given(doc)
    (plan,) = standing_plans(world.folds.chapters.packing, NOON)
    return {str(level): packs for level, packs in packs_needed(plan).items()}


def test_plan_a_counts_kits_by_person_and_level() -> None:
    """(G1)"""
    staff = [{"level_1": 9, "level_2_waste": 1}, {"level_1": 4, "level_2_sample": 2}]
    listed = [{"point": f"C-{n}", "desks": 1, "staff": s} for n, s in enumerate(staff)]
    assert needs(planned(listed, plan="A")) == {"level_1": 13, "level_2_waste": 1, "level_2_sample": 2}


def test_plan_b_gives_a_point_one_base_pack_and_an_increment_for_every_further_desk() -> None:
    """(G2) d desks: 1 base + (d − 1) increments."""
    listed = [{"point": "C-1", "desks": 1}, {"point": "C-2", "desks": 4}, {"point": "C-3", "desks": 2}]
    assert needs(planned(listed)) == {"base": 3, "increment": 4}


@pytest.mark.parametrize(
    ("points", "duty"), [(1, 0), (10, 0), (11, 5), (30, 5), (31, 7), (50, 10), (51, 21), (100, 40)]
)
def test_the_duty_to_pack_follows_the_number_of_points(points: int, duty: int) -> None:
    """(G3) up to 10 free, up to 30 at least 5, up to 50 at least 20 %, above at least 40 %."""
    assert duty_of(points, (10, 5, 30, 20, 50, 40)) == duty


def test_sub_points_are_computed_on_their_own() -> None:
    """(G3) 11 points and 11 sub-points are 5 and 5, not 5 of 22."""
    sub = [{"point": f"S-{n}", "desks": 1, "sub_point": True} for n in range(11)]
    world = given(planned(points(11) + sub))
    (plan,) = standing_plans(world.folds.chapters.packing, NOON)
    assert packing_duty(world.folds.chapters.standing, plan, NOON) == 10


def test_an_outlet_that_packed_too_few_points_alerts_when_the_round_opens() -> None:
    """(G3)"""
    world = kits(outlet("OUT-1"), planned(12))
    packs = packed(4, site="OUT-1", round=1, points=["C-01", "C-02", "C-03", "C-04"])
    assert alerts(world, NOON, "packing_short") == []
    world.when(opened(NOON + timedelta(hours=3)), packs)
    assert alerts(world, NOON + timedelta(hours=2), "packing_short") == []
    assert alerts(world, NOON + timedelta(hours=3), "packing_short") == ["packing_short/OUT-1/1"]
    world.when(packed(1, site="OUT-1", round=1, points=["C-05"], source="dev-2.t1"))
    assert alerts(world, NOON + timedelta(hours=3), "packing_short") == []


def test_a_duty_of_another_length_than_the_shipped_is_not_followed() -> None:
    """(G3)"""
    odd = document(
        "policy_set", "*", "desk.t1", key="packing_duty", value=[1, 2], effective_from=NOON.isoformat(), reason="slip"
    )
    world = given(odd, planned(12))
    (plan,) = standing_plans(world.folds.chapters.packing, NOON)
    assert packing_duty(world.folds.chapters.standing, plan, NOON) == 5


@pytest.mark.parametrize(
    ("outlets", "main_urban", "placed", "wrong"),
    [(7, 1, "central", True), (7, 1, "at_outlet", False), (6, 1, "at_outlet", True), (6, 1, "central", False),
     (7, 0, "central", False), (7, 0, "at_outlet", True)],
)  # fmt: skip
def test_the_first_round_waits_at_the_outlets_of_a_main_urban_district_with_more_than_six(
    outlets: int, main_urban: int, placed: str, wrong: bool
) -> None:
    """(G4) 6 included in central storage ‡."""
    urban = document(
        "policy_set", "*", "desk.t1", key="main_urban_district", value=main_urban, scope={"district": "江岸"},
        effective_from=(NOON - timedelta(days=1)).isoformat(), reason="list of main urban districts",
    )  # fmt: skip
    world = given(urban, *(outlet(f"OUT-{n}") for n in range(1, outlets + 1)), planned(3, placed=placed))
    assert alerts(world, NOON, "placement_wrong") == (["placement_wrong/OUT-1"] if wrong else [])


def test_a_first_round_not_delivered_in_four_hours_warns_and_in_six_is_urgent() -> None:
    """(G5)"""
    world = kits(outlet("OUT-1"), planned(2), opened())
    out = issued(10, "C-01", site="OUT-1", round={"number": 1, "grid": "C-01"}).at(NOON + timedelta(hours=1))
    world.when(out)
    severities = [
        [a.severity for a in due(world.folds.chapters, NOON + timedelta(hours=h)) if a.kind == "first_round_late"]
        for h in (3, 4, 6)
    ]
    assert severities == [[], ["warning"], ["urgent"]]
    straight = {"line": 1, "item": "KN95", "unit": "箱", "quantity": 1, "receiver": "C-02"}
    passed = document("goods_passed_through", origin="allocated", from_site="CITY", round=1, lines=[straight])
    world.when(passed.at(NOON + timedelta(hours=2)))
    assert alerts(world, NOON + timedelta(hours=7), "first_round_late") == []


def test_goods_that_pass_through_leave_the_stock_as_it_was() -> None:
    """(G8) Receipt and issues in one document."""
    straight = {"line": 1, "item": "KN95", "unit": "箱", "quantity": 3, "receiver": "C-02"}
    passed = document("goods_passed_through", origin="allocated", from_site="CITY", lines=[straight])
    kits().when(passed).then(Result.ADMITTED, on_hand=100)


def test_a_kit_of_the_wrong_level_at_a_post_alerts_until_its_outcome_is_said() -> None:
    """(G1)"""
    world = kits(packed(10))

    def to_post(post: str, device: str) -> Doc:
        where = {"number": 1, "grid": "C-01", "post": post}
        return issued(1, "C-01", item="kit-1", unit="套", round=where, source=device)

    world.when(to_post("general", "dev-3.t1"))
    assert alerts(world, NOON, "kit_level_wrong") == []
    world.when(to_post("waste", "dev-4.t1"))
    (name,) = alerts(world, NOON, "kit_level_wrong")
    assert name.startswith("kit_level_wrong/WH-01/kit-1/")
    answer = document(
        "alert_acknowledged", "WH-01", "desk.t1", alert=name, acknowledged_by="head-1", measure="changed",
        outcome="confirmed",
    )  # fmt: skip
    world.when(answer.at(NOON + timedelta(minutes=20)))
    assert alerts(world, NOON + timedelta(hours=1), "kit_level_wrong") == []
