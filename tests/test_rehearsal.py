"""The rehearsal of a district: sound days are called sound, each planted fault is found, a lost one is missed."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ledger.book import Book
from ledger.errors import WrongUse
from ledger.lake import catch_up
from processors.rehearsal.plan import read_plan
from processors.rehearsal.playing import by_day, open_at_end_of
from processors.trial.findings import Outcome, examine
from processors.trial.plan import Plan
from processors.trial.play import BookDoor, Tally, play
from schemas.alerts import Alert
from tests.conftest import ROOT

DISTRICT = ROOT / "examples" / "plans" / "district.toml"


def played(plan: Plan, path: Path) -> tuple[Tally, Outcome, dict[str, tuple[Alert, ...]]]:
    """Play straight into a book, without the gateway, looking at every day's end."""
    opened_at = plan.batches[0].recorded_at - timedelta(minutes=1)
    book = Book.create(path, nature="rehearsal", title=plan.title, opened_at=opened_at)
    tally, days = Tally(), {}
    for day, part in by_day(plan):
        tally.add(play(part, BookDoor(book), lambda done, of: None))
        days[day] = open_at_end_of(path, part.batches[-1].recorded_at)
    book.close()
    catch_up(path)
    seen = tuple(alert for alerts in days.values() for alert in alerts)
    return tally, examine(plan, path, sent_before=False, seen=seen), days


def test_two_plans_of_one_seed_are_the_same_bytes_and_of_another_are_not(tmp_path: Path) -> None:
    assert read_plan(DISTRICT).batches == read_plan(DISTRICT).batches
    other = tmp_path / "other.toml"
    other.write_text(DISTRICT.read_text(encoding="utf-8").replace("seed = 20220301", "seed = 7"), encoding="utf-8")
    assert read_plan(other).batches != read_plan(DISTRICT).batches


def test_every_planted_fault_is_found_and_nothing_sound_is_called_faulty(tmp_path: Path) -> None:
    """(Q1, J) Ten days, three rounds, kits, returnables, gifts, loans, class changes, counts, a night release."""
    plan = read_plan(DISTRICT)
    tally, outcome, days = played(plan, tmp_path / "book")
    assert tally.admitted == plan.documents
    assert outcome.exceptions == ()
    assert [f for f in outcome.findings if not f.found] == []
    assert len(days) >= 10


@pytest.mark.parametrize("seed", [1])
def test_a_district_without_faults_has_none_whatever_the_seed(seed: int, tmp_path: Path) -> None:
    """(Q1) The sound story alone."""
    text = DISTRICT.read_text(encoding="utf-8")
    sound = tmp_path / "sound.toml"
    sound.write_text(text[: text.index("[[fault]]")].replace("seed = 20220301", f"seed = {seed}\n") + "fault = []\n")
    lines = sound.read_text(encoding="utf-8")
    sound.write_text("fault = []\n" + lines.replace("fault = []\n", ""), encoding="utf-8")
    _, outcome, days = played(read_plan(sound), tmp_path / "book")
    assert outcome.exceptions == ()
    assert "widen_channels" in {alert.kind for alerts in days.values() for alert in alerts}


def test_a_fault_that_was_not_committed_is_said_to_be_missing(tmp_path: Path) -> None:
    whole = read_plan(DISTRICT)
    without = replace(read_plan(DISTRICT, without="diverted_gift"), faults=whole.faults)
    without.labelled["diverted"] = whole.labelled["diverted"]
    _, outcome, _ = played(without, tmp_path / "book")
    assert [f.fault for f in outcome.findings if not f.found] == ["diverted_gift"]
    assert not outcome.ok


def test_a_plan_that_is_none_is_refused_by_its_name(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("[plan]\nseed = 1\n", encoding="utf-8")
    with pytest.raises(WrongUse, match=r"wrong\.toml"):
        read_plan(wrong)


def test_the_command_plays_prints_what_every_rule_did_and_a_second_run_adds_nothing(tmp_path: Path) -> None:
    """(Q1) Through the gateway, as devices would."""
    command = [
        str(Path(sys.executable).parent / "baogong"),
        "rehearse",
        str(DISTRICT),
        "--book",
        str(tmp_path / "book"),
    ]
    first = subprocess.run([*command, "--format", "json"], capture_output=True, text=True, check=False)
    assert first.returncode == 0, first.stdout[-3000:] + first.stderr[-3000:]
    said = json.loads(first.stdout)
    assert said["verified"]
    assert {"A1", "B3", "C3", "F9", "F12", "H1"} <= {row["rule"] for row in said["rules"]}
    second = subprocess.run([*command, "--format", "json"], capture_output=True, text=True, check=True)
    again = json.loads(second.stdout)
    assert (again["admitted"], again["already_admitted"]) == (0, said["admitted"])
