"""Runs one benchmark in this process and writes its figures and the peak of its memory.

python -m tests.bench.child NAME LINES FOLDER OUT
"""

import resource
import sys
from pathlib import Path

from tests.bench.baseline import embedded_vs_eventsourcing
from tests.bench.figures import Benchmark, Figure, Run, write
from tests.bench.gateway import gateway
from tests.bench.lake import lake_1m, lake_10m, lake_commit
from tests.bench.reading_back import kill_to_serving, replay, verify_book
from tests.bench.recording import admission_fold, book_submit

BENCHMARKS: dict[str, Benchmark] = {
    "admission_fold": admission_fold,
    "book_submit": book_submit,
    "embedded_vs_eventsourcing": embedded_vs_eventsourcing,
    "gateway": gateway,
    "replay": replay,
    "kill_to_serving": kill_to_serving,
    "lake_commit": lake_commit,
    "verify": verify_book,
    "lake_1m": lake_1m,
    "lake_10m": lake_10m,
}
"""In the order they run: later ones read books that earlier ones left, or make them."""


def main(name: str, lines: str, folder: str, out: str) -> None:
    """Run one benchmark."""
    figures = BENCHMARKS[name](Run(int(lines), Path(folder)))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    figures[f"memory_{name}"] = Figure(round(peak / 1024), "MB", note="peak of the measuring process")
    write(Path(out), figures)


if __name__ == "__main__":
    main(*sys.argv[1:])
