"""The trial that `make run` plays: sound where it means to be, faulty where it says so, every planted fault found."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from ledger.book import Book
from ledger.errors import BookHeld, BrokenEnvironment, WrongUse
from ledger.lake import catch_up
from ledger.lake.views import published
from ledger.scanning import RefusedScan, read_scan
from processors.trial import gateway_process
from processors.trial.__main__ import open_book, run
from processors.trial.drafts import batches
from processors.trial.findings import examine
from processors.trial.materials import SHIPPED, Materials, read_materials
from processors.trial.notices import catalogue
from processors.trial.papers import signed_for
from processors.trial.plan import Plan, make_plan
from processors.trial.planted import planted
from processors.trial.play import BookDoor, Tally, play
from projections.numbering import DIGESTS_KEPT
from tests.conftest import ROOT

SECONDS_MAX = 170


@pytest.fixture(scope="module")
def plan() -> Plan:
    return make_plan()


@pytest.fixture(scope="module")
def played(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Tally]:
    path = tmp_path_factory.mktemp("trial") / "book"
    return path, play_into(plan, path)


def play_into(plan: Plan, path: Path) -> Tally:
    """Play straight into a book, without the gateway, and bring its lake up to it."""
    open_book(path, plan)
    book = Book.open(path, writable=True)
    tally = play(plan, BookDoor(book), lambda done, of: None)
    book.close()
    catch_up(path)
    return tally


def only(materials: Materials, name: str, **changed: Any) -> Plan:
    """Plan one fault of the trial and nothing else; `changed` alters the documents that have a label."""
    fault = next(f for f in materials.faults if f["name"] == name)
    documents = [{**d, **changed} if "label" in d else d for d in fault["document"]]
    small = replace(materials, faults=({**fault, "document": documents},), notice_balances={})
    sent, labelled = batches(signed_for(small, [*catalogue(small), *planted(small)]))
    return Plan(small, sent, labelled, small.faults, {})


def test_the_trial_is_as_large_as_it_must_be(plan: Plan) -> None:
    sites = {d.identity.split("/")[0] for b in plan.batches for d in b.documents if d.identity}
    assert plan.documents >= 2_000
    assert len({batch.device.name for batch in plan.batches}) >= 12
    assert len({batch.recorded_at.date() for batch in plan.batches}) >= 5
    assert len(sites - {"*"}) >= 5


def test_two_plans_are_the_same_bytes(plan: Plan) -> None:
    assert make_plan().batches == plan.batches


def test_no_source_sends_more_than_the_book_can_recognise_on_a_second_run(plan: Plan) -> None:
    written = Counter(d.identity.rpartition("/")[0] for b in plan.batches for d in b.documents if d.identity)
    assert max(written.values()) <= DIGESTS_KEPT


def test_every_document_gets_the_result_that_was_planned(played: tuple[Path, Tally], plan: Plan) -> None:
    tally = played[1]
    assert not tally.surprises
    assert tally.quarantined == 5
    assert tally.already == 1
    assert tally.admitted == plan.documents - 6


def test_ordinary_documents_are_recorded_within_a_day(plan: Plan) -> None:
    late = {
        d.identity for b in plan.batches for d in b.documents if late_by(d.raw, b.recorded_at) > timedelta(hours=24)
    }
    assert late == {plan.labelled["gown-late"].identity}


def late_by(raw: bytes, recorded_at: Any) -> timedelta:
    found = re.search(rb'"happened_at":"([^"]+)"', raw)
    return recorded_at - type(recorded_at).fromisoformat(found[1].decode()) if found else timedelta()


def test_the_book_agrees_with_the_notices_and_with_shelves_that_know_nothing_of_it(
    played: tuple[Path, Tally], plan: Plan
) -> None:
    book = Book.open(played[0])
    on_hand: defaultdict[tuple[str, str], int] = defaultdict(int)
    for (site, item, _), balance in book.folds.stock.balances.items():
        on_hand[site, item] += balance.on_hand
    book.close()
    assert {key: on_hand[key] for key in plan.on_hand} == plan.on_hand
    balances = plan.materials.notice_balances
    assert {item: on_hand["CITY", item] for item in balances} == balances


def test_the_bad_barcode_is_one_the_scanner_refuses(plan: Plan) -> None:
    line = json.loads(plan.labelled["merged-scan"].raw)["lines"][0]
    assert isinstance(read_scan(line["scan"]), RefusedScan)


def test_every_planted_fault_is_found_by_name_and_nothing_sound_is_called_faulty(
    played: tuple[Path, Tally], plan: Plan
) -> None:
    outcome = examine(plan, played[0], sent_before=False)
    assert [f for f in outcome.findings if not f.found] == []
    assert outcome.exceptions == ()
    assert outcome.ok


def test_every_audit_has_something_planted_for_it(plan: Plan) -> None:
    audits = {view.name for view in published() if view.is_audit}
    assert audits <= {find["by"] for fault in plan.faults for find in fault["find"]}


def test_the_document_of_the_trial_names_every_planted_fault_and_its_size(plan: Plan) -> None:
    text = (ROOT / "docs" / "trial.md").read_text(encoding="utf-8")
    rows = [f"| `{fault['name']}` | {fault['en']} | {fault['zh']} |" for fault in plan.faults]
    assert [row for row in rows if row not in text] == []
    assert f"{plan.documents:,} documents of {len({b.device.name for b in plan.batches})} sources" in text


def test_a_second_play_admits_nothing_twice(plan: Plan, tmp_path: Path) -> None:
    first = play_into(plan, tmp_path / "book")
    second = play_into(plan, tmp_path / "book")
    assert second.admitted == 0
    assert second.already == first.admitted + 1
    assert not second.surprises
    assert examine(plan, tmp_path / "book", sent_before=True).ok


def test_a_sound_document_in_place_of_a_planted_fault_is_missed_by_name(tmp_path: Path) -> None:
    sound = only(read_materials(), "issue_without_approval", approval="批-9")
    play_into(sound, tmp_path / "book")
    outcome = examine(sound, tmp_path / "book", sent_before=False)
    assert [(f.fault, f.found) for f in outcome.findings] == [("issue_without_approval", False)]
    assert not outcome.ok


def test_a_fault_nobody_planted_is_an_exception(tmp_path: Path) -> None:
    faulty = only(read_materials(), "issue_without_approval")
    play_into(faulty, tmp_path / "book")
    unsaid = replace(faulty, faults=())
    outcome = examine(unsaid, tmp_path / "book", sent_before=False)
    assert [e.by for e in outcome.exceptions] == ["audit_issue_without_approval"]
    assert not outcome.ok


def test_a_run_ends_with_1_when_one_planted_fault_is_not_found(tmp_path: Path) -> None:
    materials = read_materials()
    assert run(only(materials, "issue_without_approval"), tmp_path / "found", once=True) == 0
    assert run(only(materials, "issue_without_approval", lost=True), tmp_path / "lost", once=True) == 1


def test_the_whole_trial_runs_over_http_and_a_second_run_admits_nothing_and_serves(plan: Plan, tmp_path: Path) -> None:
    first = start(tmp_path, BAOGONG_LANG="en", ONCE="1")
    said, errors = first.communicate(timeout=SECONDS_MAX)
    assert first.returncode == 0, said + errors
    assert "✗" not in said.replace("✓/✗", "")
    assert "0 already admitted" not in errors
    assert "Exceptions: none" in errors
    second = start(tmp_path, BAOGONG_LANG="zh", ONCE="")
    try:
        url = wait_for_url(second)
        assert httpx.get(f"{url}/healthz", timeout=10).status_code == 200
    finally:
        second.send_signal(signal.SIGINT)
        _, errors = second.communicate(timeout=SECONDS_MAX)
    assert second.returncode == 0, errors
    assert f"新入账 0,此前已入账 {plan.documents - 5},隔离 5" in errors.replace("\n", "")
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/healthz", timeout=10)


def start(folder: Path, **environment: str) -> subprocess.Popen[str]:
    """Start the trial as `make run` does."""
    return subprocess.Popen(
        [sys.executable, "-m", "processors.trial"], cwd=ROOT, text=True, encoding="utf-8",
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "BAOGONG_TRIAL_BOOK": str(folder / "trial"), "COLUMNS": "240", **environment},
    )  # fmt: skip


def wait_for_url(process: subprocess.Popen[str]) -> str:
    """Read what the trial prints until it says where it serves."""
    assert process.stdout is not None
    for line in process.stdout:
        found = re.search(r"正在服务:(http://[\d.:]+)", line)
        if found:
            return found[1]
    pytest.fail("the trial ended before it served")


def test_a_port_that_is_taken_is_left_to_who_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        monkeypatch.setattr(gateway_process, "PREFERRED_PORT", other.getsockname()[1])
        assert gateway_process.free_port() == 0
    assert gateway_process.free_port() == gateway_process.PREFERRED_PORT


def test_the_trial_never_plays_into_a_book_that_is_not_its_own(plan: Plan, tmp_path: Path) -> None:
    Book.create(tmp_path / "book", nature="real", title="市应急物资账").close()
    with pytest.raises(WrongUse, match="another book"):
        open_book(tmp_path / "book", plan)


def test_a_second_window_is_told_that_the_trial_is_still_serving(plan: Plan, tmp_path: Path) -> None:
    open_book(tmp_path / "book", plan)
    serving = Book.open(tmp_path / "book", writable=True)
    with pytest.raises(BookHeld):
        open_book(tmp_path / "book", plan)
    serving.close()


def test_a_shipped_file_that_is_missing_is_named(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED, tmp_path / "shipped")
    (tmp_path / "shipped" / "lots.csv").unlink()
    with pytest.raises(BrokenEnvironment, match=r"lots\.csv"):
        read_materials(tmp_path / "shipped")


def test_a_gateway_that_cannot_start_is_said_with_its_log(tmp_path: Path) -> None:
    with pytest.raises(BrokenEnvironment, match=r"nowhere\.log"), gateway_process.gateway(tmp_path / "nowhere"):
        pytest.fail("there is no book to serve")
