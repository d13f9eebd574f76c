"""Runs one benchmark in this process and writes its figures and the peak of its memory.

python -m tests.bench.child NAME LINES FOLDER OUT
"""

import resource
import sys
from importlib import import_module
from pathlib import Path

from tests.bench.figures import Benchmark, Figure, Run, write

BENCHMARKS = {
    "admission_fold": "recording.admission_fold",
    "book_submit": "recording.book_submit",
    "embedded_vs_eventsourcing": "baseline.embedded_vs_eventsourcing",
    "gateway": "gateway.gateway",
    "replay": "reading_back.replay",
    "hot_path": "reading_back.hot_path",
    "kill_to_serving": "reading_back.kill_to_serving",
    "lake_commit": "lake.lake_commit",
    "verify": "verifying.verify_book",
    "lake_1m": "lake.lake_1m",
    "lake_10m": "lake.lake_10m",
    "kafka_fold": "kafka.kafka_fold",
    "kafka_road": "kafka.kafka_road",
    "kafka_latency": "kafka_latency.kafka_latency",
    "kafka_kill": "kafka_latency.kafka_kill",
    "kafka_volumes": "kafka.kafka_volumes",
    "kafka_start": "kafka_latency.kafka_start",
}
"""Each with its place in this package, in the order they run: later ones read books that earlier ones left, or make
them. Only what a benchmark needs is imported, or its memory would be that of all."""


def main(name: str, lines: str, folder: str, out: str) -> None:
    """Run one benchmark."""
    module, _, function = BENCHMARKS[name].partition(".")
    benchmark: Benchmark = getattr(import_module(f"tests.bench.{module}"), function)
    figures = benchmark(Run(int(lines), Path(folder)))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    figures[f"memory_{name}"] = Figure(round(peak / 1024), "MB", note="peak of the measuring process")
    write(Path(out), figures)


if __name__ == "__main__":
    main(*sys.argv[1:])
