"""(A10, I3, J) Any view or audit over two clocks: as of one moment, as known at another, is the book as it was then.

A book that was written only so far is the yardstick: asked now, it must answer what the whole book answers about then.
"""

import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from duckdb import DuckDBPyConnection

from ledger.lake import Clocks, Lake, catch_up
from ledger.lake.views import published
from tests.audit_steps import Step, day
from tests.on_disk import OnDisk, rows
from tests.spec import Doc, described, document, issued, received
from tests.test_audits import CASES

AUDITS = [view for view in published() if view.is_audit]
CUT = datetime.fromisoformat(day(3))
"""Within the days of the cases: much has happened by then, and much has not."""
OF_A_PAGE = {"seq", "first_seq", "last_seq", "page", "place"}
"""Where an entry stands depends on what came before it; what it says does not."""


def at(step: Step) -> datetime:
    return datetime.fromisoformat(step[0])


def happened(step: Step) -> datetime:
    return datetime.fromisoformat(step[1].fields["happened_at"])


def told(folder: Path, kept: Callable[[Step], bool]) -> OnDisk:
    """Play every case of every audit, sending only the steps kept."""
    disk = OnDisk(folder / "book")
    disk.admit(described(箱=700))
    steps: list[Step] = []
    for name, (play, faulty, sound, _) in CASES.items():
        for site, fields in ((f"F-{name}", faulty), (f"S-{name}", sound)):
            steps += play(disk, site, **fields)
            disk.admit(
                document("site_described", "*", "desk.t1", describes=site, name=site, district="d", site_kind="store")
            )
    for recorded, sent in sorted(steps, key=at):
        if kept((recorded, sent)):
            disk.submit(sent, recorded=recorded)
    catch_up(disk.book)
    return disk


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> OnDisk:
    return told(tmp_path_factory.mktemp("whole"), lambda step: True)


@pytest.fixture(scope="module")
def known_then(
    whole: OnDisk, tmp_path_factory: pytest.TempPathFactory
) -> tuple[DuckDBPyConnection, DuckDBPyConnection]:
    """Give the whole book as known at a moment, and the book that ended then."""
    part = told(tmp_path_factory.mktemp("known"), lambda step: at(step) <= CUT)
    return Lake.connect(whole.path, clocks=Clocks(known_by=CUT), still=True), Lake.connect(part.path, still=True)


@cache
def said(lake: DuckDBPyConnection, view: str) -> list[tuple[Any, ...]]:
    found = [tuple(v for k, v in row.items() if k not in OF_A_PAGE) for row in rows(lake, f"FROM {view}")]
    return sorted(found, key=repr)


@pytest.mark.parametrize("view", AUDITS, ids=lambda view: view.name)
def test_an_audit_as_known_at_a_moment_is_the_audit_of_the_book_as_it_stood(
    view: Any, known_then: tuple[DuckDBPyConnection, DuckDBPyConnection]
) -> None:
    """(A10, J)"""
    asked, stood = known_then
    assert said(asked, view.name) == said(stood, view.name)


def test_the_moment_asked_about_tells_faults_from_none(
    known_then: tuple[DuckDBPyConnection, DuckDBPyConnection],
) -> None:
    """(A10) Else the test above would show nothing."""
    found = [view.name for view in AUDITS if said(known_then[0], view.name)]
    assert len(AUDITS) // 4 < len(found) < len(AUDITS) * 3 // 4, found


def test_what_had_not_happened_yet_is_not_there_though_it_was_recorded(tmp_path: Path) -> None:
    """(A10) A late entry is in the stock as of its moment, but not as known before it came. The clock stands still."""
    disk = OnDisk(tmp_path / "book")
    disk.admit(described(), received(100, expires_on="2020-02-10", lot="L").at(day(1)), recorded=day(1, 9))
    disk.admit(issued(30, lot="L", source="late.t1").at(day(2)), recorded=day(6))
    disk.admit(issued(5, lot="L").at(day(12)), recorded=day(12, 9))
    catch_up(disk.book)

    def on_hand(happened_by: str | None, known_by: str | None) -> list[tuple[int, int]]:
        moments = [datetime.fromisoformat(m) if m else None for m in (happened_by, known_by)]
        lake = Lake.connect(disk.path, clocks=Clocks(*moments))
        return [(r["on_hand"], r["expired"]) for r in rows(lake, "FROM stock")]

    assert on_hand(None, None) == [(65, 65)]
    assert on_hand(day(11), None) == [(70, 70)]
    assert on_hand(day(3), None) == [(70, 0)]
    assert on_hand(day(3), day(4)) == [(100, 0)]
    assert on_hand(None, day(4)) == [(100, 0)]


def baogong(book: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from ledger.cli import main; main()", *arguments, "--book", str(book)]
    return subprocess.run([*command, "--lang", "en"], capture_output=True, text=True, check=False)


def test_an_auditor_asks_any_audit_over_two_clocks_with_one_command(tmp_path: Path) -> None:
    """(J, A10) Exit code 1 when there was a fault then, 0 when there was none yet."""
    disk = OnDisk(tmp_path / "book")
    disk.admit(described(), recorded=day(1))
    wrong: Doc = issued(5).at(day(2))
    disk.admit(wrong, recorded=day(2, 9))
    disk.book.close()
    audit = ("audit", "run", "issue_without_approval", "--format", "json")
    assert baogong(disk.path, *audit).returncode == 1
    assert baogong(disk.path, *audit, "--known-by", "2020-02-02T08:30:00").returncode == 0
    assert baogong(disk.path, *audit, "--known-by", "2020-02-02T01:30:00+0000").returncode == 1
    assert baogong(disk.path, *audit, "--happened-by", "2020-02-01").returncode == 0
    asked = baogong(
        disk.path, "audit", "sql", "SELECT on_hand FROM stock", "--happened-by", "2020-02-01", "--format", "csv"
    )
    assert (asked.returncode, asked.stdout.split()) == (0, ["on_hand"]), asked.stderr
