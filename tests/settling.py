"""What tests of transfers and settlements say in few words: documents, and how a settlement stands. Tests nothing."""

from datetime import datetime, timedelta
from typing import Any

from projections.chapters.settlements import Settlement, settlements
from schemas.alerts import Alert
from tests.spec import NOON, Doc, World, described, document, line

DAY = timedelta(days=1)


def site(name: str, district: str, kind: str = "store", **fields: object) -> Doc:
    return document(
        "site_described", "*", "desk.t1", describes=name, name=name, district=district, site_kind=kind, **fields
    )


def living(item: str = "白菜", unit: str = "斤") -> tuple[Doc, Doc]:
    family = document("family_described", "*", "desk.t1", family="vegetables", name="蔬菜", group="living")
    return family, described(item, unit, 箱=40).but(family="vegetables")


def state(level: str, since: datetime, area: str = "*", **fields: object) -> Doc:
    return document(
        "state_declared", "*", "hq.t1", area=area, level=level, directive="No. 1", authority="headquarters",
        effective_from=since.isoformat(), **fields,
    )  # fmt: skip


def calendar(year: int, version: str, off: list[str], make_up: list[str], published_at: datetime = NOON - DAY) -> Doc:
    return document(
        "calendar_published", "*", "hq.t1", year=year, version=version, published_at=published_at.isoformat(),
        days_off=off, make_up_days=make_up,
    )  # fmt: skip


def price(fen: int, place: str = "江岸", at: datetime = NOON, item: str = "白菜", unit: str = "斤") -> Doc:
    return document(
        "price_observed", "WH-01", "market.t1", place=place, observer="watch-1",
        lines=[line(1, item, unit, price_fen=fen)],
    ).at(at)  # fmt: skip


def ordered(quantity: int, fen: int | None = None, due: datetime = NOON + DAY, **fields: Any) -> Doc:
    item = fields.pop("item", "KN95")
    on_line = line(quantity, item, fields.pop("unit", "只")) | ({"price_fen": fen} if fen is not None else {})
    return document("dispatch_ordered", lines=[on_line], **{
        "transfer": "T1", "to_site": "WH-02", "plan": "plan-7", "approved_by": "leading-group", "place": "gate 2",
        "due_at": due.isoformat(), "contact": "duty-27", **fields,
    })  # fmt: skip


def explained(quantity: int, condition: str, **fields: Any) -> Doc:
    said = {"transfer": "T1", "from_site": "WH-01", "to_site": "WH-02", "answers_for": "carrier-1", "site": "WH-02"}
    return document(
        "transfer_difference_explained", lines=[line(quantity, condition=condition)], **{**said, **fields}
    )  # fmt: skip


def answered(side: str, says: str, amount: int | None = None, settlement: str = "T1", **fields: Any) -> Doc:
    said: dict[str, Any] = {"reason": "counted again"} if says == "disputed" else {}
    said |= {"amount_fen": amount} if amount is not None else {}
    return document(
        "settlement_answered", "WH-02", "finance.t1", settlement=settlement, side=side, says=says,
        answered_by="finance-1", **said, **fields,
    )  # fmt: skip


def closed(by: str = "money", settlement: str = "T1", **fields: Any) -> Doc:
    amount = {"amount_fen": 100} if by in ("money", "cost_share") else {}
    return document(
        "settlement_closed", "WH-02", "finance.t1", settlement=settlement, by=by, approved_by="head-1", **amount,
        **fields,
    )  # fmt: skip


SPRING = ["2020-01-24", "2020-01-25", "2020-01-26", "2020-01-27", "2020-01-28", "2020-01-29", "2020-01-30"]
"""Days off around the Spring Festival of 2020, before it was stretched."""
TWO_DISTRICTS = (site("WH-01", "江岸"), site("WH-02", "武昌"))


def stands(world: World, now: datetime = NOON + DAY) -> list[Settlement]:
    chapters = world.folds.chapters
    return list(settlements(chapters.settlements, chapters.standing, now))


def only(world: World, now: datetime = NOON + DAY) -> Settlement:
    (one,) = stands(world, now)
    return one


def alerts(world: World, now: datetime = NOON + DAY) -> list[str]:
    return [a.alert for a in raised(world, now)]


def raised(world: World, now: datetime) -> list[Alert]:
    ours = {"transfer_difference", "transfer_late", "settlement_held", "settlement_disputed", "settlement_overdue",
            "calendar_missing", "papers_overdue"}  # fmt: skip
    return [a for a in world.folds.due(now) if a.kind in ours]
