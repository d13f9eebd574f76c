"""Cases of the audits about transfers, settlements, papers and hands (F): what is faulty, what sound. Tests nothing."""

from typing import Any

from tests.audit_steps import Case, Step, day, on_time
from tests.on_disk import OnDisk
from tests.spec import Doc, arrived, dispatched, document, issued, received


def _near(disk: OnDisk, site: str) -> str:
    """Describe a store in another district; return its name."""
    name = f"N-{site}"
    disk.admit(
        document(
            "site_described", "*", "desk.t1", describes=name, name=name, district=f"near {site}", site_kind="store"
        )
    )
    return name


def _ordered(site: str, to_site: str, due: str) -> Doc:
    return document(
        "dispatch_ordered", site, transfer=f"T-{site}", to_site=to_site, plan="plan-7", approved_by="leading-group",
        place="gate 2", due_at=due, contact="duty-27", lines=[_line(10, 300)],
    )  # fmt: skip


def _line(quantity: int, price_fen: int) -> dict[str, Any]:
    return {"line": 1, "item": "KN95", "unit": "只", "quantity": quantity, "price_fen": price_fen}


def _differing(disk: OnDisk, site: str, *, explained: int) -> list[Step]:
    source = _near(disk, site)
    why = document(
        "transfer_difference_explained", site, transfer=f"T-{site}", from_site=source, to_site=site,
        answers_for="carrier-1",
        lines=[{"line": 1, "item": "KN95", "unit": "只", "quantity": explained, "condition": "lost"}],
    )  # fmt: skip
    return [
        *on_time(day(1), dispatched(10, f"T-{site}", site, site=source, leg_owner="county-3")),
        *on_time(day(1, 12), arrived(7, f"T-{site}", source, site=site)), *on_time(day(2), why),
    ]  # fmt: skip


def _late(disk: OnDisk, site: str, *, due: str) -> list[Step]:
    return [
        *on_time(day(1), _ordered(f"A-{site}", site, due).but(transfer=f"T-{site}")),
        *on_time(day(1), dispatched(10, f"T-{site}", site, site=f"A-{site}")),
    ]


def _unordered(disk: OnDisk, site: str, *, at: str) -> list[Step]:
    near = _near(disk, site)
    return [
        *on_time(at, _ordered(site, near, day(3))),
        *on_time(day(2), dispatched(10, f"T-{site}", near, site=site)),
        *on_time(day(2, 12), arrived(10, f"T-{site}", site, site=near)),
    ]


def _settled(disk: OnDisk, site: str, *, confirmed: bool = False, closed: bool = False, days: int = 5) -> list[Step]:
    source = _near(disk, site)
    policy = document(
        "policy_set", "*", "desk.t1", key="settlement_days", value=days, scope={"site": site}, reason="plan",
        effective_from=day(1),
    )  # fmt: skip
    said = [
        document(
            "settlement_answered", site, settlement=f"T-{site}", side=side, says="confirmed", answered_by="finance-1"
        )
        for side in (("owing", "owed") if confirmed else ("owing",))
    ]
    end = document("settlement_closed", site, settlement=f"T-{site}", by="free_grant", approved_by="head-1")
    return [
        *on_time(day(1), policy, _ordered(source, site, day(3)).but(transfer=f"T-{site}")),
        *on_time(day(2), dispatched(10, f"T-{site}", site, site=source)),
        *on_time(day(2), arrived(10, f"T-{site}", source, site=site)), *on_time(day(3), *said),
        *(on_time(day(4), end) if closed else []),
    ]  # fmt: skip


def _released(disk: OnDisk, site: str, *, by: str = "duty-7", filed: bool = False) -> list[Step]:
    release = disk.number(issued(4, site=site, approval="A", emergency_release={"decided_by": by}))
    roster = document("duty_rostered", site, officer="duty-7", from_moment=day(2, 0), until=day(3, 0))
    names = {name: release.fields[name] for name in ("site", "source", "number")}
    done = document("papers_completed", site, completes=names, approval="A-7", approved_by="head-1")
    return [
        *on_time(day(1), received(10, site=site), roster), *on_time(day(2), release),
        *(on_time(day(4), done) if filed else []),
    ]  # fmt: skip


