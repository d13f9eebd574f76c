"""Cases of the audits about the record, packing and returns (A, G, H): faulty and sound, one each. Tests nothing."""

from typing import Any

from tests.audit_steps import Case, Step, day, on_time
from tests.on_disk import OnDisk
from tests.spec import Doc, described, dispatched, document, issued, line, received, returned

ROLES = ("supplier", "using_department", "warehouse")


def ruled(key: str, value: int | str, site: str) -> Doc:
    return document(
        "policy_set",
        "*",
        "desk.t1",
        key=key,
        value=value,
        scope={"site": site},
        effective_from=day(1, 0),
        reason="plan",
    )


def named(doc: Doc) -> dict[str, Any]:
    return {part: doc.fields[part] for part in ("site", "source", "number")}


def used(quantity: int, site: str, item: str = "KN95", receiver: str = "Ward 1", **fields: Any) -> Doc:
    return document(
        "usage_reported", site, receiver=receiver, lines=[line(quantity, item)], happened_since=day(1, 0), **fields
    )


def place(site: str, kind: str = "store", **fields: Any) -> Doc:
    return document(
        "site_described", "*", "desk.t1", describes=site, name=site, district="d", site_kind=kind, **fields
    )  # fmt: skip


def to_grid(quantity: int, site: str, number: int, item: str = "KN95", unit: str = "只", **of: Any) -> Doc:
    where = {"number": number, "grid": f"G-{site}"} | of
    return issued(quantity, site=site, item=item, unit=unit, approval="A", round=where)


def _provisional(disk: OnDisk, site: str, *, parties: tuple[str, ...]) -> list[Step]:
    came = disk.number(received(10, site=site, signatures={"supplier": "S"}).at(day(1)))
    later = [
        document("goods_signed_for", site, signs_for=named(came), party=p, signed_by="head-1").at(day(2))
        for p in parties
    ]
    return [*on_time(day(1), came), *on_time(day(2), *later)]


def _out_of_date(disk: OnDisk, site: str, *, until: str) -> list[Step]:
    return on_time(day(5), received(10, site=site, lot="L", expires_on=until))


def _channel(disk: OnDisk, site: str, *, channel: str) -> list[Step]:
    allowed = ruled("purchase_channels", "county city", site)
    return [*on_time(day(1), allowed), *on_time(day(2), received(10, site=site, channel=channel))]


def _signed(disk: OnDisk, site: str, *, by: str) -> list[Step]:
    """Nobody signs below for what he recorded himself."""
    out = disk.number(issued(5, site=site, approval="A").at(day(2)))
    below = document("goods_signed_for", site, signs_for=named(out), signed_by=by)
    return [*on_time(day(1), received(10, site=site)), *on_time(day(2), out), *on_time(day(2, 12), below)]


def _twice(disk: OnDisk, site: str, *, number: int) -> list[Step]:
    first, again = to_grid(5, site, 1), to_grid(5, site, number)
    return [*on_time(day(1), received(10, site=site)), *on_time(day(2), first), *on_time(day(3), again)]


def _above_standard(disk: OnDisk, site: str, *, headcount: int) -> list[Step]:
    claim = to_grid(20, site, 1, headcount=headcount)
    return [*on_time(day(1), ruled("kit_standard", 2, site), received(20, site=site)), *on_time(day(2), claim)]


def _use_above(disk: OnDisk, site: str, *, quantity: int) -> list[Step]:
    out = issued(10, site=site, approval="A")
    back = returned(2, "lost", site=site)
    return [*on_time(day(1), received(10, site=site), out, back), *on_time(day(3), used(quantity, site))]


def _registrar(disk: OnDisk, site: str, *, by: str) -> list[Step]:
    may = document(
        "registrars_named", site, receiver="Ward 1", may_request=["head-nurse-1"], may_register=["nurse-1"],
        effective_from=day(1, 0),
    )  # fmt: skip
    asked = document(
        "requisition_made", site, requisition=f"R-{site}", department="Ward 1", requested_by="head-nurse-1",
        lines=[line(3)],
    )  # fmt: skip
    out = issued(10, site=site, approval="A")
    return [*on_time(day(1), may, received(10, site=site), out), *on_time(day(3), used(5, site, recorded_by=by), asked)]


