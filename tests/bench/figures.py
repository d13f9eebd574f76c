"""What a benchmark is asked and what it answers: sizes, figures, and the file they are kept in. It measures nothing."""

import json
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

LINES = 1_000_000
"""Lines of a full run. Everything else is a share of it."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value with its unit; `ratio` is how many times better than the baseline the note names."""

    value: float
    unit: str
    ratio: float | None = None
    note: str | None = None

    def as_dict(self) -> dict[str, object]:
        """Return it as it stands in the file: without what was not said."""
        return {name: value for name, value in asdict(self).items() if value is not None}


@dataclass(frozen=True, slots=True)
class Run:
    """One run of all benchmarks: its size, and the folder where they leave books for each other."""

    lines: int
    folder: Path

    def share(self, part: float) -> int:
        """Return a part of the lines of this run in whole hundreds, so that documents of 100 lines come out even."""
        return max(1, round(self.lines * part / 100)) * 100


SECONDS_MAX = 10
"""A question that has taken this long in all is not asked again for the sake of its median."""
Figures = dict[str, Figure]
Benchmark = Callable[[Run], Figures]


@dataclass(slots=True)
class Watch:
    """Adds up the seconds between `on` and off; what the clock does not see is not measured."""

    seconds: float = 0.0
    laps: list[float] = field(default_factory=list)

    @contextmanager
    def on(self) -> Iterator[None]:
        """Measure the block."""
        began = time.perf_counter()
        yield
        self.laps.append(time.perf_counter() - began)
        self.seconds += self.laps[-1]


def median_seconds(ask: Callable[[], object], times: int = 3) -> tuple[float, float]:
    """Return the median of some runs, and the first of them, in seconds. What takes long is not asked again."""
    watch = Watch()
    while len(watch.laps) < times and watch.seconds < SECONDS_MAX:
        with watch.on():
            ask()
    return statistics.median(watch.laps), watch.laps[0]


def read(path: Path) -> Figures:
    """Read figures back."""
    return {name: Figure(**fields) for name, fields in json.loads(path.read_text(encoding="utf-8")).items()}


def write(path: Path, figures: Figures) -> None:
    """Write figures: name → value, unit, and what else is said."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({name: figure.as_dict() for name, figure in figures.items()}, ensure_ascii=False, indent=2)
    path.write_text(text + "\n", encoding="utf-8")