def _hands(disk: OnDisk, site: str, **people: Any) -> list[Step]:
    need = document(
        "requisition_made", site, requisition=f"R-{site}", department="Ward 1", requested_by="nurse-1",
        lines=[{"line": 1, "item": "KN95", "unit": "只", "quantity": 5}],
    )  # fmt: skip
    said = {"fetched_by": "runner-1", "issued_by": "keeper-2", "approved_by": f"head-{site}"} | people
    other = issued(1, site=site, approval="A", approved_by=f"head-{site}", serves="medical_staff")
    return [
        *on_time(day(1), received(10, site=site), need), *on_time(day(2), other),
        *on_time(day(3), issued(1, site=site, approval="A", **said)),
    ]  # fmt: skip


def _authority(disk: OnDisk, site: str, *, authority: str) -> list[Step]:
    policy = document(
        "policy_set", "*", "desk.t1", key="authority_normal", value="supplies_group", scope={"site": site},
        reason="plan", effective_from=day(1),
    )  # fmt: skip
    given = document(
        "approval_given", site, approval=f"W-{site}", act="issue", approved_by="head-1", authority=authority
    )  # fmt: skip
    return [
        *on_time(day(1), policy, received(10, site=site)), *on_time(day(2), given),
        *on_time(day(3), issued(1, site=site, approval=f"W-{site}")),
    ]  # fmt: skip


def _dangling(disk: OnDisk, site: str, *, comes: bool) -> list[Step]:
    said = document("settlement_closed", site, settlement=f"T-{site}", by="free_grant", approved_by="head-1")
    other = _near(disk, site)
    ends = [*on_time(day(2), dispatched(1, f"T-{site}", other, site=site))] if comes else []
    return [*on_time(day(1), said), *ends]


CASES: dict[str, Case] = {
    "audit_transfer_difference": (_differing, {"explained": 2}, {"explained": 3},
                                  {"dispatched": 10, "arrived": 7, "unexplained": 1, "answers_for": "county-3"}),
    "audit_transit_overdue": (_late, {"due": day(3)}, {"due": day(28)}, {"in_transit": 10}),
    "audit_transfer_unordered": (_unordered, {"at": day(2, 9)}, {"at": day(1)}, {"status": "ordered after"}),
    "audit_settlement_overdue": (_settled, {}, {"days": 60}, {"amount_fen": 3_000, "state": "open"}),
    "audit_settlement_unconfirmed": (_settled, {"closed": True}, {"closed": True, "confirmed": True},
                                     {"status": "closed unconfirmed"}),
    "audit_papers_overdue": (_released, {}, {"filed": True}, {"decided_by": "duty-7"}),
    "audit_release_not_on_duty": (_released, {"by": "duty-8", "filed": True}, {"filed": True},
                                  {"decided_by": "duty-8"}),
    "audit_hands_not_apart": (_hands, {"issued_by": "nurse-1"}, {}, {"person": "nurse-1", "roles": "needed, supplied"}),
    "audit_wrong_authority": (_authority, {"authority": "department"}, {"authority": "supplies_group"},
                              {"expected": "supplies_group", "given": "department", "status": "wrong authority"}),
    "audit_dangling_reference": (_dangling, {"comes": False}, {"comes": True}, {"kind": "settlement_closed"}),
}  # fmt: skip
HANDS: dict[str, dict[str, Any]] = {
    "fetched, recorded": {"fetched_by": "keeper-1"}, "fetched, issued": {"fetched_by": "keeper-2"},
    "recorded, issued": {"issued_by": "keeper-1"}, "approved, recorded": {"approved_by": "keeper-1"},
    "approved, fetched": {"approved_by": "runner-1"}, "needed, supplied": {"recorded_by": "nurse-1"},
    "approved for both teams": {"serves": "service_staff"},
}  # fmt: skip
"""Roles that one person may not hold together, and the people of an issue that breach it (F13)."""


def hands(disk: OnDisk, site: str, roles: str) -> list[Step]:
    """Play an issue in which one person holds two roles."""
    return _hands(disk, site, **HANDS[roles])
