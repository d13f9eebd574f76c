"""The sound days of a rehearsal, scene by scene. Quantities are from the seed; what is planted stands in the plan."""

from datetime import timedelta
from typing import Any

from processors.rehearsal.telling import Line, Teller

WARDS = ("发热门诊", "急诊科", "重症医学科")
MEDICAL_PAPER = "械注准-演练-001"
ACCEPTED: dict[str, Any] = {"decision": "accepted", "assessed_by": "assessor-1", "authority": "supplies_group"}
STRAIGHT_ON: dict[str, Any] = {"first_allocation": "江北医院"}
LEAST_LIFE: dict[str, Any] = {"expires_on": "2024-12-31", "produced_on": "2022-01-10"}


def tell(teller: Teller) -> None:
    """Tell every scene. Their order here means nothing: documents go out by their moments."""
    for scene in (catalogue, openings, prices, wards, gifts, class_inputs, emergency, rounds, loans, night, stocktakes):
        scene(teller)


def catalogue(teller: Teller) -> None:
    """What the book must know before anything moves: items, kits, sites, working days, packing by plan."""
    at = teller.at(1, "06:00")
    teller.say(
        "policy_set", "*", at, key="reorder_point", value=0, scope={"family": "kit"}, reason="按计划组装,不设再订货点",
        effective_from=at.isoformat(),
    )  # fmt: skip
    for item in teller.plan["item"]:
        fields = {name: value for name, value in item.items() if name != "opening"}
        if item["family"] == "protective":
            fields |= {"requires": "registration", "registration": MEDICAL_PAPER}
        if item["family"] == "grain":
            fields |= {"requires": "certificate"}
        teller.say("item_described", "*", at, **fields)
    for calendar in teller.plan["calendar"]:
        teller.say("calendar_published", "*", at, **calendar)
    for family in teller.plan["family"]:
        teller.say("family_described", "*", at + timedelta(minutes=1), **family)
    for kit in teller.plan["kit"]:
        teller.say("kit_described", "*", at + timedelta(minutes=1), **kit)
    for site in teller.plan["site"]:
        fields = {name: value for name, value in site.items() if name != "site"}
        teller.say("site_described", "*", at + timedelta(minutes=2), describes=site["site"], **fields)


def openings(teller: Teller) -> None:
    """What every site begins with: bought for the city store and hospital, allocated from above for the districts."""
    for site in ("CS", "DN", "DS", "H1"):
        lines = []
        for item in teller.plan["item"]:
            quantity = item["opening"].get(site, 0)
            if quantity:
                paper = {"certificate": "合格证-001"} if item["family"] == "grain" else {}
                lines.append(teller.line(item["item"], quantity, f"{item['item'][:4]}-01", **LEAST_LIFE, **paper))
        bought = {"origin": "purchased", "supplier": "供应商-1", "channel": "city"}
        source = bought if site in ("CS", "H1") else {"origin": "allocated"}
        hazard = {"stored_at": "危化品间"} if site == "DN" else {}
        teller.receive(site, teller.at(1, "07:30"), lines, f"opening-{site}", **source, **hazard)


def prices(teller: Teller) -> None:
    """The price and the sales of rice, seen every day and hardly moving."""
    price = 560
    for day in range(1, teller.settings["days"] + 1):
        price += teller.random.choice((-4, 0, 4))
        teller.say(
            "price_observed", "DS", teller.at(day, "08:00"), place=teller.settings["other_district"],
            observer="market-1", lines=[teller.line("rice", 1, price_fen=price)],
        )  # fmt: skip
        sold = [teller.line("rice", 950, stock=5_000)]
        at = teller.at(day, "19:00")
        place, on_day = teller.settings["other_district"], at.date().isoformat()
        teller.say("sales_observed", "DS", at, place=place, observer="market-1", on_day=on_day, lines=sold)


def wards(teller: Teller) -> None:
    """A hospital that goes on: wards draw what they use, report it, and hold nothing back."""
    for day in range(1, teller.settings["days"] + 1):
        for place, ward in enumerate(WARDS):
            drawn = [
                teller.line("respirator", teller.random.randint(25, 40), "resp-01"),
                teller.line("latex-gloves", teller.random.randint(20, 30), "late-01"),
            ]
            at = teller.at(day, "09:00") + timedelta(minutes=10 * place)
            teller.issue("H1", at, ward, drawn, use="epidemic", serves="medical_staff", department=ward)
            used = [{name: value for name, value in line.items() if name != "line"} for line in drawn]
            teller.say("usage_reported", "H1", at + timedelta(hours=9), receiver=ward, department=ward, lines=used)


