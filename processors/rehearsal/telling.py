"""Tells a story as drafts of documents: by day and clock, lines numbered, shelves kept beside. It judges nothing.

What moves is worked out here a second time, simply: the book's figures must agree with these shelves.
"""

import random
from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

from processors.trial.drafts import Draft
from processors.trial.materials import Device, local
from processors.trial.papers import numbered, received_in_order

Line = dict[str, Any]
AUTHORITIES = ("department", "supplies_group", "reserves_bureau")
"""Who agrees to an issue, one after the other: enough in every state of emergency the story has (C4, F3)."""
_SIGN = {
    "goods_received": 1, "goods_issued": -1, "goods_returned": 1, "transfer_dispatched": -1, "transfer_arrived": 1,
    "stock_adjusted": 1, "kits_packed": 1, "kits_unpacked": 1,
}  # fmt: skip


class Teller:
    """Collects what every source of a plan says. `on_hand` is what its own shelves hold at the end."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.plan = plan
        self.settings: dict[str, Any] = plan["plan"]
        # Chance that must be the same in every run; nothing here is a secret.
        self.random = random.Random(self.settings["seed"])  # noqa: S311 - seeded on purpose: the same story every time
        self.devices = {s["name"]: Device(s["name"], tuple(s["sites"]), "desk", s["staff"]) for s in plan["source"]}
        self.says = {s["name"]: frozenset(s.get("says", ())) for s in plan["source"]}
        self.unit_of = {item["item"]: item["base_unit"] for item in plan["item"]}
        self.on_hand: defaultdict[tuple[str, str], int] = defaultdict(int)
        self.drafts: list[Draft] = []
        self._papers = 0

    def at(self, day: int, clock: str) -> datetime:
        """Return a moment of a day of the plan, counted from 1."""
        first: date = self.settings["first_day"]
        return local(first + timedelta(days=day - 1), clock)

    def desk(self, site: str, kind: str = "") -> Device:
        """Return the source that writes for a site: the one that says a kind and nothing else, or the desk."""
        of_site = [device for device in self.devices.values() if device.sites[0] == site]
        return next(d for d in of_site if not self.says[d.name] or kind in self.says[d.name])

    def line(self, item: str, quantity: int, lot: str = "", **more: Any) -> Line:
        """Write one line in the item's base unit."""
        return {"item": item, "unit": self.unit_of[item], **({"lot": lot} if lot else {}), "quantity": quantity, **more}

    def say(self, kind: str, site: str, at: datetime, label: str = "", **fields: Any) -> None:
        """Say a document of any kind, by the desk of its site."""
        lines = fields.get("lines", [])
        for line in lines:
            if kind in _SIGN and line.get("condition") != "lost":
                moved = line.get("quantity_change", line.get("quantity", 0))
                self.on_hand[site, line["item"]] += _SIGN[kind] * moved
        if lines:
            fields["lines"] = numbered(lines)
        self.drafts.append(Draft(kind, site, self.desk(site, kind), at, fields, label=label))

    def receive(self, site: str, at: datetime, lines: list[Line], label: str = "", **fields: Any) -> None:
        """Receive goods in order: inspected, signed by three, with their papers."""
        papers = [
            {"role": role, "text": f"{role}-{self.paper()}"} for role in ("order", "delivery_note", "acceptance_sheet")
        ]
        fields = {"references": papers, **received_in_order(self.desk(site)), **fields}
        self.say("goods_received", site, at, label, lines=lines, **fields)

    def issue(self, site: str, at: datetime, receiver: str, lines: list[Line], label: str = "", **fields: Any) -> None:
        """Issue goods in order: approved before, fetched, recorded and handed out by three, signed for after."""
        approval = f"批-{self.paper()}"
        label = label or f"issue-{approval}"
        for step, authority in enumerate(AUTHORITIES):
            self.say(
                "approval_given", site, at - timedelta(minutes=40 - 10 * step), approval=approval, act="issue",
                approves=approval, approved_by=f"head-{authority}-{site.lower()}", authority=authority,
            )  # fmt: skip
        hands = {"approved_by": f"head-supplies_group-{site.lower()}", "fetched_by": f"runner-{site.lower()}"}
        hands["issued_by"] = f"store-{site.lower()}"
        said = {"receiver": receiver, "approval": approval, **hands, **fields}
        self.say("goods_issued", site, at, label, lines=lines, **said)
        signed = {"signs_for": f"@{label}", "signed_by": f"below-{receiver}"}
        self.say("goods_signed_for", site, at + timedelta(minutes=50), **signed)

    def plant(self, document: dict[str, Any]) -> None:
        """Say a document as a plan writes it: `day`, `clock`, and whatever else it says. In order unless it says so."""
        fields = dict(document)
        how = fields.pop("in_order", True)
        kind, site, label = fields.pop("kind"), fields.pop("site"), fields.pop("label", "")
        at = self.at(fields.pop("day"), fields.pop("clock"))
        if "lines" in fields:
            fields["lines"] = [{"unit": self.unit_of.get(line["item"], ""), **line} for line in fields["lines"]]
        if kind == "goods_received" and how:
            self.receive(site, at, fields.pop("lines"), label, **fields)
        elif kind == "goods_issued" and how:
            self.issue(site, at, fields.pop("receiver"), fields.pop("lines"), label, **fields)
        else:
            self.say(kind, site, at, label, **fields)

    def paper(self) -> int:
        """Return the next number of a paper."""
        self._papers += 1
        return self._papers
