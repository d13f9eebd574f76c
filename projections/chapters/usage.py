"""Usage registers (A6): faulty ones found by a spot check stay open until a later check finds them in order.

What departments hold is a question to the lake (view `holdings`). It judges no department by itself.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from projections.cases import Case, identity
from projections.chapters.standing import Standing
from projections.chapters.telling import Told, Wanted, every
from schemas.alerts import Severity
from schemas.usage import RegisterChecked

TAKES: Mapping[type[Any], Wanted] = {RegisterChecked: every}


@dataclass(frozen=True, slots=True)
class Check:
    """A spot check of a register: what was found, and which earlier check it looks at again."""

    site: str
    receiver: str
    department: str
    in_order: bool
    at: datetime
    found: str = ""
    follow_up: str = ""
    due_at: datetime | None = None
    follows: str = ""


@dataclass(slots=True)
class Usage:
    """Spot checks by entry (A6)."""

    checks: dict[str, Check] = field(default_factory=dict)


def take(state: Usage, told: Told, standing: Standing) -> None:
    """Take a spot check."""
    entry = told.entry
    assert isinstance(entry, RegisterChecked)
    check = Check(
        entry.site, entry.receiver, entry.department or "", entry.finding == "in_order", entry.happened_at,
        entry.found or "", entry.follow_up or "", entry.follow_up_due_at, str(entry.follows or ""),
    )  # fmt: skip
    told.keep(state.checks, check)


def faulty(state: Usage, now: datetime) -> dict[str, Check]:
    """Return the spot checks that found a fault and were not followed by one that found it mended (A6)."""
    known = {name: check for name, check in state.checks.items() if check.at <= now}
    followed = {check.follows for check in known.values()}
    return {name: check for name, check in known.items() if not check.in_order and name not in followed}


def due(state: Usage, standing: Standing, now: datetime) -> Iterator[Case]:
    """Yield every faulty register; urgent once its follow-up is overdue."""
    for name, check in faulty(state, now).items():
        late = check.due_at is not None and check.due_at <= now
        facts: dict[str, int | str] = {
            "receiver": check.receiver, "department": check.department, "found": check.found,
            "follow_up": check.follow_up, "check": name,
        }  # fmt: skip
        alert = identity("register_faulty", check.site, name)
        severity: Severity = "urgent" if late else "warning"
        since = check.due_at if late and check.due_at else check.at
        yield Case(alert, "register_faulty", severity, check.site, since, facts=facts)
