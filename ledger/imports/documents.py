"""A row becomes a document, as far as the mapping can say. What it cannot understand stays in the field as written.

It decides nothing: admission reads the document and says what is wrong with it.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from ledger.imports.amounts import read_amount
from ledger.imports.mapping import DocumentForm, Mapping
from ledger.imports.moments import Moment, read_moment
from ledger.imports.packing import Packing, read_packing
from ledger.imports.reading import Row
from ledger.imports.templates import Cells, Fill, compile_text, compile_tree, matches
from projections.catalogue import Catalogue, ItemFacts, lookup_key
from projections.numbering import DIGESTS_KEPT

ROWS_A_SOURCE = 100
"""Rows numbered by one source. A source remembers its latest documents only, so a longer one could not be run again."""
assert ROWS_A_SOURCE <= DIGESTS_KEPT

_BLANK_IS_SAID = ("item", "unit", "quantity", "quantity_change")
"""Fields of a line that stay when blank, so that the reason names them."""
_NOT_IN_A_SOURCE = re.compile(r"[^\w]+")


class Draft(NamedTuple):
    """One document to send, when it happened, and the time recorded the row states for a rehearsal."""

    row: int
    raw: bytes
    happened_at: datetime | None
    recorded_at: datetime | None


class Meanings:
    """What units and items mean by the catalogue, asked once for each name."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._facts: dict[str, ItemFacts | None] = {}

    def item(self, written: str) -> ItemFacts | None:
        """Return what is known of the item a name means."""
        if written not in self._facts:
            self._facts[written] = self.catalogue.find(written)
        return self._facts[written]

    def unit(self, item: str, written: str) -> str:
        """Return the unit meant, by the synonyms recorded for the item and for every item."""
        key, units = lookup_key(written), self.catalogue.units
        return units.get((item, key)) or units.get(("", key)) or key

    def pack(self, item: str, unit: str, packing: Packing | None, quantity: int | str) -> tuple[int, str] | None:
        """Return size and inner unit of the pack this line is written in, when the pack text speaks of its unit."""
        if packing is None or (packing.bare and quantity != 1):
            return None
        facts = self.item(item)
        known = facts.item if facts else item
        if packing.outer is not None and self.unit(known, packing.outer) != self.unit(known, unit):
            return None
        holds = [(size, inner) for inner, size in packing.holds if self.unit(known, inner) != self.unit(known, unit)]
        in_base = [hold for hold in holds if facts and self.unit(known, hold[1]) == facts.base_unit]
        return next(iter(in_base or holds), None)


class Documents:
    """Makes the documents of one file, in its order, and counts them by site and source."""

    def __init__(self, mapping: Mapping, catalogue: Catalogue) -> None:
        self.mapping = mapping
        self.meanings = Meanings(catalogue)
        self.forms = [(form, compile_tree(form.fields), _compile_lines(form)) for form in mapping.document]
        self.happened = self._moment(mapping.happened_at)
        self.recorded = self._moment(mapping.recorded_at) if mapping.recorded_at else None
        self.site = compile_text(mapping.site)
        self.source = compile_text(mapping.source or mapping.name)
        self.label = compile_text(mapping.label)
        self.recorded_by = compile_text(mapping.recorded_by)
        self.counted: defaultdict[tuple[str, str], int] = defaultdict(int)
        self.sent: dict[bytes, tuple[int, str]] = {}
        self.repeated = 0

    def draft(self, row: Row) -> Draft:
        """Make the document of a row. A row that repeats an earlier one becomes the very same document."""
        cells = row.cells
        site, source = self.site(cells), _NOT_IN_A_SOURCE.sub("-", self.source(cells)).strip("-")
        ordinal, label = self._identity(cells, site, source)
        block, number = divmod(ordinal - 1, ROWS_A_SOURCE)
        said: dict[str, Any] = {
            "site": site, "source": f"{source}-{block + 1:03d}.{self.mapping.epoch}", "number": number + 1,
            "recorded_by": self.recorded_by(cells), "references": [{"role": "import", "text": label}],
        }  # fmt: skip
        at, moment = self.happened(cells)
        said["happened_at"] = moment.at.isoformat() if moment else at
        if moment and moment.since:
            said["happened_since"] = moment.since.isoformat()
        said |= self._body(cells)
        recorded = self.recorded(cells)[1] if self.recorded else None
        return Draft(row.number, orjson.dumps(said), moment.at if moment else None, recorded.at if recorded else None)

    def _identity(self, cells: Cells, site: str, source: str) -> tuple[int, str]:
        label = self.label(cells)
        if self.mapping.repeat_key:
            key = "\x1f".join([site, source, *(cells.get(column, "") for column in self.mapping.repeat_key)])
            short = hashlib.blake2b(key.encode(), digest_size=16).digest()
            known = self.sent.get(short)
            if known is not None:
                self.repeated += 1
                return known
            self.sent[short] = (self.counted[site, source] + 1, label)
        self.counted[site, source] += 1
        return self.counted[site, source], label

    def _body(self, cells: Cells) -> dict[str, Any]:
        for form, fields, lines in self.forms:
            if matches(form.when, cells):
                body: dict[str, Any] = {"kind": form.kind, **fields(cells)}
                if lines:
                    body["lines"] = [self._line(i, line(cells)) for i, line in enumerate(lines, start=1)]
                return body
        return {"kind": "not_mapped", "row": cells}

    def _line(self, number: int, said: dict[str, Any]) -> dict[str, Any]:
        line: dict[str, Any] = {"line": number} | said
        for amount in ("quantity", "quantity_change"):
            if amount in line:
                line[amount] = read_amount(line[amount], line.get("unit", ""))
        written = line.pop("pack", None)
        if written:
            pack = self.meanings.pack(line["item"], line["unit"], read_packing(written), line.get("quantity", ""))
            if pack is not None:
                line["pack"] = {"size": pack[0], "unit": pack[1]}
        return line

    def _moment(self, template: str) -> Callable[[Cells], tuple[str, Moment | None]]:
        text, time_of_day, zone = compile_text(template), self.mapping.time_of_day, self.mapping.zone

        def moment(cells: Cells) -> tuple[str, Moment | None]:
            written = text(cells)
            return written, read_moment(written, time_of_day, zone)

        return moment


def _compile_lines(form: DocumentForm) -> list[Fill]:
    """Compile the lines of a form. A line without its goods keeps the blank, so that admission can name it."""

    def keep(line: dict[str, Any]) -> Fill:
        fill = compile_tree(line)
        blanks = {field: "" for field in _BLANK_IS_SAID if field in line}
        return lambda cells: blanks | fill(cells)

    return [keep(line) for line in form.lines]
