"""The record asked by SQL (A2–A8, A10, A12, G, H): one book, a site a case; where the fold says it too, they agree."""

import json
from datetime import datetime
from typing import Any

import pytest
from duckdb import DuckDBPyConnection

from ledger.verification import verify
from projections.chapters.packing import packing_duty, packs_needed, standing_plans
from projections.chapters.returns import outstanding
from tests.audits_of_record import named, place, ruled, to_grid
from tests.on_disk import OnDisk, rows
from tests.spec import Doc, described, document, given, issued, line, received, returned, reversal
from tests.test_packing import kit, packed, planned, points
from tests.test_usage import used

FEB = "2020-02-02T08:00:00+08:00"
END = "2020-02-03T08:30:00+08:00"
ITEMS = [
    described(箱=700), described("cap"), described("gown"), described("gloves"), described("kit-1", "套"), kit(),
    described("alcohol-75", "瓶").but(hazardous=True), described("box", "个").but(returnable=True),
    document("family_described", "*", "desk.t1", family="masks", name="医用口罩", group="medical"),
    described("mask").but(family="masks"),
]  # fmt: skip


def _holdings(site: str) -> list[Doc]:
    wrong = issued(500, number=77, site=site)
    return [
        received(2, unit="箱", site=site), issued(1, unit="箱", site=site), issued(60, department="ICU", site=site),
        returned(100, site=site), returned(20, "lost", site=site), used(300, site=site),
        used(10, department="ICU", site=site), wrong, reversal(wrong, source="desk.t1"),
    ]  # fmt: skip


def _reports(site: str) -> list[Doc]:
    starts = {"Ward 1": "2020-01-28T12:00:00+08:00", "Ward 2": "2020-01-22T12:00:00+08:00"}
    return [used(100, receiver, site=site, happened_since=since) for receiver, since in starts.items()]


def _hazard(site: str) -> list[Doc]:
    fields = {"item": "alcohol-75", "unit": "瓶", "site": site}
    out = issued(10, number=9, **fields)
    signed = document("goods_signed_for", site, signs_for=named(out), signed_by="nurse-1", difference="2 short")
    return [received(50, stored_at="H1", **fields), out, signed]


def _channels(site: str) -> list[Doc]:
    before = received(1, channel="own", site=site)
    return [ruled("purchase_channels", "city", site), before, before.at(FEB), before.at(FEB).but(channel="city")]


def _families(site: str) -> list[Doc]:
    rule = ruled("purchase_channels", "city", site).but(scope={"family": "masks"})
    return [rule, *(received(5, item=item, channel="own", site=site).at(FEB) for item in ("mask", "KN95"))]


def _signatures(site: str) -> list[Doc]:
    came = [received(10, number=n, signatures={"supplier": "S", "warehouse": "W"}, site=site) for n in (70, 71)]
    signed = document("goods_signed_for", site, signs_for=named(came[1]), party="using_department", signed_by="head-1")
    return [*came, signed]


def _papers(site: str) -> list[Doc]:
    kept = [{"role": "delivery_note", "text": "7"}, {"role": "order", "text": "9", "sha256": "0" * 64}]
    gift = received(1, origin="donated", donation={"handover": "sheet-1"}, site=site)
    return [received(1, references=kept, site=site), gift, received(1, origin="allocated", site=site)]


def _dates(site: str) -> list[Doc]:
    ahead = [received(1, site=site).at(f"2020-02-03T{time}:00+08:00") for time in ("08:41", "08:39")]
    return [*ahead, received(1, site=site, produced_on="2020-02-02"), received(1, site=site, produced_on="2020-01-29")]


def _claims(site: str) -> list[Doc]:
    return [
        to_grid(5, site, 1, claimant="p-1"), to_grid(5, site, 1, claimant="p-2"), to_grid(5, site, 2, claimant="p-1"),
        to_grid(5, site, 1, claimant="p-1", grid="other", headcount=2), ruled("kit_standard", 2, site),
    ]  # fmt: skip


def _passed(site: str) -> list[Doc]:
    lines = [{**line(n, unit="箱", number=n), "receiver": f"P-{n}", "price_fen": 14_000, "lot": "A"} for n in (1, 2)]
    return [document("goods_passed_through", site, origin="allocated", from_site="CITY", round=1, lines=lines)]