def _hazardous(disk: OnDisk, site: str, *, quantity: int) -> list[Step]:
    disk.admit(described("alcohol-75", "瓶").but(hazardous=True))
    rated = place(site, hazard_rated_places=["H1"])
    came = received(50, site=site, item="alcohol-75", unit="瓶", stored_at="H1")
    report = used(9, site, "alcohol-75").but(lines=[line(9, "alcohol-75", "瓶")])
    out = issued(quantity, site=site, item="alcohol-75", unit="瓶", approval="A")
    return [*on_time(day(1), rated, came), *on_time(day(3), report), *on_time(day(4), out)]


def _storage(disk: OnDisk, site: str, *, stored_at: str) -> list[Step]:
    disk.admit(described("alcohol-75", "瓶").but(hazardous=True))
    came = received(50, site=site, item="alcohol-75", unit="瓶", stored_at=stored_at)
    return on_time(day(2), place(site, hazard_rated_places=["H1"]), came)


def _papers(disk: OnDisk, site: str, *, completed: str) -> list[Step]:
    kept = [{"role": role, "text": f"{role} 7"} for role in ("order", "delivery_note")]
    came = disk.number(received(10, site=site, references=kept).at(day(1)))
    later = document(
        "papers_completed", site, completes=named(came), approval="A-1", approved_by="head-1",
        references=[{"role": completed, "text": "sheet 7"}],
    )  # fmt: skip
    return [*on_time(day(1), came), *on_time(day(2), later)]


def _family(disk: OnDisk, site: str, *, family: str) -> list[Step]:
    item = f"item-{site}"
    disk.admit(described(item).but(family=family))
    known = document("family_described", "*", "desk.t1", family="masks", name="口罩", group="medical")
    return [*on_time(day(1), known), *on_time(day(2), received(10, item=item, site=site))]


def _kit(disk: OnDisk, site: str, *, parts: tuple[str, ...]) -> list[Step]:
    kit = f"kit-{site}"
    disk.admit(described(kit, "套"), described("stuff", "件"))
    components = [{"item": f"stuff-{part}", "quantity": 1, "part": part} for part in parts]
    disk.admit(*(described(f"stuff-{part}", "件") for part in parts))
    bill = document("kit_described", "*", "desk.t1", kit=kit, level="level_1", colour="blue", components=components)
    lines = [{"line": 1, "item": kit, "unit": "套", "quantity_change": 2}] + [
        {"line": n, "item": f"stuff-{part}", "unit": "件", "quantity_change": -2} for n, part in enumerate(parts, 2)
    ]
    return [*on_time(day(1), bill), *on_time(day(2), document("kits_packed", site, kit=kit, lines=lines))]


def _leg(disk: OnDisk, site: str, *, arrives: str) -> list[Step]:
    to, transfer = f"out-{site}", f"T-{site}"
    there = document("transfer_arrived", to, transfer=transfer, from_site=site, lines=[line(5)])
    return [
        *on_time(day(1), place(site), place(to, "outlet"), received(5, site=site)),
        *on_time(day(2), dispatched(5, transfer, to, site=site)), *on_time(arrives, there),
    ]  # fmt: skip


def _vehicles(disk: OnDisk, site: str, *, ready: str) -> list[Step]:
    opened, there = (
        document("round_announced", site, area=f"area-{site}", round=1, stage=stage, setting="town")
        for stage in ("opened", "vehicles_ready")
    )
    return [*on_time(day(2), opened), *on_time(ready, there)]


def _again(disk: OnDisk, site: str, *, item: str) -> list[Step]:
    disk.admit(described("box", "个").but(returnable=True), described("swab", "个"))
    first, again = to_grid(5, site, 1, item, "个"), to_grid(5, site, 2, item, "个").but(note="flooded")
    return [*on_time(day(1), first), *on_time(day(2), again)]


def _loss(disk: OnDisk, site: str, *, outcome: str) -> list[Step]:
    lost = disk.number(returned(3, "lost", site=site).at(day(2)))
    settled = document(
        "damage_settled", site, settles=named(lost), outcome=outcome, paper="P-1", approved_by="head-1"
    )  # fmt: skip
    return [
        *on_time(day(1), ruled("loss_settled_days", 5, site), received(9, site=site)), *on_time(day(2), lost),
        *on_time(day(4), settled),
    ]  # fmt: skip


