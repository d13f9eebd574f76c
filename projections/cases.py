"""Cases of alerts (预警): how one is opened, raised, acknowledged, cleared and followed. It knows no cause of any.

One case, one alert: identity is kind, site, item, lot. A case is raised once, raised again only when its severity
rises, acknowledged by an entry, cleared when its cause is gone (D8).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from projections.numbering import Gaps
from projections.policy import Policies
from projections.shelves import WatchedSite
from projections.stock import Stock
from schemas.alerts import Alert, AlertKind, AlertStage, Severity
from schemas.page import FIRST_SEAL
from schemas.watching import AlertAcknowledged

CHANGES_KEPT = 10_000
"""Transitions a follower can resume from at least; one that is further behind starts again from the open cases."""
SEVERITIES: tuple[Severity, ...] = ("notice", "warning", "urgent")
RULES: dict[AlertKind, str] = {
    "negative_book": "A1", "count_difference": "A1", "near_expiry": "D8", "expired": "D8", "reorder_point": "D5",
    "number_gap": "D8", "device_silent": "D8", "switch_pending": "K1",
    "widen_channels": "C3", "requisition_abnormal": "D1", "sales_surge": "D1", "price_rise": "D7",
    "ratio_falling": "D7", "cover_low": "D6",
    "transfer_difference": "F9", "transfer_late": "D8", "settlement_held": "F10", "settlement_disputed": "F11",
    "settlement_overdue": "F10", "calendar_missing": "F10", "papers_overdue": "F12",
    "gift_unanswered": "B1", "gift_not_reviewed": "B1", "gift_to_move_on": "B2", "asset_missing": "B6",
    "register_faulty": "A6", "kit_level_wrong": "G1", "packing_short": "G3", "placement_wrong": "G4",
    "first_round_late": "G5", "transit_store_missing": "G6", "handover_irregular": "G6", "returnables_overdue": "H1",
    "device_unassessed": "H4",
}  # fmt: skip
AUDIENCE: dict[AlertKind, tuple[str, ...]] = {
    "negative_book": ("storekeeper",), "count_difference": ("storekeeper", "auditor"), "near_expiry": ("storekeeper",),
    "expired": ("storekeeper",), "reorder_point": ("storekeeper",), "number_gap": ("administrator",),
    "device_silent": ("administrator",), "switch_pending": ("headquarters",),
    "widen_channels": ("supplies_group",), "requisition_abnormal": ("superior_department",),
    "sales_surge": ("supplies_group", "market_watch"), "price_rise": ("market_watch", "headquarters"),
    "ratio_falling": ("market_watch", "supplies_group"), "cover_low": ("storekeeper",),
    "transfer_difference": ("storekeeper", "supplies_group"), "transfer_late": ("storekeeper", "supplies_group"),
    "settlement_held": ("finance", "market_watch"), "settlement_disputed": ("finance", "supplies_group"),
    "settlement_overdue": ("finance",), "calendar_missing": ("finance", "administrator"),
    "papers_overdue": ("supplies_group", "auditor"),
    "gift_unanswered": ("gift_desk",), "gift_not_reviewed": ("gift_desk", "auditor"),
    "gift_to_move_on": ("gift_desk", "storekeeper"), "asset_missing": ("equipment_department",),
    "register_faulty": ("auditor", "supplies_group"), "kit_level_wrong": ("storekeeper", "supplies_group"),
    "packing_short": ("storekeeper", "supplies_group"), "placement_wrong": ("supplies_group",),
    "first_round_late": ("headquarters", "supplies_group"), "transit_store_missing": ("headquarters",),
    "handover_irregular": ("storekeeper", "headquarters"), "returnables_overdue": ("storekeeper", "supplies_group"),
    "device_unassessed": ("supplies_group",),
}  # fmt: skip
"""Roles every alert of a kind goes to; a low stock also goes to those the item was issued to (D6)."""
TIMED: frozenset[AlertKind] = frozenset({"near_expiry", "expired", "device_silent", "cover_low"})


@dataclass(frozen=True, slots=True)
class Case:
    """One alert in one state, as the fold keeps it; `as_alert` says it on the wire."""

    alert: str
    kind: AlertKind
    severity: Severity
    site: str
    changed_at: datetime
    item: str = ""
    lot: str = ""
    facts: dict[str, int | str] = field(default_factory=dict)
    audience: tuple[str, ...] = ()
    state: AlertStage = "raised"
    acknowledged_by: str = ""
    number: int = 0

    def as_alert(self) -> Alert:
        """Return the case as it is published."""
        return Alert(
            alert=self.alert, kind=self.kind, state=self.state, severity=self.severity, site=self.site, item=self.item,
            lot=self.lot, rule=RULES[self.kind], audience=AUDIENCE[self.kind] + self.audience, facts=self.facts,
            changed_at=self.changed_at, acknowledged_by=self.acknowledged_by, number=self.number,
        )  # fmt: skip


@dataclass(slots=True)
class SourceSeen:
    """Numbers seen of one source at one site, and when it was last heard of."""

    seen: datetime
    numbers: Gaps = field(default_factory=Gaps)
    alerting: bool = False


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Who took on an alert of time, and when: it holds until the severity is higher than it was then."""

    by: str
    at: datetime


