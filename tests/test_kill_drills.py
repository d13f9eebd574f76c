"""Kill -9 at any moment: nothing a device called saved is lost, nothing counts twice, the lake is the log."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.drill


def drill(name: str, kills: int, seed: int, folder: Path) -> str:
    asked = [name, "--kills", str(kills), "--seed", str(seed), "--folder", str(folder)]
    command = [sys.executable, "-m", "tests.drills", *asked]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_gateway_and_device_killed_at_any_moment_lose_nothing_saved_and_count_nothing_twice(tmp_path: Path) -> None:
    said = drill("devices", 30, 20200129, tmp_path)
    assert "'gateway': 30" in said
    assert "'device': 30" in said


def test_the_lakes_writer_killed_during_its_commits_leaves_a_lake_that_is_the_log(tmp_path: Path) -> None:
    assert "'lake': 40" in drill("lake", 40, 20200130, tmp_path)


def test_the_drill_finds_a_book_that_lost_what_was_saved_and_one_that_counted_twice(tmp_path: Path) -> None:
    from tests import drills

    said = drill("devices", 1, 7, tmp_path)
    assert "faults=[]" in said
    journal = tmp_path / "journal"
    journal.write_text(journal.read_text() + "WH-01/dev-1.lost/9\n")
    outcome = drills.Outcome()
    drills._compare(tmp_path, outcome)
    assert len(outcome.faults) == 1
    assert "WH-01/dev-1.lost/9" in outcome.faults[0]
