"""The drill of `make drill`, short and seeded: nothing lost, double or wrong, whatever was made to fail."""

from pathlib import Path

import pytest

from tests.kafka.drills import run
from tests.kafka.faults import FAULTS

KILLS = 10
"""Of each kind of process; the long form kills 200."""


@pytest.mark.drill
def test_after_every_fault_all_that_was_acknowledged_counts_once_and_live_replay_and_sql_agree(tmp_path: Path) -> None:
    rows = run(tmp_path / "drill", KILLS, 20200129, short=True)
    assert len(rows) == len(FAULTS) + 1
    broken = {row.fault: row for row in rows if row.lost or row.double or row.wrong}
    assert not broken, broken
