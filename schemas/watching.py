"""What people answer to an alert: an entry that says who has seen it and what is being done. It changes no stock."""

from typing import Literal

from schemas.alerts import AlertId
from schemas.document import Document, Name, Text


class AlertAcknowledged(Document):
    """Someone of the alert's site takes the case on (D8). It stays open until its cause is gone."""

    kind: Literal["alert_acknowledged.v1"] = "alert_acknowledged.v1"
    alert: AlertId
    acknowledged_by: Name
    """Role or staff number, never a person's name."""
    measure: Text
    """What is being done about it."""
    cause: Text | None = None
    """Why it came to this. An alert of a price closes only with a cause and a measure (D7)."""
    outcome: Literal["confirmed", "explained"] | None = None
    """What a look at it showed (D1)."""
