"""Looks for what was planted, by name, where an auditor would: audit views, alerts, quarantine, stock. It reads only.

An audit is right when it returns every planted row and no other: whatever else it returns is an exception.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledger.cli.reading import rows_of
from ledger.lake import Lake
from ledger.lake.views import published
from ledger.standing import changes_since, open_standing, opened
from processors.trial.plan import Plan
from schemas.alerts import Alert

REPEATS = "audit_repeated_document"


@dataclass(frozen=True, slots=True)
class Finding:
    """One place a planted fault must show in, and whether it did."""

    fault: str
    zh: str
    en: str
    by: str
    where: str
    found: bool


@dataclass(frozen=True, slots=True)
class Exceptional:
    """A row an audit returned, or a figure the book gave, that nothing planted explains."""

    by: str
    what: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was found of what was planted, and what was found besides."""

    findings: tuple[Finding, ...]
    exceptions: tuple[Exceptional, ...]
    figures: int
    """Stock figures compared with what the notices and the generator's own shelves say."""
    alerts: tuple[Alert, ...]
    """Open now, those of time included."""

    @property
    def ok(self) -> bool:
        """Whether every planted fault was found and nothing sound was called faulty."""
        return not self.exceptions and all(finding.found for finding in self.findings)


def examine(plan: Plan, path: Path, *, sent_before: bool, seen: tuple[Alert, ...] = ()) -> Outcome:
    """Look for every planted fault in a book and its lake. After a second run every document is a repeat.

    `seen` are alerts of time that were open on the way and may be gone.
    """
    look = _Look(plan, path, seen)
    try:
        findings = tuple(look.for_all())
        exceptions = (*look.unexplained(sent_before=sent_before), *look.wrong_figures())
        figures = len(plan.on_hand) + len(plan.materials.notice_balances)
        return Outcome(findings, exceptions, figures, look.alerts)
    finally:
        look.close()


class _Look:
    def __init__(self, plan: Plan, path: Path, seen: tuple[Alert, ...]) -> None:
        self.plan = plan
        self.lake = Lake.connect(path, still=True)
        book = open_standing(path)
        held = book.held(book.now())
        told = changes_since(book, [0] * len(book.volumes)) or []
        self.alerts = (*opened(book), *held)
        self.changes = (*(alert for _, alert in told), *held, *seen)
        book.close()
        self.audits = {
            v.name: rows_of(self.lake, f"SELECT * FROM {v.name}")  # noqa: S608 - our own names
            for v in published()
            if v.is_audit
        }
        self.stock = {(row["site"], row["item"]): row for row in rows_of(self.lake, "SELECT * FROM stock")}

    def close(self) -> None:
        self.lake.close()

    def for_all(self) -> Iterator[Finding]:
        for fault in self.plan.faults:
            for find in fault["find"]:
                where, found = self._one(find)
                yield Finding(fault["name"], fault["zh"], fault["en"], find["by"], where, found)

    def _one(self, find: dict[str, Any]) -> tuple[str, bool]:
        match find["by"]:
            case "alert":
                return self._alert(find)
            case "quarantine":
                return self._quarantined(find)
            case "transfers":
                legs = rows_of(self.lake, "SELECT * FROM transfers WHERE transfer = $1", [find["transfer"]])
                return find["transfer"], sum(leg["in_transit"] for leg in legs) == find["in_transit"]
            case "stock":
                row = self.stock.get((find["site"], find["item"]), {})
                wanted = {name: find[name] for name in ("on_hand", "designated")}
                return f"{find['site']} {find['item']}", wanted.items() <= row.items()
            case view:
                names = {self.plan.labelled[label].identity for label in find["names"]}
                return ", ".join(sorted(names)), names <= {row["entry"] for row in self.audits.get(view, ())}

    def _alert(self, find: dict[str, Any]) -> tuple[str, bool]:
        of = find.get("item") or find.get("source", "")
        about = find.get("alert") or f"{find['kind']} {find['site']} {of}".rstrip()
        return about, any(_is_about(alert, find) for alert in self.changes)

    def _quarantined(self, find: dict[str, Any]) -> tuple[str, bool]:
        digests = [hashlib.sha256(self.plan.labelled[label].raw).hexdigest() for label in find["names"]]
        sql = "SELECT digest, result FROM quarantine"
        kept = {row["digest"]: row["result"] for row in rows_of(self.lake, sql)}
        return ", ".join(d[:12] for d in digests), all(kept.get(d) == find["result"] for d in digests)

    def unexplained(self, *, sent_before: bool) -> Iterator[Exceptional]:
        """Yield every audit row, open alert and transfer under way that nothing planted explains."""
        finds = [find for fault in self.plan.faults for find in fault["find"]]
        planted: defaultdict[str, set[str]] = defaultdict(set)
        for find in finds:
            planted[find["by"]] |= {self.plan.labelled[name].identity for name in find.get("names", ())}
        if sent_before:
            planted[REPEATS] |= {d.identity for batch in self.plan.batches for d in batch.documents}
        for view, rows in self.audits.items():
            for row in rows:
                if row["entry"] not in planted[view]:
                    yield Exceptional(view, ", ".join(str(v) for v in row.values() if v is not None)[:200])
        for alert in self.alerts:
            if not any(_is_about(alert, find) for find in finds if find["by"] == "alert"):
                yield Exceptional("alert", alert.alert)
        moving = {find["transfer"] for find in finds if find["by"] == "transfers"}
        for leg in rows_of(self.lake, "SELECT transfer, item FROM transfers WHERE in_transit <> 0"):
            if leg["transfer"] not in moving:
                yield Exceptional("transfers", f"{leg['transfer']} {leg['item']}")

    def wrong_figures(self) -> Iterator[Exceptional]:
        """Yield every stock figure that is not what the notices or the generator's shelves say."""
        notices = {("CITY", item): left for item, left in self.plan.materials.notice_balances.items()}
        for (site, item), expected in {**self.plan.on_hand, **notices}.items():
            found = self.stock.get((site, item), {}).get("on_hand")
            if found != expected:
                yield Exceptional("stock", f"{site} {item}: {expected} ≠ {found}")


def _is_about(alert: Alert, find: dict[str, Any]) -> bool:
    if "alert" in find:
        return bool(alert.alert == find["alert"])
    source = str(alert.facts.get("source", "")).partition(".")[0]
    return (alert.kind, alert.site, alert.item, source) == (
        find["kind"], find["site"], find.get("item", ""), find.get("source", ""),
    )  # fmt: skip
