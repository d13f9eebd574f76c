"""Reads a plan of a rehearsal and makes of it what every source sends, and what must be found. It plays nothing."""

import tomllib
from pathlib import Path
from typing import Any

from ledger.errors import WrongUse
from processors.rehearsal.story import tell
from processors.rehearsal.telling import Teller
from processors.trial.drafts import Written, batches
from processors.trial.materials import Materials, Place
from processors.trial.plan import Plan
from projections.cases import part

Fault = dict[str, Any]


def read_plan(path: Path, *, without: str = "") -> Plan:
    """Read a plan file; `without` leaves one planted fault undone. Raises `WrongUse`, naming what is wrong in it."""
    try:
        plan = tomllib.loads(path.read_text(encoding="utf-8"))
        teller = Teller(plan)
        tell(teller)
        for fault in plan["fault"]:
            if fault["name"] != without:
                for document in fault.get("document", ()):
                    teller.plant(document)
        sent, labelled = batches(teller.drafts)
        faults = tuple(_named(fault, labelled) for fault in plan["fault"] if fault["name"] != without)
        materials = _materials(plan, teller, faults)
    except (OSError, ValueError, KeyError, TypeError, StopIteration) as error:
        raise WrongUse("plan_unreadable", path=path, found=f"{type(error).__name__}: {error}") from error
    return Plan(materials, sent, labelled, faults, dict(teller.on_hand), plan["plan"]["title"])


def _named(fault: Fault, labelled: dict[str, Written]) -> Fault:
    """Write the entry a label stands for into the alerts a fault must raise."""
    finds = [dict(find) for find in fault["find"]]
    for find in finds:
        about, at, label = find.get("alert", "").partition("@")
        if at:
            find["alert"] = about + part(labelled[label].identity)
    return {**fault, "find": finds}


def _materials(plan: dict[str, Any], teller: Teller, faults: tuple[Fault, ...]) -> Materials:
    places = tuple(Place(s["site"], s["name"], s["district"], s["site_kind"], 1, ()) for s in plan["site"])
    return Materials(
        places=places, devices=tuple(teller.devices.values()), goods=(), lots=(), policies=(), notice_items=(),
        notice_receipts=(), notice_issues=(), notice_balances={}, faults=faults,
    )  # fmt: skip