def _dangling(site: str) -> list[Doc]:
    nowhere = {"site": site, "source": "dev-9.t1", "number": 1}
    return [
        document("goods_signed_for", site, signs_for=nowhere, signed_by="head-1"),
        document("damage_settled", site, settles=nowhere, outcome="scrap", paper="P", approved_by="head-1"),
    ]


def _kits(site: str) -> list[Doc]:
    stocked = [received(100, item=item, site=site) for item in ("KN95", "cap", "gown", "gloves")]
    many = packed(30, site=site)
    many.fields["lines"][0]["expires_on"] = "2020-03-01"
    return [*stocked, many, packed(10, "kits_unpacked", site=site)]


def _times(site: str) -> list[Doc]:
    stages = [
        document("round_announced", site, area="times", round=1, stage=stage).at(f"2020-01-29T{hour}:00+08:00")
        for stage, hour in (("opened", "08:00"), ("vehicles_ready", "09:30"))
    ]
    out = [
        issued(1, "C", site=site, round={"number": 1, "grid": grid}).at(f"2020-01-29T{hour}:00+08:00")
        for grid, hour in (("T-1", "10:00"), ("T-2", "12:30"), ("T-2", "19:00"))
    ]
    plan = planned([{"point": "T-1", "desks": 1}, {"point": "T-2", "desks": 1}], site)
    return [place(site, "outlet").but(district="times"), *stages, plan.at("2020-01-29T07:00:00+08:00"), *out]


SUB = [{"point": f"S-{n}", "desks": 3, "sub_point": True} for n in range(12)]
UNDONE = planned(99, "OUT-4", number=7)
PLANS = [
    planned(60, "OUT-1"), planned(points(40, staff={"level_1": 9, "level_2_waste": 1}), "OUT-2", plan="A"),
    planned(points(5) + SUB, "OUT-3"), planned(points(55, desks=2), "OUT-1").at("2020-01-30T12:00:00+08:00"),
    UNDONE, reversal(UNDONE, source="desk.t1"),
]  # fmt: skip
WRONG = to_grid(50, "GRIDS", 1).but(number=70)
ROUND = {"number": 1, "grid": "G-GRIDS"}
SHARES = [
    to_grid(1, "GRIDS", 1, unit="箱"), returned(3, "lost", returned_by="G-GRIDS", round=ROUND, site="GRIDS"),
    used(600, round=ROUND, site="GRIDS"), WRONG, to_grid(4, "GRIDS", 1, "box", "个"),
    to_grid(4, "GRIDS", 2, "box", "个"), reversal(WRONG, source="desk.t1"),
]  # fmt: skip
PLAYED = {
    "HOLD": _holdings, "REPORT": _reports, "HAZARD": _hazard, "CHANNEL": _channels, "FAMILY": _families,
    "SIGN": _signatures, "PAPERS": _papers, "CLAIM": _claims, "PASSED": _passed,
    "DANGLE": _dangling, "KITS": _kits, "TIMES": _times,
}  # fmt: skip


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> OnDisk:
    """Play every case into one book."""
    disk = OnDisk(tmp_path_factory.mktemp("record") / "book")
    disk.admit(*ITEMS)
    for site, play in PLAYED.items():
        disk.admit(place(site), *play(site))
    disk.admit(*PLANS, *SHARES)
    expired = received(10, lot="L", expires_on="2020-01-28", site="EXPIRED")
    disk.admit(expired, *_dates("DATES"), issued(1, site="LATE").at("2020-02-02T10:00:00+08:00"), recorded=END)
    return disk


@pytest.fixture(scope="module")
def lake(disk: OnDisk) -> DuckDBPyConnection:
    return disk.lake()


def at(lake: DuckDBPyConnection, site: str, columns: str, view: str) -> list[tuple[Any, ...]]:
    found = rows(lake, f"SELECT {columns} FROM {view} WHERE site = $1 ORDER BY ALL", [site])
    return [tuple(row.values()) for row in found]


def test_what_a_department_holds_is_issues_less_returns_losses_and_reported_use(lake: DuckDBPyConnection) -> None:
    """(A6) By receiver and department; a reversed issue drops out (A9)."""
    found = at(lake, "HOLD", "department, issued, returned + lost, used, held", "holdings")
    assert found == [("", 700, 120, 300, 280), ("ICU", 60, 0, 10, 50)]


