"""Cases of the audits about gifts (B): for each, what makes it faulty and what makes it sound. Tests nothing."""

from typing import Any

from tests.audit_steps import Case, Step, day, on_time
from tests.on_disk import OnDisk
from tests.spec import Doc, described, document, issued, line, received

TWO = ["keeper-1", "keeper-2"]


def offer(site: str, quantity: int, **fields: Any) -> Doc:
    return document(
        "gift_offered", site, donation={"donor": f"D-{site}", "gift": f"G-{site}"}, lines=[line(quantity)], **fields
    )


def gift(site: str, quantity: int = 10, counted_by: list[str] | None = None, **fields: Any) -> Doc:
    donation = {"donor": f"D-{site}", "counted_by": TWO if counted_by is None else counted_by}
    return received(quantity, site=site, origin="donated", donation=donation, **fields)


def straight(site: str, quantity: int = 10, **fields: Any) -> Doc:
    donation = {"donor": f"D-{site}", "handover": f"sheet-{site}"}
    return document(
        "gift_passed_on", site, donation=donation, receiver="Hospital A", lines=[line(quantity)], **fields
    )  # fmt: skip


def _short_dated(disk: OnDisk, site: str, *, expires: str) -> list[Step]:
    """Total life of a year; half a year is to be left."""
    return on_time(day(1), gift(site, lot="L", produced_on="2019-09-01", expires_on=expires))


def _one_hand(disk: OnDisk, site: str, *, counted_by: list[str], identified_by: str) -> list[Step]:
    said = document(
        "gift_assessed", site, gift=f"I-{site}", opinion="fit", decision="accepted", first_allocation="stock",
        assessed_by="desk-2",
    )  # fmt: skip
    found = document(
        "gift_identified", site, gift=f"I-{site}", identified_by=identified_by, lines=[line(10, finding="medical")]
    )
    return on_time(day(1), said, gift(site, counted_by=counted_by), found)


def _counted_twice(disk: OnDisk, site: str, *, handover: str) -> list[Step]:
    donation = {"donor": f"D-{site}", "handover": handover.format(site=site), "counted_by": TWO}
    also = received(10, site=site, origin="donated", donation=donation)
    return [*on_time(day(1), offer(site, 10)), *on_time(day(2), straight(site)), *on_time(day(3), also)]


def _out_of_order(disk: OnDisk, site: str, *, agreed_at: str) -> list[Step]:
    return [*on_time(day(1), offer(site, 10)), *on_time(day(3), straight(site, agreed_at=agreed_at))]


def _without_offer(disk: OnDisk, site: str, *, quantity: int) -> list[Step]:
    return [
        *on_time(day(1), offer(site, 30)), *on_time(day(2), straight(site, 20)),
        *on_time(day(3), straight(site, quantity)),
    ]  # fmt: skip


def _implausible(disk: OnDisk, site: str, *, quantity: int) -> list[Step]:
    return on_time(day(1), offer(site, quantity))


def _misspent(disk: OnDisk, site: str, *, fen: int) -> list[Step]:
    came = document("money_gift_received", site, gift=f"M-{site}", donor="donor-1", amount_fen=1_000, purpose="masks")
    spent = document(
        "money_gift_spent", site, gift=f"M-{site}", amount_fen=fen, purpose="masks", bought="1000 masks"
    )  # fmt: skip
    return [*on_time(day(1), came), *on_time(day(2), spent)]


def _unaccepted(disk: OnDisk, site: str, *, accepted_on: int) -> list[Step]:
    monitor = described("monitor", "台").but(equipment=True)
    installed = document(
        "equipment_accepted", site, installed_by="engineer-1", accepted_by="icu-1", lines=[line(1, "monitor", "台")]
    )
    return [
        *on_time(day(1), monitor, gift(site, 1, item="monitor", unit="台")),
        *on_time(day(accepted_on), installed),
        *on_time(day(5), issued(1, site=site, item="monitor", unit="台", approval="A")),
    ]


CASES: dict[str, Case] = {
    "audit_gift_short_dated": (_short_dated, {"expires": "2020-07-31"}, {"expires": "2020-08-01"}, {"lot": "L"}),
    "audit_gift_one_hand": (
        _one_hand, {"counted_by": ["keeper-1", "keeper-1"], "identified_by": "desk-2"},
        {"counted_by": TWO, "identified_by": "pharmacist-1"}, {"fault": "assessed and identified"},
    ),
    "audit_gift_counted_twice": (
        _counted_twice, {"handover": "sheet-{site}"}, {"handover": "another-{site}"}, {"receiver": "Hospital A"}
    ),
    "audit_gift_out_of_order": (
        _out_of_order, {"agreed_at": day(4)}, {"agreed_at": day(2)}, {"fault": "before it was agreed"}
    ),
    "audit_gift_without_offer": (
        _without_offer, {"quantity": 11}, {"quantity": 10},
        {"fault": "beyond the offer", "so_far": 31, "offered": 30},
    ),
    "audit_offer_implausible": (
        _implausible, {"quantity": 10_000_000_000}, {"quantity": 10_000_000}, {"offered": 10_000_000_000}
    ),
    "audit_money_gift_misspent": (
        _misspent, {"fen": 1_001}, {"fen": 1_000}, {"fault": "beyond the gift", "left_fen": -1}
    ),
    "audit_equipment_unaccepted": (_unaccepted, {"accepted_on": 6}, {"accepted_on": 4}, {"issued": 1, "accepted": 0}),
}  # fmt: skip
