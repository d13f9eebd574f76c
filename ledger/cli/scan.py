"""`baogong scan`: a barcode scanner that types, at a keyboard, becomes documents. It guesses nothing it could not read.

One scan a line; a bare number of at most 7 digits after it is its quantity (else the barcode's own, else 1); an empty
line ends the document. A scan that cannot be read for certain makes a document of its own, which the book quarantines
with its characters and the reason.
"""

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any

import typer

from ledger.cli.entering import (
    By,
    OutboxPath,
    Source,
    TokenPath,
    Via,
    carrier,
    exit_with,
    moment_now,
    open_outbox,
    show_answers,
)
from ledger.cli.language import LANG, t
from ledger.cli.options import DEFAULT_BOOK, BookPath, Format, Lang, Shown
from ledger.cli.output import notes
from ledger.courier import BookCarrier, Courier
from ledger.errors import BrokenEnvironment, WrongUse
from ledger.outbox import Carrier, Outbox
from ledger.scanning import RefusedScan, Scan, read_scan

QUANTITY_DIGITS_MAX = 7
"""A longer bare number is a product number."""
UNIT_UNKNOWN = "?"
_SEND_ATTEMPTS = 3
"""Nobody is kept standing at the scanner: what is not taken stays in the outbox."""


class ScanKind(StrEnum):
    """What is being scanned."""

    RECEIVED = "received"
    ISSUED = "issued"
    COUNTED = "counted"
    RETURNED = "returned"


class Condition(StrEnum):
    """In what state goods came back (H3)."""

    GOOD = "good"
    NEEDS_DISINFECTION = "needs_disinfection"
    DAMAGED = "damaged"
    LOST = "lost"


@dataclass(slots=True)
class Session:
    """One person at one scanner: the document being scanned, and where documents go."""

    kind: ScanKind
    site: str
    heading: dict[str, Any]
    outbox: Outbox
    unit_of: Callable[[str], str]
    """Unit of an item by its barcode, or `?` when nobody says."""
    condition: Condition = Condition.GOOD
    lines: list[dict[str, Any]] = field(default_factory=list)
    saved: int = 0
    separator_proven: bool = False

    def take(self, typed: str) -> None:
        """Take one line from the scanner or keyboard."""
        text = typed.strip(" \t\r\n")  # not strip(): it would take the separator of a scan for white space
        if not text:
            self.end_document()
        elif self.lines and text.isascii() and text.isdecimal() and len(text) <= QUANTITY_DIGITS_MAX:
            self._set_quantity(int(text))
        else:
            self._take_scan(typed.rstrip("\r\n"))

    def end_document(self) -> None:
        """Save the document scanned so far, if there is one."""
        if self.lines:
            self._save(self.lines)
            self.lines = []

    def _set_quantity(self, quantity: int) -> None:
        if quantity == 0 and self.kind is not ScanKind.COUNTED:
            notes.print(t("✗ 数量至少为 1;上一行未改。", "✗ At least 1; the line before is unchanged."), style="red")
            return
        self.lines[-1]["quantity"] = quantity
        notes.print(t(f"  × {quantity}", f"  × {quantity}"))

    def _take_scan(self, raw: str) -> None:
        scan = read_scan(raw, separator_proven=self.separator_proven)
        match scan:
            case Scan():
                self.separator_proven = self.separator_proven or scan.separator_seen
                notes.print(f"✓ {scan.describe('zh' if LANG == 'zh' else 'en')}", markup=False)
                self.lines.append(self._line(scan))
            case RefusedScan():
                notes.print(f"✗ {scan.text('zh' if LANG == 'zh' else 'en')}", style="red", markup=False)
                self._keep_refused(scan)

    def _line(self, scan: Scan) -> dict[str, Any]:
        item = scan.gtin or scan.ma_code
        assert item is not None, "a scan names a product"
        line: dict[str, Any] = {
            "line": len(self.lines) + 1, "item": item, "unit": self.unit_of(item), "quantity": scan.quantity or 1
        }  # fmt: skip
        if scan.lot is not None:
            line["lot"] = scan.lot
        if self.kind in (ScanKind.RECEIVED, ScanKind.ISSUED):
            line["scan"] = scan.raw
        if self.kind is ScanKind.RECEIVED:
            dates = {"expires_on": scan.expires_on, "produced_on": scan.produced_on}
            line |= {name: day.isoformat() for name, day in dates.items() if day is not None}
        if self.kind is ScanKind.RETURNED:
            line["condition"] = self.condition.value
        return line

    def _keep_refused(self, scan: RefusedScan) -> None:
        """Send the scan as a line that names no item: admission then quarantines it with its characters."""
        said = f"{scan.reason}: {scan.text('zh')} {scan.text('en')}"
        self._save([{"line": 1, "scan": scan.raw}], note=said[:2000])

    def _save(self, lines: list[dict[str, Any]], **more: str) -> None:
        fields = {"happened_at": moment_now(), **self.heading, **more, "lines": lines}
        kind = {ScanKind.COUNTED: "stock_counted.v1"}.get(self.kind, f"goods_{self.kind.value}.v1")
        identity = self.outbox.add(kind, self.site, fields)
        self.saved += 1
        notes.print(t(f"已保存 {identity}({len(lines)} 行)", f"Saved {identity} ({len(lines)} lines)"), style="bold")