def _device(disk: OnDisk, site: str, *, at: str) -> list[Step]:
    area = f"area-{site}"
    shared = {"area": area, "authority": "headquarters"}
    zone = document("zone_set", "*", "desk.t1", zone="high", effective_from=day(1, 0), **shared)
    on, off = (
        document("state_declared", "*", "desk.t1", level=level, directive="1", effective_from=since, **shared)
        for level, since in (("lockdown", day(1, 0)), ("normal", day(10, 0)))
    )
    broken = disk.number(document("device_failed", site, device="sprayer-7").at(day(3)))
    seen = document("damage_settled", site, settles=named(broken), outcome="scrap", paper="P-2", approved_by="head-1")
    return [*on_time(day(1), place(site, area=area), zone, on, off), *on_time(day(3), broken), *on_time(at, seen)]


def _impossible(disk: OnDisk, site: str, *, made: str) -> list[Step]:
    return on_time(day(5), received(10, site=site, lot="L", produced_on=made, expires_on="2021-01-01"))


LEVEL_1 = ("respirator", "cap", "gown", "latex_gloves")

CASES: dict[str, Case] = {
    "audit_receipt_provisional": (_provisional, {"parties": ("warehouse",)}, {"parties": ROLES[1:]},
        {"missing": "using_department"}),
    "audit_expired_received": (_out_of_date, {"until": "2020-02-04"}, {"until": "2020-02-05"},
        {"lot": "L", "quantity": 10}),
    "audit_purchase_channel": (_channel, {"channel": "own"}, {"channel": "city"},
        {"channel": "own", "allowed": "county city"}),
    "audit_not_signed_for": (_signed, {"by": "keeper-1"}, {"by": "nurse-1"}, {"hours": 24, "difference": None}),
    "audit_claimed_twice": (_twice, {"number": 1}, {"number": 2}, {"round": 1, "quantity": 5}),
    "audit_claim_above_standard": (_above_standard, {"headcount": 9}, {"headcount": 10},
        {"standard": 2, "quantity": 20}),
    "audit_use_above_issue": (_use_above, {"quantity": 9}, {"quantity": 8}, {"issued": 10, "held": -1}),
    "audit_unnamed_registrar": (_registrar, {"by": "passer-by"}, {"by": "nurse-1"},
        {"person": "passer-by", "act": "registered"}),
    "audit_hazardous_above_use": (_hazardous, {"quantity": 4}, {"quantity": 3}, {"quantity": 4, "a_day": 3}),
    "audit_hazard_storage": (_storage, {"stored_at": "corridor"}, {"stored_at": "H1"}, {"status": "place not rated"}),
    "audit_papers_missing": (_papers, {"completed": "other"}, {"completed": "acceptance_sheet"},
        {"missing": "acceptance_sheet"}),
    "audit_unknown_family": (_family, {"family": "unheard-of"}, {"family": "masks"}, {"family": "unheard-of"}),
    "audit_kit_incomplete": (_kit, {"parts": LEVEL_1[:3]}, {"parts": LEVEL_1},
        {"missing": "latex_gloves", "level": "level_1"}),
    "audit_leg_slow": (_leg, {"arrives": day(2, 10, 1)}, {"arrives": day(2, 10)}, {"hours": 2}),
    "audit_vehicles_late": (_vehicles, {"ready": day(2, 10, 1)}, {"ready": day(2, 10)}, {"round": 1, "hours": 2}),
    "audit_returnables_again": (_again, {"item": "box"}, {"item": "swab"}, {"earlier_round": 1, "reason": "flooded"}),
    "audit_loss_unsettled": (_loss, {"outcome": "repair"}, {"outcome": "compensated"}, {"quantity": 3, "days": 5}),
    "audit_impossible_date": (_impossible, {"made": "2020-02-06"}, {"made": "2020-02-05"},
        {"status": "before it was made"}),
    "audit_device_out_early": (_device, {"at": day(9)}, {"at": day(10)}, {"zone": "high", "level": "lockdown"}),
}  # fmt: skip
