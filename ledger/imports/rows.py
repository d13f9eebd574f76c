"""Rows made ready: merged cells filled down, columns derived, the two ends of a transfer found. Still only text."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from ledger.imports.amounts import read_amount
from ledger.imports.mapping import Derive, Mapping, Pairing
from ledger.imports.reading import Row, read_rows
from ledger.imports.templates import Cells, compile_text, matches

Step = Callable[[Cells], None]


class End(NamedTuple):
    """One row that may be an end of a transfer."""

    row: int
    site: str
    quantity: int


class Preparation:
    """How the rows of one file are made ready. Finding the ends of transfers reads the file once, before."""

    def __init__(self, path: Path, mapping: Mapping) -> None:
        """Read the file once if the mapping pairs rows."""
        self.path = path
        self.mapping = mapping
        self.steps = [_compile(step) for step in mapping.derive]
        self.ends: dict[int, Cells] = {}
        self.total = 0
        if mapping.pairing is not None:
            self.ends = pair(read_rows(path, mapping.file), mapping.pairing)

    def rows(self) -> Iterator[Row]:
        """Yield every row of the file, read anew, with the columns the mapping derives."""
        above: Cells = {}
        count = 0
        for row in read_rows(self.path, self.mapping.file):
            cells = row.cells
            for fill in self.mapping.fill_down:
                if cells[fill.block]:
                    above.pop(fill.column, None)
                if cells[fill.column]:
                    above[fill.column] = cells[fill.column]
                elif cells[fill.needs]:
                    cells[fill.column] = above.get(fill.column, "")
            cells["row"] = str(row.number)
            if row.number in self.ends:
                cells.update(self.ends[row.number])
            for step in self.steps:
                step(cells)
            count += 1
            yield row
        self.total = count


def _compile(derive: Derive) -> Step:
    template = compile_text(derive.to) if derive.to is not None else None
    target = derive.set or derive.column

    def step(cells: Cells) -> None:
        if not matches(derive.when, cells):
            return
        if derive.pattern is not None:
            found = derive.pattern.search(cells.get(derive.column, ""))
            if found is None:
                return
            cells.update({name: group.strip() for name, group in found.groupdict().items() if group})
        if template is not None:
            cells[target] = template(cells)
        if derive.values:
            written = cells.get(derive.column, "")
            cells[target] = derive.values.get(written, cells.get(target, "") if target != derive.column else written)

    return step


def pair(rows: Iterable[Row], pairing: Pairing) -> dict[int, Cells]:
    """Find the two ends of transfers (F9): same key, opposite amounts, at most so many percent apart.

    A pair is made only when it is certain: one candidate for the end that sent, and no other sender for it.
    """
    sent: defaultdict[tuple[str, ...], list[End]] = defaultdict(list)
    came: defaultdict[tuple[str, ...], list[End]] = defaultdict(list)
    for row in rows:
        quantity = read_amount(row.cells.get(pairing.quantity, ""), "")
        if isinstance(quantity, int) and quantity != 0:
            key = tuple(row.cells.get(column, "") for column in pairing.on)
            end = End(row.number, row.cells.get(pairing.site, ""), abs(quantity))
            (sent if quantity < 0 else came)[key].append(end)
    name = compile_text(pairing.transfer)
    ends: dict[int, Cells] = {}
    for key, senders in sent.items():
        for one, other in _certain(senders, came[key], pairing.percent):
            columns = dict(zip(pairing.on, key, strict=True)) | {"from": one.site, "to": other.site}
            transfer = name(columns)
            ends[one.row] = {"end": "dispatched", "transfer": transfer, "other_site": other.site}
            ends[other.row] = {"end": "arrived", "transfer": transfer, "other_site": one.site}
    return ends


def _certain(senders: list[End], receivers: list[End], percent: int) -> Iterator[tuple[End, End]]:
    def near(one: End, other: End) -> bool:
        return other.site != one.site and abs(one.quantity - other.quantity) * 100 <= percent * one.quantity

    for one in senders:
        candidates = [other for other in receivers if near(one, other)]
        if len(candidates) == 1 and sum(near(rival, candidates[0]) for rival in senders) == 1:
            yield one, candidates[0]
