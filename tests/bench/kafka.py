"""Kafka: lines a second from `scans` or `submissions` to stock and lake, what it costs, and what others make of it.

Each benchmark has a broker of its own beside the workers on the same cores. Times are the broker's append times, of the
first record a worker wrote to the last; for the lake, until a reader's SQL sees the last page.
"""

import time
from pathlib import Path

from ledger.logs.kafka.wire import BALANCES, PAGES
from tests.bench import kafka_plain
from tests.bench.figures import Figure, Figures, Run
from tests.bench.kafka_road import (
    Cost,
    appended,
    costs,
    ends,
    fill_scans,
    fill_submissions,
    road,
    submitted,
    wait,
    wait_gathered,
    wait_lake,
)
from tests.bench.keys import KEYS, on_hand
from tests.kafka.road import Road


def kafka_fold(run: Run) -> Figures:
    """Admission and stock at once, 100 lines a submission: in one document, and in a hundred."""
    return {
        "kafka_fold_100": _fold(run.folder / "fold_100", run.share(1), 100),
        "kafka_fold_100_of_1": _fold(run.folder / "fold_1", run.share(0.2), 1),
    }


def kafka_volumes(run: Run) -> Figures:
    """The same with 1 to 4 volumes, two workers of each kind from two volumes on."""
    return {
        f"kafka_fold_{volumes}_volumes": _fold(run.folder / f"volumes_{volumes}", run.share(0.5), 100, volumes)
        for volumes in (1, 2, 3, 4)
    }


def kafka_road(run: Run) -> Figures:
    """The whole road to the lake: submissions of 100 lines, and single lines on `scans`; beside them what others do."""
    folder = run.folder
    hundred, _ = _road(folder / "road_100", run.share(2), 100)
    one, single = _road(folder / "road_1", run.share(2), 1)
    plain = kafka_plain.plain_faust(folder / "plain_faust", run.share(0.03))
    return {
        "kafka_road_100": hundred,
        "kafka_road_1": one,
        "kafka_pass_through_100": kafka_plain.pass_through(folder / "pass_100", run.share(1), 100),
        "kafka_pass_through_1": kafka_plain.pass_through(folder / "pass_1", run.share(0.5), 1),
        "kafka_vs_plain_faust": Figure(
            round(single), "lines/s", round(single / plain, 1),
            f"ratio to a beginner's Faust program (a message a scan, a table write a scan): {plain:,.0f} lines/s",
        ),
    }  # fmt: skip


def _fold(folder: Path, lines: int, per_document: int, volumes: int = 1) -> Figure:
    with road(folder, volumes) as laid:
        before = submitted(laid)
        fill_submissions(laid, lines, per_document)
        kinds = [role for role in ("admission", "folds") for _ in range(min(volumes, 2))]
        workers = [(role, laid.start(role)) for role in kinds]
        wait(laid, BALANCES, {v: n + 1 for v, n in before.items()})
        started = costs(workers)
        wait(laid, BALANCES, submitted(laid))
        began = min(appended(laid, PAGES, before))
        ended = max(appended(laid, BALANCES, {v: end - 1 for v, end in ends(laid, BALANCES).items()}))
        spent = costs(workers)
        _check(laid, lines, per_document)
    note = f"{_sized(lines, per_document)}, {volumes} volumes; {_said(started, spent, lines)}"
    return Figure(round(lines / (ended - began)), "lines/s", note=note)


def _road(folder: Path, lines: int, per_document: int) -> tuple[Figure, float]:
    with road(folder) as laid:
        before = submitted(laid)
        if per_document == 1:
            fill_scans(laid, lines)
        else:
            fill_submissions(laid, lines, per_document)
        roles = [*(("gatherer",) if per_document == 1 else ()), "admission", "folds", "lake"]
        workers = [(role, laid.start(role)) for role in roles]
        wait(laid, BALANCES, {v: n + 1 for v, n in before.items()})
        started = costs(workers)
        wait(laid, BALANCES, {v: n + (submitted(laid)[v] - n) // 2 for v, n in before.items()})
        half = costs(workers)
        if per_document == 1:
            wait_gathered(laid)
        wait(laid, BALANCES, submitted(laid))
        wait_lake(laid, folder / "book")
        ended, began = time.time(), min(appended(laid, PAGES, before))
        spent = costs(workers)
        _check(laid, lines, per_document)
    grown = "; ".join(f"{role} {half[role].megabytes}→{spent[role].megabytes}" for role in roles)
    note = f"{_sized(lines, per_document)}; {_said(started, spent, lines)}; MB half-way→end: {grown}"
    return Figure(round(lines / (ended - began)), "lines/s", note=note), lines / (ended - began)


def _sized(lines: int, per_document: int) -> str:
    return f"{lines:,} lines, {per_document} a document, {KEYS:,} keys"


def _check(laid: Road, lines: int, per_document: int) -> None:
    """Compare what the workers said with a replay and with what was made: the speed of a wrong book is none."""
    found = sum(b.on_hand for replayed in laid.verify() for b in replayed.stock.balances.values())
    assert found == on_hand(lines, per_document), found


def _said(started: dict[str, Cost], spent: dict[str, Cost], lines: int) -> str:
    used = {role: cost.cpu_seconds - started[role].cpu_seconds for role, cost in spent.items()}
    return "CPU s a million lines: " + ", ".join(f"{role} {cpu / lines * 1e6:.1f}" for role, cpu in used.items())
