"""The benchmarks run, at a tiny size, through the same processes. What they measure is not judged here."""

import json
from pathlib import Path

import pytest

from tests.bench.__main__ import main
from tests.bench.child import BENCHMARKS
from tests.bench.figures import Figures, read
from tests.bench.tables import AIMS, page

TRIED = [name for name in BENCHMARKS if not name.startswith("kafka_") or name == "kafka_fold"]
"""Of those on Kafka one, as each starts a broker and workers of its own."""
EXPECTED = {
    "gateway_1", "gateway_100", "admission_fold_1", "admission_fold_100", "book_submit_1", "book_submit_100",
    "lake_commit", "lake_commit_100", "lake_catch_up_1m", "replay_1m", "replay_1", "verify_1m", "card_1m",
    "card_10m", "reconcile_1m", "reconcile_10m", "kill_to_serving", "hot_path", "embedded_vs_eventsourcing",
    "embedded_vs_eventsourcing_100", "embedded_vs_eventsourcing_single", "embedded_vs_batched_eventsourcing",
    "embedded_vs_batched_eventsourcing_100", "memory_gateway_process", "kafka_fold_100",
    "kafka_fold_100_of_1", *(f"memory_{name}" for name in TRIED),
}  # fmt: skip


@pytest.fixture(scope="module")
def figures_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("bench") / "latest.json"
    assert main(["--lines", "1000", "--out", str(out), *(part for name in TRIED for part in ("--only", name))]) == 0
    return out


@pytest.fixture(scope="module")
def figures(figures_file: Path) -> Figures:
    return read(figures_file)


@pytest.mark.bench
def test_every_benchmark_gives_its_figures_with_value_and_unit(figures_file: Path) -> None:
    said = json.loads(figures_file.read_text())
    assert said.keys() == EXPECTED
    for name, figure in said.items():
        assert figure["value"] > 0, name
        assert figure["unit"], name
        assert figure.keys() <= {"value", "unit", "ratio", "note"}, name


@pytest.mark.bench
def test_a_comparison_gives_its_ratio_and_names_its_baseline(figures: Figures) -> None:
    compared = {name for name, figure in figures.items() if figure.ratio is not None}
    assert compared >= {name for name in EXPECTED if name.startswith("embedded_vs_") or name.endswith("cile_1m")}
    assert all("ratio to" in (figures[name].note or "") for name in compared)


@pytest.mark.bench
def test_the_page_of_figures_shows_every_figure_and_every_aim(figures: Figures) -> None:
    shown = page(figures)
    assert all(f"| {name} |" in shown for name in figures)
    assert all(f"{aim} " in shown for name, aim in AIMS.items() if name in figures)


@pytest.mark.bench
def test_what_one_run_left_does_not_stay_behind(figures_file: Path) -> None:
    assert list(figures_file.parent.iterdir()) == [figures_file]