def gifts(teller: Teller) -> None:
    """Gifts from the offer to the shelf, one for a named receiver, one straight to it, money, and equipment."""
    designated = {"donor": "企业甲", "gift": "G-1", "designated_receiver": "江北医院", "disclosure": "公示1-1"}
    common = {"donor": "企业乙", "gift": "G-2", "disclosure": "公示1-2"}
    _gift(teller, designated, [teller.line("respirator", 2000, "gift-1", **LEAST_LIFE)])
    _gift(teller, common, [teller.line("gown", 300, "gift-2", **LEAST_LIFE)])
    out = [teller.line("respirator", 2000, "gift-1")]
    teller.issue("CS", teller.at(3, "09:30"), "江北医院", out, "gift-1-issued", use="epidemic")
    straight = {"donor": "企业丙", "gift": "G-3", "disclosure": "公示1-3"}
    offered = {"donor": "企业丙", "gift": "G-3"}
    teller.say("gift_offered", "CS", teller.at(2, "09:00"), donation=offered, lines=[teller.line("goggles", 50)])
    teller.say("gift_assessed", "CS", teller.at(2, "10:00"), gift="G-3", opinion="可用", **ACCEPTED, **STRAIGHT_ON)
    teller.say(
        "gift_passed_on", "CS", teller.at(2, "15:00"), donation=straight, receiver="江北医院",
        lines=[teller.line("goggles", 50)],
    )  # fmt: skip
    money: dict[str, Any] = {"gift": "G-M", "amount_fen": 5_000_000, "purpose": "购买防护服"}
    teller.say("money_gift_received", "CS", teller.at(2, "15:10"), donor="企业丁", disclosure="公示1-4", **money)
    bought = [teller.line("coverall", 400, "cove-02", price_fen=10_000, **LEAST_LIFE)]
    teller.receive(
        "CS", teller.at(3, "10:30"), bought, "bought-with-gift", origin="purchased", supplier="供应商-2", channel="city"
    )
    spent: dict[str, Any] = {"gift": "G-M", "amount_fen": 4_000_000, "purpose": "购买防护服", "bought": "防护服 400 套"}
    teller.say("money_gift_spent", "CS", teller.at(3, "11:00"), receipt="@bought-with-gift", **spent)
    device = {"donor": "企业戊", "gift": "G-4", "disclosure": "公示1-5"}
    _gift(teller, device, [teller.line("ventilator", 2, "SN-77", **LEAST_LIFE)])
    accepted = [teller.line("ventilator", 2, "SN-77", value_fen=90_000, asset="资-77")]
    teller.say(
        "equipment_accepted", "CS", teller.at(3, "16:00"), gift="G-4", installed_by="engineer-1",
        accepted_by="head-equipment", lines=accepted,
    )  # fmt: skip


def _gift(teller: Teller, donation: dict[str, str], lines: list[Line]) -> None:
    """Offer, assess, receive, identify and stock one gift."""
    gift, start = donation["gift"], teller.at(2, "08:00") + timedelta(minutes=3 * len(teller.drafts) % 40)
    offered = {name: donation[name] for name in ("donor", "gift")}
    found = [{name: value for name, value in line.items() if name not in LEAST_LIFE} for line in lines]
    teller.say("gift_offered", "CS", start, donation=offered, lines=found)
    teller.say(
        "gift_assessed", "CS", start + timedelta(hours=1), gift=gift, opinion="来源清楚、可用", **ACCEPTED,
        first_allocation=donation.get("designated_receiver", "市级储备库"),
    )  # fmt: skip
    counted = {**donation, "handover": f"交接单-{gift}", "counted_by": ["counter-1", "counter-2"]}
    teller.receive(
        "CS", start + timedelta(hours=3), lines, f"{gift}-received", origin="donated",
        donation={**counted, "awaiting_identification": True},
    )  # fmt: skip
    identified = [{**line, "finding": "medical"} for line in found]
    teller.say(
        "gift_identified", "CS", start + timedelta(hours=4), gift=gift, identified_by="inspector-1", lines=identified
    )
    teller.say(
        "goods_released", "CS", start + timedelta(hours=5), releases="hold", approved_by="head-quality",
        reason=f"鉴别合格 {gift}", lines=found,
    )  # fmt: skip