@dataclass(slots=True)
class AlertState:
    """Open cases, the latest transitions, and what is needed to judge the next entry. One volume, after `page`."""

    page: int = 0
    seal: str = FIRST_SEAL
    number: int = 0
    """Running number of the last transition."""
    open: dict[str, Case] = field(default_factory=dict)
    changes: list[Case] = field(default_factory=list)
    policy: Policies = field(default_factory=Policies)
    stock: Stock = field(default_factory=Stock)
    sites: dict[str, WatchedSite] = field(default_factory=dict)
    legs: dict[tuple[str, str, str, str], int] = field(default_factory=dict)
    """Transfer, destination, item, lot → dispatched and not arrived."""
    orders: dict[tuple[str, str, str], int] = field(default_factory=dict)
    """Order, site, item → ordered and not received."""
    sources: dict[tuple[str, str], SourceSeen] = field(default_factory=dict)
    items: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Item → its name and base unit."""
    acknowledged: dict[str, Acknowledgement] = field(default_factory=dict)
    """Alerts of time only; those of entries keep it in their case."""
    voided: set[str] = field(default_factory=set)
    """Counts reversed before they came."""

    def watched(self, site: str) -> WatchedSite:
        """Return what is remembered of a site, from now on."""
        watched = self.sites.get(site)
        if watched is None:
            watched = self.sites[site] = WatchedSite()
        return watched


def changes_after(state: AlertState, number: int) -> tuple[Alert, ...] | None:
    """Return the transitions after a running number, in order; None when they are no longer all remembered."""
    first = state.changes[0].number if state.changes else state.number + 1
    if number < first - 1:
        return None
    return tuple(case.as_alert() for case in state.changes[number - first + 1 :])


def identity(kind: AlertKind, *parts: str) -> str:
    """Return the identity of a case; parts are escaped so that no two cases can share one."""
    return "/".join((kind, *map(part, parts)))


def part(name: str) -> str:
    """Return a name as it stands in an identity."""
    return name.replace("%", "%25").replace("/", "%2F").replace("*", "%2A")


def judge(state: AlertState, wanted: Case) -> None:
    """Have a case open as wanted: raised when new, raised again when its severity rises, else only kept current."""
    known = state.open.get(wanted.alert)
    if known is None or SEVERITIES.index(wanted.severity) > SEVERITIES.index(known.severity):
        _change(state, wanted)
    else:
        state.open[wanted.alert] = replace(known, facts=wanted.facts, audience=wanted.audience)


def clear(state: AlertState, alert: str, at: datetime, facts: Mapping[str, int | str]) -> None:
    """Clear an open case: its cause is gone. `facts` are the figures that say so."""
    known = state.open.pop(alert, None)
    if known is not None:
        _remember(state, replace(known, state="cleared", changed_at=at, facts={**known.facts, **facts}))


def acknowledge(state: AlertState, entry: AlertAcknowledged, at: datetime) -> None:
    """Note that someone of the site took a case on. Of a case that is not open, or of another site, nothing changes."""
    known = state.open.get(entry.alert)
    if known is not None and known.site == entry.site and known.state == "raised":
        _change(state, replace(known, state="acknowledged", acknowledged_by=entry.acknowledged_by, changed_at=at))
    kind, _, rest = entry.alert.partition("/")
    if kind in TIMED and rest.partition("/")[0] == entry.site:
        state.acknowledged[entry.alert] = Acknowledgement(entry.acknowledged_by, entry.happened_at)


def _change(state: AlertState, case: Case) -> None:
    state.open[case.alert] = _remember(state, case)


def _remember(state: AlertState, case: Case) -> Case:
    state.number += 1
    numbered = replace(case, number=state.number)
    state.changes.append(numbered)
    return numbered


def forget_old(state: AlertState) -> None:
    """Let old transitions go. Between pages only: those of one page are whole for whoever says them after it."""
    if len(state.changes) >= 2 * CHANGES_KEPT:
        del state.changes[:-CHANGES_KEPT]


def described(state: AlertState, item: str) -> dict[str, int | str]:
    """Return the name and base unit of an item, for the words."""
    name, unit = state.items.get(item, (item, ""))
    return {"name": name, "unit": unit}
