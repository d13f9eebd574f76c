"""Alerts (预警): a case someone must know of. Raised, acknowledged, cleared; one alert a case, severity may rise (D8)."""

from typing import Literal

from pydantic import AwareDatetime, Field

from schemas.document import Name, SiteId, Wire

AlertKind = Literal[
    "negative_book", "count_difference", "near_expiry", "expired", "reorder_point", "number_gap", "device_silent"
]


class Alert(Wire):
    """One case in one state. `facts` carry the numbers in base units and days; the words are the door's."""

    alert: Name
    """Identity of the case: kind, site, item, lot – whatever it is about."""
    kind: AlertKind
    state: Literal["raised", "acknowledged", "cleared"]
    severity: Literal["notice", "warning", "urgent"]
    site: SiteId | Literal["*"]
    item: str = ""
    lot: str = ""
    rule: Name
    """Id of the rule that asks for it."""
    audience: tuple[Name, ...] = ()
    facts: dict[str, int | str] = Field(default_factory=dict)
    changed_at: AwareDatetime
    acknowledged_by: str = ""