def class_inputs(teller: Teller) -> None:
    """Respirators become class I as demand trebles, until channels are widened."""
    for day, demand, cycle, capacity in ((1, 2_100, 6, 1_500), (3, 9_000, 6, 4_000), (9, 9_000, 6, 12_000)):
        inputs: dict[str, Any] = {
            "normal_demand": 2_000,
            "cycle_days": cycle,
            "capacity": capacity,
            "evidence": f"采购记录-{day}",
        }
        lines = [teller.line("respirator", demand, **inputs)]
        teller.say("class_inputs_reported", "DN", teller.at(day, "08:30"), lines=lines)


def emergency(teller: Teller) -> None:
    """A case is found, the state declared, the zone set; and back to normal on the ninth day."""
    area = teller.settings["district"]
    authority = {"area": area, "authority": "市指挥部"}
    teller.say("local_cases_reported", "*", teller.at(3, "08:00"), area=area, cases=2, authority="疾控中心")
    for day, level in ((3, "regional_testing"), (9, "normal")):
        at = teller.at(day, "10:00")
        fields = {"level": level, "directive": f"第{day}号令", "effective_from": at.isoformat()}
        teller.say("state_declared", "*", at, **authority, **fields)
    zoned = teller.at(3, "10:30")
    teller.say("zone_set", "*", zoned, zone="high", effective_from=zoned.isoformat(), **authority)


def rounds(teller: Teller) -> None:
    """Rounds of testing: kits packed the day before, issued to grids, signed for, used, the rest brought back."""
    for number, day in enumerate(teller.settings["rounds"], 1):
        area = teller.settings["district"]
        grids = [f"网格-{number}{n}" for n in range(1, teller.settings["grids_per_round"] + 1)]
        teller.say(
            "packing_planned", "ON", teller.at(day - 1, "15:00"), round=number, plan="A", placed="central",
            points=[{"point": grid, "desks": 1, "staff": {"level_1": 40, "level_2_waste": 4}} for grid in grids],
        )  # fmt: skip
        _packed(teller, day - 1, number, len(grids))
        for clock, stage in (("07:00", "opened"), ("08:00", "vehicles_ready"), ("20:00", "closed")):
            setting = {"setting": "town"} if stage == "vehicles_ready" else {}
            teller.say("round_announced", "DN", teller.at(day, clock), area=area, round=number, stage=stage, **setting)
        for place, grid in enumerate(grids):
            _grid(teller, day, number, grid, timedelta(minutes=5 * place))


def _packed(teller: Teller, day: int, number: int, grids: int) -> None:
    for order, kit in enumerate(teller.plan["kit"]):
        kits = grids * (40 if kit["level"] == "level_1" else 4)
        signed = [(kit["kit"], f"r{number}", kits)]
        signed += [(c["item"], f"{c['item'][:4]}-01", -kits * c["quantity"]) for c in kit["components"]]
        lines = [
            {"item": item, "unit": teller.unit_of[item], "lot": lot, "quantity_change": change}
            for item, lot, change in signed
        ]
        at = teller.at(day, "16:00") + timedelta(minutes=10 * order)
        teller.say("kits_packed", "DN", at, kit=kit["kit"], round=number, lines=lines)


def _grid(teller: Teller, day: int, number: int, grid: str, later: timedelta) -> None:
    at = teller.at(day, "08:30") + later
    testing = {"number": number, "grid": grid}
    common = [teller.line("kit-1", 40, f"r{number}"), teller.line("transfer-box", 4, "tran-01")]
    waste = [teller.line("kit-2w", 4, f"r{number}")]
    for lines, post, people in ((common, "general", 40), (waste, "waste", 4)):
        teller.issue(
            "DN", at, grid, lines, use="testing", serves="medical_staff",
            round={**testing, "post": post, "headcount": people, "claimant": f"{grid}-{post}"},
        )  # fmt: skip
        at += timedelta(minutes=2)
    left = teller.random.randint(1, 6)
    evening = teller.at(day, "18:30") + later
    used = [teller.line("kit-1", 40 - left, f"r{number}"), teller.line("kit-2w", 4, f"r{number}")]
    teller.say("usage_reported", "DN", evening, receiver=grid, round=testing, lines=used)
    back = [teller.line("kit-1", left, f"r{number}", condition="good")]
    back.append(teller.line("transfer-box", 4, "tran-01", condition="needs_disinfection"))
    teller.say("goods_returned", "DN", evening + timedelta(minutes=20), returned_by=grid, round=testing, lines=back)
    teller.say(
        "goods_released", "DN", evening + timedelta(hours=13), releases="hold", approved_by="head-quality",
        reason="已消毒", lines=[teller.line("transfer-box", 4, "tran-01")],
    )  # fmt: skip


