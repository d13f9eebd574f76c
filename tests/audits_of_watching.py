"""Cases of the audits of watching (C, D): classes, requisitions, market. Tests nothing."""

from tests.audit_steps import Case, Step, day, on_time
from tests.on_disk import OnDisk
from tests.spec import document, issued, line, received


def _classed(disk: OnDisk, site: str, *, authorities: tuple[str, ...], quantity: int = 5) -> list[Step]:
    """Class I goods issued after some approvals; one issue may take 10."""
    inputs = {"normal_demand": 1, "cycle_days": 9, "capacity": 0, "evidence": "register"}
    limit = document(
        "policy_set", "*", "desk.t1", key="class_1_issue_limit", value=10, scope={"site": site}, reason="plan",
        effective_from=day(1),
    )  # fmt: skip
    approvals = [
        document("approval_given", site, approval=f"C-{site}", act="issue", approved_by=f"head-{a}", authority=a).at(
            day(2, 8 + n)
        )
        for n, a in enumerate(authorities)
    ]
    return [
        *on_time(day(1), limit, received(100, site=site)),
        *on_time(day(1), document("class_inputs_reported", site, area=site, lines=[line(100, **inputs)])),
        *[s for a in approvals for s in on_time(a.fields["happened_at"], a)],
        *on_time(day(3), issued(quantity, site=site, approval=f"C-{site}")),
    ]


def _requisition(disk: OnDisk, site: str, *, quantity: int) -> list[Step]:
    asked = {"requisition": "R", "department": "ICU", "requested_by": "nurse-1", "lines": [line(quantity)]}
    used = [issued(10, site=site, approval="A", department="ICU").at(day(n)) for n in (2, 3, 4)]
    return [
        *on_time(day(1), received(100, site=site)), *[s for u in used for s in on_time(u.fields["happened_at"], u)],
        *on_time(day(9), document("requisition_made", site, **asked)),
    ]  # fmt: skip


def _half_seen(disk: OnDisk, site: str, *, sold: bool) -> list[Step]:
    seen = {"place": f"market {site}", "observer": "watch-1"}
    price = document("price_observed", site, **seen, lines=[{"line": 1, "item": "KN95", "unit": "只", "price_fen": 9}])
    sales = document("sales_observed", site, **seen, on_day="2020-02-01", lines=[line(4, stock=5)])
    return on_time(day(1), price, *([sales] if sold else []))


def _self_approved(disk: OnDisk, site: str, *, by: str) -> list[Step]:
    asked = {"requisition": f"R-{site}", "department": "ICU", "requested_by": "nurse-1", "lines": [line(1)]}
    given = {"approval": f"A-{site}", "act": "requisition", "approves": f"R-{site}", "authority": "department"}
    return [
        *on_time(day(1), document("requisition_made", site, **asked)),
        *on_time(day(2), document("approval_given", site, **given, approved_by=by, recorded_by="office-1")),
    ]


CASES: dict[str, Case] = {
    "audit_requisition_above_use": (_requisition, {"quantity": 31}, {"quantity": 30},
                                    {"drawn_median": 10, "above_median": True, "above_need": False, "outcome": None}),
    "audit_market_half_seen": (_half_seen, {"sold": False}, {"sold": True}, {"missing": "sales"}),
    "audit_self_approved": (_self_approved, {"by": "nurse-1"}, {"by": "head-1"}, {"person": "nurse-1"}),
    "audit_class_approvals": (_classed, {"authorities": ("supplies_group", "department")},
                              {"authorities": ("department", "supplies_group")},
                              {"class": "I", "given": 2, "needed": 2}),
    "audit_class_limit": (_classed, {"authorities": ("department", "supplies_group"), "quantity": 11},
                          {"authorities": ("department", "supplies_group"), "quantity": 10},
                          {"quantity": 11, "issue_limit": 10}),
}  # fmt: skip
