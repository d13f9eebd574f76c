"""The dialect of alert tests: the moments they play at, documents only they need, and what was raised in a world."""

from datetime import datetime, timedelta
from typing import Any

from projections.alerts import changes_after, open_alerts
from schemas.alerts import Alert
from tests.spec import World, document, received

EARLIER = "2020-01-29T09:00:00+08:00"
LATER = "2020-01-29T15:00:00+08:00"


def policy_set(key: str, value: Any, **scope: str) -> Any:
    fields = {"key": key, "value": value, "scope": scope, "effective_from": EARLIER, "reason": "test"}
    return document("policy_set", "*", "desk.t1", **fields)


def acknowledged(alert: str, site: str = "WH-01", **fields: Any) -> Any:
    return document(
        "alert_acknowledged", site, alert=alert, acknowledged_by="keeper-2", measure="looking", **fields
    )  # fmt: skip


def known(number: int) -> dict[str, Any]:
    """Fields of a document that another one will name: its identity is minted before it is sent."""
    return {"source": "dev-9.t1", "number": number}


def changes(world: World, kind: str | None = None) -> list[tuple[str, str]]:
    told = changes_after(world.folds.alerts, 0)
    assert told is not None
    return [(a.kind, a.state) for a in told if kind in (None, a.kind)]


def only(world: World, kind: str) -> Alert:
    found = [a for a in open_alerts(world.folds.alerts) if a.kind == kind]
    assert len(found) == 1, found
    return found[0]


def day(number: int, hour: int = 12) -> datetime:
    """Noon of a day of February 2020, counted from the 1st."""
    return datetime.fromisoformat(f"2020-02-01T{hour:02}:00:00+08:00") + timedelta(days=number - 1)


def on(world: World, number: int) -> World:
    """Let the book's clock stand at a day of February."""
    world.clock = day(number)
    return world


EXPIRING = received(100, lot="A", expires_on="2020-06-30")
