"""Alerts (预警): a case someone must know of. Raised, acknowledged, cleared; one a case, severity may rise (D8)."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from schemas.document import Name, SiteId, Wire

AlertKind = Literal[
    "negative_book", "count_difference", "near_expiry", "expired", "reorder_point", "number_gap", "device_silent",
    "switch_pending", "widen_channels", "requisition_abnormal", "sales_surge", "price_rise", "ratio_falling",
    "cover_low",
    "transfer_difference", "transfer_late", "settlement_held", "settlement_disputed", "settlement_overdue",
    "calendar_missing", "papers_overdue", "gift_unanswered", "gift_not_reviewed", "gift_to_move_on", "asset_missing",
    "register_faulty", "kit_level_wrong", "packing_short", "placement_wrong", "first_round_late",
    "transit_store_missing", "handover_irregular", "returnables_overdue", "device_unassessed",
]  # fmt: skip
AlertStage = Literal["raised", "acknowledged", "cleared"]
Severity = Literal["notice", "warning", "urgent"]
AlertId = Annotated[str, StringConstraints(min_length=3, max_length=1000, pattern=r"^[a-z_]+/\S")]
"""Identity of a case: `kind/site/item/lot` or `kind/site/source`; `/`, `%`, `*` inside a part are percent-escaped."""


class Alert(Wire):
    """One case in one state. `facts` carry the numbers in base units and days; the words are the door's."""

    alert: AlertId
    """Identity of the case: kind, site, item, lot – whatever it is about."""
    kind: AlertKind
    state: AlertStage
    severity: Severity
    site: SiteId | Literal["*"]
    """A site; for a case of an area, the area; `*` for the whole book."""
    item: str = ""
    lot: str = ""
    rule: Name
    """Id of the rule that asks for it."""
    audience: tuple[Name, ...] = ()
    facts: dict[str, int | str] = Field(default_factory=dict)
    changed_at: AwareDatetime
    acknowledged_by: str = ""
    number: int = Field(default=0, ge=0)
    """Running number of this transition in its volume, from 1; 0 for what a timer found (expiry, silence)."""