def test_reported_use_is_brought_to_a_day_rounded_up(lake: DuckDBPyConnection) -> None:
    """(A7, D2) A department's quota is its reported daily or weekly use."""
    assert at(lake, "REPORT", "receiver, a_day", "reported_use") == [("Ward 1", 100), ("Ward 2", 15)]


def test_hazardous_goods_are_issued_by_the_day_and_stored_where_it_is_safe(lake: DuckDBPyConnection) -> None:
    """(A7) One day's reported use at a time; no report, no quota. Days are policy."""
    assert at(lake, "HAZARD", "quantity, a_day", "audit_hazardous_above_use") == [(10, None)]
    assert at(lake, "HAZARD", "stored_at, status", "audit_hazard_storage") == [("H1", "no rated place")]


def test_a_purchase_through_a_channel_not_allowed_is_shown_from_the_day_of_the_policy(lake: DuckDBPyConnection) -> None:
    """(A4) Own, county, city: by policy, as of the day of the receipt."""
    assert at(lake, "CHANNEL", "channel, allowed", "audit_purchase_channel") == [("own", "city")]


def test_a_provisional_receipt_is_whole_once_all_three_parties_have_signed(lake: DuckDBPyConnection) -> None:
    """(A2) Supplier, using department, warehouse: then or later."""
    assert at(lake, "SIGN", "split_part(entry, '/', 3), missing", "audit_receipt_provisional") == [
        ("70", "using_department")
    ]


def test_goods_out_of_date_at_receipt_are_shown_and_not_available(lake: DuckDBPyConnection) -> None:
    """(A3) On hand, because they are here."""
    assert at(lake, "EXPIRED", "item, lot", "audit_expired_received") == [("KN95", "L")]
    assert at(lake, "EXPIRED", "on_hand, available", "stock") == [(10, 0)]


def test_an_issue_nobody_below_signed_for_is_shown_after_the_hours_of_policy(lake: DuckDBPyConnection) -> None:
    """(A5) Loss between store and receiver."""
    assert at(lake, "LATE", "hours", "audit_not_signed_for") == []
    assert at(lake, "PASSED", "hours, difference", "audit_not_signed_for") == [(24, None)]
    assert at(lake, "HAZARD", "hours, difference", "audit_not_signed_for") == [(24, "2 short")]


def test_the_same_claimant_is_served_once_a_round_wherever_it_asks(lake: DuckDBPyConnection) -> None:
    """(A5) The same person, point or round claimed twice; above headcount × standard."""
    assert at(lake, "CLAIM", "claimant, grid, earlier", "audit_claimed_twice") == [("p-1", "other", "CLAIM/dev-1.t1/1")]
    assert at(lake, "CLAIM", "standard", "audit_claim_above_standard") == [], "the standard holds from February"


def test_papers_are_kept_with_their_hash_and_those_missing_are_by_origin(lake: DuckDBPyConnection) -> None:
    """(A8) Order, delivery note, acceptance sheet, approval form, handover sheet."""
    assert at(lake, "PAPERS", "role, sha256", "papers") == [("delivery_note", None), ("order", "0" * 64)]
    assert at(lake, "PAPERS", "origin, missing", "audit_papers_missing") == [
        ("allocated", "delivery_note"), ("purchased", "acceptance_sheet")
    ]  # fmt: skip


def test_impossible_dates_are_admitted_and_shown(lake: DuckDBPyConnection) -> None:
    """(A10) Ahead of its recording by more than 10 minutes, or before the goods were made."""
    found = at(lake, "DATES", "status", "audit_impossible_date")
    assert found == [("ahead of its recording",), ("before it was made",)]


def test_a_reference_to_nothing_is_kept_and_shown_as_dangling(lake: DuckDBPyConnection) -> None:
    """(A5, H3, H4)"""
    found = at(lake, "DANGLE", "kind, names", "audit_dangling_reference")
    assert found == [("damage_settled", "DANGLE/dev-9.t1/1"), ("goods_signed_for", "DANGLE/dev-9.t1/1")]


