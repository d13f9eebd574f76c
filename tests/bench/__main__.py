"""`make bench`: runs every benchmark in a process of its own, one after the other, and shows and keeps the figures.

python -m tests.bench [--only NAME]... [--lines N] [--quick] [--page] [--out FILE]
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console

from tests.bench import figures as kept
from tests.bench.child import BENCHMARKS
from tests.bench.figures import LINES, Figures
from tests.bench.tables import page, show
from tests.conftest import ROOT

QUICK_LINES = 20_000
LATEST = ROOT / "var" / "bench" / "latest.json"
PAGE = ROOT / "docs" / "figures.md"
console = Console(width=None if sys.stdout.isatty() else 180)
notes = Console(stderr=True, highlight=False)


def main(arguments: list[str]) -> int:
    """Run what was asked for; return 1 if a benchmark failed. Writes docs/figures.md only after a full run."""
    asked = _read(arguments)
    lines = asked.lines or (QUICK_LINES if asked.quick else LINES)
    names = asked.only or list(BENCHMARKS)
    found: Figures = {}
    failed = []
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="books-", dir=asked.out.parent))
    try:
        for name in names:
            figures = _run(name, lines, folder)
            if figures is None:
                failed.append(name)
            else:
                found.update(figures)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    kept.write(asked.out, found)
    show(found, console)
    if failed:
        notes.print(f"✗ failed: {', '.join(failed)}", style="bold red")
        return 1
    if asked.page or (lines == LINES and not asked.only):
        PAGE.write_text(page(found), encoding="utf-8")
    return 0


def _read(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure the book on this machine.")
    parser.add_argument("--only", action="append", choices=list(BENCHMARKS), help="one benchmark; may be repeated")
    parser.add_argument("--lines", type=int, help=f"lines of a full run (default {LINES:,})")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_LINES:,} lines: to see that everything runs")
    parser.add_argument("--page", action="store_true", help="write docs/figures.md, with what was run")
    parser.add_argument("--out", type=lambda text: Path(text).resolve(), default=LATEST, help="file for the figures")
    return parser.parse_args(arguments)


def _run(name: str, lines: int, folder: Path) -> Figures | None:
    """Run one benchmark in its own process; None if it failed, after showing what it said."""
    out = folder / f"{name}.figures.json"
    command = [sys.executable, "-m", "tests.bench.child", name, str(lines), str(folder), str(out)]
    began = time.perf_counter()
    with notes.status(f"{name} …"):
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    notes.print(f"{'✓' if ended.returncode == 0 else '✗'} {name} {time.perf_counter() - began:.1f} s")
    if ended.returncode:
        notes.print(ended.stderr[-3000:], markup=False)
        return None
    return kept.read(out)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
