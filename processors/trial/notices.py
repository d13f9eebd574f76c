"""Drafts of the catalogue and of the Red Cross notices: a document a row received, a document a receiver issued to."""

from collections.abc import Iterator
from datetime import date
from itertools import groupby
from typing import Any

from processors.trial.drafts import Draft
from processors.trial.materials import FIRST_DAY, Goods, Materials, local
from processors.trial.papers import HAZARD_PLACE, approved, numbered, papers_of, received_in_order

CITY = "CITY"
DESK = "city-desk"


def catalogue(materials: Materials) -> Iterator[Draft]:
    """Describe sites and items, record synonyms and policy: what must be known before the first movement."""
    moment = local(FIRST_DAY, "07:00")
    desk = materials.device("book-desk")

    def entry(kind: str, **fields: Any) -> Draft:
        return Draft(kind, "*", desk, moment, fields)

    for place in materials.places:
        yield entry(
            "site_described", describes=place.site, name=place.name, district=place.district,
            site_kind=place.site_kind, hazard_rated_places=[HAZARD_PLACE], keepers=[f"head-{place.site.lower()}"],
        )  # fmt: skip
    for row in materials.families:
        yield entry("family_described", **row)
    for goods in materials.goods:
        yield entry("item_described", **_described(goods))
    for row in materials.notice_items:
        yield entry("item_described", item=row["item"], name=row["name"], base_unit=row["base_unit"], family="公示物资")
        if row["also_written"]:
            yield entry(
                "synonym_recorded", of="item", name=row["also_written"], means=row["item"], reason="公示中的另一种写法"
            )
        if row["units_meaning_base"]:
            yield entry(
                "synonym_recorded", of="unit", name=row["units_meaning_base"], means=row["base_unit"], item=row["item"],
                reason="公示中同一物资的另一种单位写法",
            )  # fmt: skip
    for row in materials.policies:
        yield entry(
            "policy_set", key=row["key"], value=int(row["value"]), scope={"site": row["site"], "item": row["item"]},
            effective_from=moment.isoformat(), reason=row["reason"],
        )  # fmt: skip


def _described(goods: Goods) -> dict[str, Any]:
    described: dict[str, Any] = {
        "item": goods.item, "name": goods.name, "base_unit": goods.base_unit, "packs": goods.packs,
        "family": goods.family, "hazardous": goods.hazardous, "returnable": goods.returnable,
        "gtins": [goods.gtin, goods.gtin.zfill(14)],
    }  # fmt: skip
    described |= {"requires": goods.requires} if goods.requires else {}
    return described | ({"registration": goods.registration} if goods.registration else {})


def notices(materials: Materials) -> Iterator[Draft]:
    """Record the gifts of the notices as they were disclosed, and what was issued of them, a document a receiver."""
    desk = materials.device(DESK)
    for row in materials.notice_receipts:
        fields = papers_of("donated", desk) | {"donation": _donation(row), "lines": numbered([_line(row)])}
        if row["since"]:
            fields["happened_since"] = local(date.fromisoformat(row["since"]), "00:00").isoformat()
        at = local(date.fromisoformat(row["day"]), "09:30")
        yield Draft("goods_received", CITY, desk, at, fields | received_in_order(desk))
    for (day, receiver), rows in groupby(materials.notice_issues, key=lambda row: (row["day"], row["receiver"])):
        lines = numbered(_line(row) for row in rows)
        at = local(date.fromisoformat(day), "13:10")
        fields = {"receiver": receiver, "use": "epidemic", "lines": lines}
        yield Draft("goods_issued", CITY, desk, at, fields | approved(CITY, f"公示-{day}"))


def _donation(row: dict[str, str]) -> dict[str, Any]:
    disclosure = f"武汉市红十字会公示{row['notice']}"
    donation: dict[str, Any] = {"disclosure": disclosure, "counted_by": ["counter-1", "counter-2"]}
    if row["donor"]:
        donation["donor"] = row["donor"]
    if row["designated_receiver"]:
        donation["designated_receiver"] = row["designated_receiver"]
    return donation


def _line(row: dict[str, str]) -> dict[str, Any]:
    line: dict[str, Any] = {"item": row["item"], "unit": row["unit"], "quantity": int(row["quantity"])}
    if row["pack_size"]:
        line["pack"] = {"size": int(row["pack_size"]), "unit": row["pack_unit"]}
    return line