def test_a_family_carries_the_defaults_of_its_items_and_an_item_of_none_is_shown(lake: DuckDBPyConnection) -> None:
    """(A12) Policy scoped to the family."""
    assert at(lake, "FAMILY", "item, allowed", "audit_purchase_channel") == [("mask", "city")]
    (masks,) = rows(lake, "SELECT items, policies, described FROM families WHERE family = 'masks'")
    assert masks == {"items": 1, "policies": 1, "described": True}
    assert at(lake, "FAMILY", "item, family", "audit_unknown_family") == [("KN95", None)]


def test_a_plan_and_its_duty_are_the_same_asked_of_the_fold_and_of_sql(lake: DuckDBPyConnection) -> None:
    """(G1, G2, G3, A9)"""
    folds = given(*PLANS).folds.chapters
    now = datetime.fromisoformat(END)
    said = {
        p.site: (packing_duty(folds.standing, p, p.at), {str(k): v for k, v in packs_needed(p).items()})
        for p in standing_plans(folds.packing, now)
    }
    found = {
        row["site"]: (
            row["duty"],
            json.loads(row["kits"] or "{}") or {"base": row["base_packs"], "increment": row["increment_packs"]},
        )
        for row in rows(lake, "SELECT * FROM packing_plans WHERE site LIKE 'OUT%'")
    }
    assert found == said
    assert {site: duty for site, (duty, _) in said.items()} == {"OUT-1": 22, "OUT-2": 8, "OUT-3": 5}


def test_what_grids_owe_is_the_same_asked_of_the_fold_and_of_sql(lake: DuckDBPyConnection) -> None:
    """(H1, H3, A9)"""
    said = outstanding(given(*ITEMS, *SHARES).folds.chapters.returns)
    found = at(lake, "GRIDS", "site, round, grid, item, outstanding", "round_shares")
    assert {row[:4]: row[4] for row in found if row[4]} == said
    assert said["GRIDS", 1, "G-GRIDS", "KN95"] == 700 - 3 - 600


def test_a_grid_that_gets_returnables_again_is_shown_with_its_reason(lake: DuckDBPyConnection) -> None:
    """(H2) And what was lost is to be compensated or written off (H3)."""
    found = at(lake, "GRIDS", "grid, round, earlier_round, outstanding, reason", "audit_returnables_again")
    assert found == [("G-GRIDS", 2, 1, 8, None)]
    assert at(lake, "GRIDS", "quantity", "audit_loss_unsettled") == [], "there are thirty days to settle it"


def test_goods_passed_through_are_traced_to_every_point_with_their_value(lake: DuckDBPyConnection) -> None:
    """(G8, A5) On hand 0, traceable and settled; without an approval it is an audit row like any issue."""
    found = at(lake, "PASSED", "receiver, from_site, quantity, value_fen", "passed_through")
    assert found == [("P-1", "CITY", 700, 14_000), ("P-2", "CITY", 1400, 28_000)]
    assert at(lake, "PASSED", "item", "lots") == []
    assert at(lake, "PASSED", "receiver", "audit_issue_without_approval") == [("P-1",), ("P-2",)]


def test_the_times_of_a_round_are_measured_from_its_entries(lake: DuckDBPyConnection) -> None:
    """(G5) First round within 4–6 hours, vehicles in 2; measured, not reported."""
    (row,) = rows(lake, "SELECT points, supplied, hours, in_time FROM round_times WHERE area = 'times'")
    assert (row["points"], row["supplied"], str(row["hours"]), row["in_time"]) == (2, 2, "4.50", True)


def test_what_the_folds_say_of_these_entries_the_lake_says_too(disk: OnDisk, lake: DuckDBPyConnection) -> None:
    """(A1, A6, G7, G8) Kits, reports of use and goods passed through, by `baogong verify`."""
    assert [row for row in verify(disk.path).rows if row.differing] == []


def test_kits_and_components_stand_in_the_lake_as_in_the_fold(lake: DuckDBPyConnection) -> None:
    """(G1, G7) The second model agrees."""
    assert dict(at(lake, "KITS", "item, on_hand", "stock")) == {
        "KN95": 80,
        "cap": 80,
        "gloves": 60,
        "gown": 80,
        "kit-1": 20,
    }
    (gloves,) = rows(lake, "SELECT item, quantity FROM kits WHERE part = 'latex_gloves'")
    assert gloves == {"item": "gloves", "quantity": 2}