def scan(
    site: Annotated[str, typer.Option("--site", help=t("站点", "Site"))],
    kind: Annotated[ScanKind, typer.Option("--kind", help=t("单据种类", "What is being scanned"))],
    receiver: Annotated[str | None, typer.Option("--receiver", help=t("领用人或归还人", "Who gets or returns"))] = None,
    origin: Annotated[str, typer.Option("--origin", help=t("入库来源", "Origin of receipts"))] = "purchased",
    condition: Annotated[
        Condition, typer.Option("--condition", help=t("退回状态", "State of what came back"))
    ] = Condition.GOOD,
    unit: Annotated[str | None, typer.Option("--unit", help=t("单位(默认查账)", "Unit (default: the book's)"))] = None,
    by: By = "scanner",
    via: Via = None,
    token_file: TokenPath = None,
    book: BookPath = DEFAULT_BOOK,
    outbox: OutboxPath = None,
    source: Source = None,
    shown: Shown = Format.TABLE,
    lang: Lang = None,
) -> None:
    """Scan goods: a barcode a line, a bare number is the quantity, an empty line ends the document."""
    heading = _heading(kind, by, receiver, origin)
    box = open_outbox(via, book, outbox, source)
    with carrier(via, token_file, book, attempts=_SEND_ATTEMPTS) as way:
        session = Session(kind, site, heading, box, _unit_asker(way, unit), condition)
        for typed in _typed(sys.stdin.buffer):
            session.take(typed)
        session.end_document()
        try:
            box.deliver(way)
        except BrokenEnvironment as error:
            notes.print(error.text(LANG), style="yellow", markup=False)
    saved = box.latest(session.saved)
    box.close()
    show_answers(saved, shown)
    exit_with([one for one in saved if one.result is not None])


def _typed(stream: Iterable[bytes]) -> Iterable[str]:
    """Read lines as they are typed. Only a line feed ends one: a scan may hold the separators of its scheme."""
    for line in stream:
        yield line.decode("utf-8", "backslashreplace")


def _heading(kind: ScanKind, by: str, receiver: str | None, origin: str) -> dict[str, Any]:
    match kind:
        case ScanKind.RECEIVED:
            gift: dict[str, Any] = {"donation": {}} if origin == "donated" else {}
            return {"recorded_by": by, "origin": origin, **gift}
        case ScanKind.COUNTED:
            return {"recorded_by": by, "counted_by": [by]}
        case ScanKind.ISSUED | ScanKind.RETURNED:
            if receiver is None:
                raise WrongUse("scan_party_missing", kind=kind.value)
            return {"recorded_by": by, "receiver" if kind is ScanKind.ISSUED else "returned_by": receiver}


def _unit_asker(way: Carrier, unit: str | None) -> Callable[[str], str]:
    """Return what finds the unit of a barcode: the one given, else the book's base unit of the item, else `?`."""
    known: dict[str, str] = {}

    def ask(item: str) -> str:
        if item not in known:
            known[item] = _ask_book(way, item)
        return known[item]

    return (lambda item: unit) if unit is not None else ask


def _ask_book(way: Carrier, item: str) -> str:
    try:
        if isinstance(way, Courier):
            said = way.ask(f"/v1/items/{item}")
            unit = str(said["unit"]) if said is not None else None
        else:
            assert isinstance(way, BookCarrier)
            facts = way.book.folds.admission.catalogue.find(item)
            unit = facts.base_unit if facts is not None else None
    except BrokenEnvironment as error:
        notes.print(error.text(LANG), style="yellow", markup=False)
        unit = None
    if unit is None:
        warning = t(
            f"账上查不到 {item} 的单位,先记作“?”:账本会隔离这份单据。可用 --unit 指定。",
            f"The book gives no unit for {item}; “?” is written and the book will quarantine it. --unit names one.",
        )
        notes.print(warning, style="yellow", markup=False)
    return unit or UNIT_UNKNOWN


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command("scan", help=t("用扫描枪记单", "Record documents with a barcode scanner"))(scan)
