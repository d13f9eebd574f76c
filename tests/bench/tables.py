"""How figures are shown: a table on the screen, and docs/figures.md. Says what is aimed at; decides nothing."""

import os
import platform
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import duckdb
from rich.console import Console
from rich.table import Table

from tests.bench.figures import Figure, Figures


@dataclass(frozen=True, slots=True)
class Aim:
    """What a figure should reach: at most, or at least; of its value or of its ratio."""

    bound: float
    at_most: bool = True
    of_ratio: bool = False

    def held(self, figure: Figure) -> bool:
        """Tell whether the figure reaches it."""
        found = (figure.ratio or 0) if self.of_ratio else figure.value
        return found <= self.bound if self.at_most else found >= self.bound

    def __str__(self) -> str:
        """Write it as people do."""
        return f"{'≤' if self.at_most else '≥'} {self.bound:g}{' ×' if self.of_ratio else ''}"


AIMS = {
    "embedded_vs_eventsourcing": Aim(10, at_most=False, of_ratio=True),
    "embedded_vs_eventsourcing_100": Aim(10, at_most=False, of_ratio=True),
    "replay_1m": Aim(5),
    "reconcile_10m": Aim(1),
    "kill_to_serving": Aim(5),
    "kafka_fold_100": Aim(200_000, at_most=False),
    "kafka_road_100": Aim(100_000, at_most=False),
    "kafka_road_1": Aim(50_000, at_most=False),
    "kafka_scan_to_stock": Aim(100),
    "kafka_scan_to_alert": Aim(250),
    "kafka_scan_to_sql": Aim(2_000),
    "kafka_kill_admission": Aim(15),
    "kafka_kill_folds": Aim(15),
    "kafka_start_10m": Aim(15),
}
_HEADINGS = ("figure", "value", "unit", "ratio", "aim", "what was measured")
_HEAD = """# Figures

Written by `make bench` from its own results; do not edit. Each benchmark runs the real parts in a process of its own
(`tests/bench`); baselines run beside it, in the same run on the same machine. `var/bench/latest.json` has the same
figures for programs.

{machine}

| {headings} |
|---|---:|---|---:|---|---|
"""
_TAIL = """
## What each side does

* **book** (`book_submit`, `embedded_*`): every document is checked strictly against its schema, its identity, sender
  and units are decided, it is put on a sealed and chained page, folded into stock, transfers and alerts, and written to
  SQLite (WAL, `synchronous=FULL`); a commit holds at most 1,000 documents or 10,000 lines. Snapshots are in the time.
* **eventsourcing** (its SQLite module, WAL, `synchronous=FULL` as SQLite has it by default): an aggregate a stock item
  and site, an event a line, its JSON transcoder. As its documentation does it, one document is one `save`, which is one
  transaction, with its default settings: it has no way to commit together what several clients wait for, and ours has.
  `embedded_vs_batched_eventsourcing` is the same with documents saved together by hand, as many as we commit, and a
  cache that keeps every aggregate and copies none. In `_single` ours, too, commits every document by itself: both then
  wait for the disk. Theirs checks no document, recognises no repeat and seals nothing; stock by lot is all it keeps.
  Both first fill the shelves, which is not measured.
* **gateway**: `serve` in a process of its own with its lake writer, 8 clients on loopback; from the first request until
  a reader is shown a stock that holds every line. The clients share the machine with it.
* **card**, **reconcile**: a lake filled by SQL (2 % counts, 20 sites, 250 items, 4 lots each); median of three askings,
  or of those within ten seconds. Reconcile is the stock of every site, item and lot, and every count against the book
  of its moment. The baseline is a SQLite table of the same lines with an index on site, item and moment.
* **kafka_**: a broker of its own on the same two cores; documents lie in the topics before the workers start. Times are
  the broker's append times, for the lake until a reader's SQL sees the last page. Every figure's book is verified.
* **kill_to_serving**: SIGKILL to the writer half-way between two snapshots; from starting Python until the stock of a
  site is printed. **replay** uses no snapshot. **memory_**: peak resident memory of the process that measures.
* **hot_path**: what the rules about cases (`projections/chapters`) add to the folds every line goes through; 1 × would
  be nothing.

## Where an aim is missed

µs of one core, measured part by part in the same build, on the machine at its quicker hours.

* **replay_1m**, 5.0 to 5.5 µs a line: reading sealed pages 2.2 (of it pydantic 1.6), stock and alerts 2.6, all else
  0.4. Two thirds of stock and alerts is waiting for memory: 20,000 shelves do not fit the processor's cache. Folding
  entry by entry instead of page by page was tried and gained nothing. Python's own build matters: one made with its
  profile (Debian's) replays the same book a tenth sooner than one made without.
* **reconcile_10m**: adding up ten million lines by site, item and lot takes half a second; every count against the book
  of its moment reads them twice more. Other SQL for the same counts was tried, one reading of the lines, and one
  sort instead of two joins: neither gained anything in the product. A whole number for each shelf on every line, tried
  on a copy, took a third off grouping by shelf: too little alone. Next are sums by shelf and time, kept by the writer.
* **embedded_vs_batched_eventsourcing** has no aim: it is what nobody's application does. Ten times that would be 4 to 5
  µs a line at 100 lines a document; deciding takes 3.5 (reading strictly 1.7, counting keys 0.5), the folds 3, seals,
  SQLite and answers 1. One line a document is 50 µs: deciding 26, of it reading 9, the folds 19.
* Those of Kafka: [kafka.md](kafka.md#speed).
"""


def machine() -> str:
    """Say what the figures were measured on."""
    day = datetime.now().astimezone().date().isoformat()
    built_on = f"Python {platform.python_version()} · SQLite {sqlite3.sqlite_version} · DuckDB {duckdb.__version__}"
    return f"{day} · {os.cpu_count()} cores ({platform.machine()}) · {built_on}"


def rows(figures: Figures) -> Iterator[tuple[str, ...]]:
    """Yield the cells of every figure, as people read them."""
    for name, figure in figures.items():
        aim = AIMS.get(name)
        met = "" if aim is None else f"{aim} {'✓' if aim.held(figure) else '✗'}"
        ratio = "" if figure.ratio is None else f"{figure.ratio:,g} ×"
        yield name, f"{figure.value:,}", figure.unit, ratio, met, figure.note or ""


def show(figures: Figures, console: Console) -> None:
    """Print the table."""
    table = Table(title=f"make bench · {machine()}", title_justify="left", header_style="bold")
    for number, heading in enumerate(_HEADINGS):
        last = heading == _HEADINGS[-1]
        table.add_column(heading, justify="right" if number in (1, 3) else "left", overflow="fold", no_wrap=not last)
    for row in rows(figures):
        table.add_row(*row)
    console.print(table)


def page(figures: Figures) -> str:
    """Return docs/figures.md."""
    head = _HEAD.format(machine=machine(), headings=" | ".join(_HEADINGS))
    return head + "".join(f"| {' | '.join(row)} |\n" for row in rows(figures)) + _TAIL