def loans(teller: Teller) -> None:
    """What one district owes another, and a hospital: ordered, sent, arrived, confirmed by both sides and closed."""
    for transfer, item, sent in (("TR-C", "goggles", 200), ("TR-R", "rice", 5_000)):
        lines = [teller.line(item, sent, f"{item[:4]}-01")]
        teller.say(
            "dispatch_ordered", "DS", teller.at(5, "08:00"), transfer=transfer, to_site="DN", plan="调拨计划-5",
            approved_by="leading-group", place="江北区库", due_at=teller.at(5, "18:00").isoformat(),
            contact="dn-duty-phone", lines=[teller.line(item, sent, price_fen=560 if item == "rice" else 1_500)],
        )  # fmt: skip
        fields = {"transfer": transfer, "approval": "调拨计划-5"}
        teller.say("transfer_dispatched", "DS", teller.at(5, "10:00"), to_site="DN", lines=lines, **fields)
        teller.say("transfer_arrived", "DN", teller.at(5, "13:00"), transfer=transfer, from_site="DS", lines=lines)
        for site, side in (("DN", "owing"), ("DS", "owed")):
            teller.say(
                "settlement_answered", site, teller.at(9, "15:00"), settlement=transfer, side=side, says="confirmed",
                answered_by=f"office-{site.lower()}",
            )  # fmt: skip
    teller.say(
        "settlement_closed", "DN", teller.at(10, "09:00"), settlement="TR-C", by="return_in_kind",
        approved_by="head-finance-dn",
    )  # fmt: skip
    drawn = [teller.line("respirator", 500, "h1-01", **LEAST_LIFE)]
    teller.receive(
        "DN", teller.at(5, "11:00"), drawn, "drawn", origin="drawn_from_holder", owed={"party": "江北第二医院"}
    )
    for side in ("owing", "owed"):
        teller.say(
            "settlement_answered", "DN", teller.at(9, "15:30"), settlement="@drawn/", side=side, says="confirmed",
            answered_by=f"office-{side}",
        )  # fmt: skip
    teller.say(
        "settlement_closed", "DN", teller.at(10, "09:30"), settlement="@drawn/", by="free_grant",
        approved_by="head-finance-dn",
    )  # fmt: skip


def night(teller: Teller) -> None:
    """Goods released at night by the officer on duty; the papers come in the morning."""
    day = {"from_moment": teller.at(6, "00:00").isoformat(), "until": teller.at(7, "00:00").isoformat()}
    teller.say("duty_rostered", "CS", teller.at(5, "17:00"), officer="duty-3", duty="officer_on_duty", **day)
    lines = [teller.line("coverall", 100, "cove-01")]
    teller.issue(
        "CS", teller.at(6, "02:00"), "江北医院", lines, "night", use="emergency",
        emergency_release={"decided_by": "duty-3"},
    )  # fmt: skip
    teller.say(
        "papers_completed", "CS", teller.at(6, "10:00"), completes="@night", approval="应急-6",
        approved_by="head-supplies_group-cs", references=[{"role": "approval", "text": "应急物资出库审批单-6"}],
    )  # fmt: skip


def stocktakes(teller: Teller) -> None:
    """Counts that agree with the book."""
    for day, site, item, quantity in ((2, "DS", "goggles", 900), (7, "DS", "goggles", 700), (7, "CS", "cap", 20_000)):
        counted = [{"item": item, "unit": teller.unit_of[item], "quantity": quantity}]
        teller.say("stock_counted", site, teller.at(day, "18:00"), counted_by=["counter-1", "counter-2"], lines=counted)
