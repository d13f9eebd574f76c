"""Every audit finds the fault it is about and leaves sound work alone: one book, two sites an audit (F-… and S-…)."""

from datetime import datetime
from typing import Any

import pytest
from duckdb import DuckDBPyConnection

from ledger.lake.views import published
from tests import audits_of_gifts, audits_of_record, audits_of_settlements, audits_of_watching
from tests.audit_steps import Case, Step, day, on_time
from tests.on_disk import OnDisk, rows
from tests.spec import (
    Doc,
    adjusted,
    counted,
    described,
    document,
    donated,
    issued,
    line,
    received,
    released,
    reversal,
)  # fmt: skip

AUDITS = [v.name for v in published() if v.is_audit]


def _count_difference(disk: OnDisk, site: str, *, found: int) -> list[Step]:
    return [*on_time(day(1), received(100, site=site)), *on_time(day(2), counted(found, site=site))]


def _negative_moment(disk: OnDisk, site: str, *, first: int) -> list[Step]:
    return [
        *on_time(day(1), received(first, site=site)), *on_time(day(2), issued(40, site=site, approval="A")),
        *on_time(day(2), received(60 - first, site=site)),
        *on_time(day(2, 20), issued(20, site=site, approval="A")),
    ]  # fmt: skip


def _backdated(disk: OnDisk, site: str, *, recorded: str) -> list[Step]:
    late = issued(30, site=site, source="late.t1", approval="A").at(day(2))
    return [*on_time(day(1), received(100, site=site)), *on_time(day(2, 9), counted(100, site=site)), (recorded, late)]


def _number_gap(disk: OnDisk, site: str, *, number: int) -> list[Step]:
    return on_time(day(1), received(1, site=site), received(1, site=site).but(number=number))


def _late_number(disk: OnDisk, site: str, *, last: int) -> list[Step]:
    numbers = (1, 3, 2, 4) if last == 2 else (1, 2, 3, 4)
    return [s for i, n in enumerate(numbers) for s in on_time(day(1, 8 + i), received(1, site=site).but(number=n))]


def _repeated(disk: OnDisk, site: str, *, times: int) -> list[Step]:
    return on_time(day(1), received(1, site=site).but(number=1)) * times


def _conflicting(disk: OnDisk, site: str, *, number: int) -> list[Step]:
    return on_time(day(1), received(1, site=site).but(number=1), received(2, site=site).but(number=number))


def _fefo(disk: OnDisk, site: str, *, lot: str) -> list[Step]:
    near = received(10, site=site, lot="near", expires_on="2020-06-01")
    far = received(10, site=site, lot="far", expires_on="2021-06-01")
    gone = received(10, site=site, lot="gone", expires_on="2020-01-31")
    out = issued(5, site=site, lot=lot, approval="A", note="why")
    return [*on_time(day(1), near, far, gone), *on_time(day(2), out)]


def _held(disk: OnDisk, site: str, *, quantity: int) -> list[Step]:
    held = received(10, site=site, lot="L", awaiting_disinfection=True)
    return [
        *on_time(day(1), held, received(5, site=site, lot="L")),
        *on_time(day(2), issued(quantity, site=site, lot="L", approval="A")),
    ]


def _expired(disk: OnDisk, site: str, *, until: str) -> list[Step]:
    return [
        *on_time(day(1), received(10, site=site, lot="L", expires_on=until)),
        *on_time(day(5), issued(1, site=site, lot="L", approval="A")),
        *on_time(day(20), issued(1, site=site, lot="L", approval="A", use="write_off")),
    ]


def _approval(disk: OnDisk, site: str, **fields: Any) -> list[Step]:
    return [*on_time(day(1), received(10, site=site)), *on_time(day(2), issued(1, site=site, **fields))]


def _diverted(disk: OnDisk, site: str, *, release: bool) -> list[Step]:
    freed = [released(50, "Hospital A", site=site)] if release else []
    return [
        *on_time(day(1), donated(50, designated="Hospital A", site=site), received(50, site=site)),
        *on_time(day(2), *freed), *on_time(day(3), issued(60, "Hospital B", site=site, approval="A")),
    ]  # fmt: skip


def _counter(disk: OnDisk, site: str, *, by: str) -> list[Step]:
    count = disk.number(counted(9, site=site).at(day(2)))
    return [
        *on_time(day(1), received(10, site=site, source="desk-1.t1")), *on_time(day(2), count),
        *on_time(day(3), adjusted(-1, count, site=site, recorded_by=by)),
    ]  # fmt: skip


def _reversed(disk: OnDisk, site: str, *, undo: bool) -> list[Step]:
    wrong = disk.number(received(10, site=site).at(day(1)))
    after = [reversal(wrong), received(11, site=site)] if undo else [received(11, site=site)]
    return [*on_time(day(1), wrong), *on_time(day(2), *after)]


def _mismatch(disk: OnDisk, site: str, *, sent: bool) -> list[Step]:
    wrong = received(10, site=site).but(number=7).at(day(1))
    return [*(on_time(day(1), wrong) if sent else []), *on_time(day(2), reversal(wrong, source="desk-1.t1"))]


def _disclosed(disk: OnDisk, site: str, *, donor: str) -> list[Step]:
    first = donated(144, "donor-1", site=site).but(donation={"donor": "donor-1", "disclosure": "notice 7 row 3"})
    two = [line(150, number=1), line(12, number=2, lot="x")]
    again = donated(1, "donor-1", site=site).but(donation={"donor": donor, "disclosure": "notice 8 row 9"}, lines=two)
    also = donated(12, "donor-1", site=site).but(donation={"donor": "donor-1", "disclosure": "notice 7 row 4"})
    return [*on_time(day(1), first, also), *on_time(day(2), again)]


def _unknown(disk: OnDisk, site: str) -> list[Step]:
    return on_time(day(1), received(10, site=site))


CASES: dict[str, Case] = {
    "audit_count_difference": (_count_difference, {"found": 95}, {"found": 100}, {"difference": -5, "status": "open"}),
    "audit_negative_moment": (_negative_moment, {"first": 1}, {"first": 41},
                              {"balance_before": 1, "balance_after": -39, "clock": "recorded"}),
    "audit_backdated_entry": (_backdated, {"recorded": day(9)}, {"recorded": day(3, 7)},
                              {"balance_before": 100, "balance_after": 70, "hours_late": 168}),
    "audit_number_gap": (_number_gap, {"number": 5}, {"number": 2}, {"first": 2, "last": 4, "status": "missing"}),
    "audit_late_number": (_late_number, {"last": 2}, {"last": 4}, {"number": 2, "overtaken_by": 3}),
    "audit_repeated_document": (_repeated, {"times": 3}, {"times": 1}, {"times": 2}),
    "audit_conflicting_document": (_conflicting, {"number": 1}, {"number": 2}, {"reason": "number_reused"}),
    "audit_fefo_skip": (_fefo, {"lot": "far"}, {"lot": "near"},
                        {"earlier_lot": "near", "earlier_on_hand": 10, "why": "why"}),
    "audit_held_issued": (_held, {"quantity": 6}, {"quantity": 5}, {"on_hand": 9, "held": 10}),
    "audit_expired_issued": (_expired, {"until": "2020-02-04"}, {"until": "2020-02-05"}, {"lot": "L"}),
    "audit_issue_without_approval": (_approval, {}, {"approval": "A-1"}, {"quantity": 1, "receiver": "Ward 1"}),
    "audit_designated_diverted": (_diverted, {"release": False}, {"release": True},
                                  {"kept_for": "Hospital A", "reserved": 50, "on_hand": 40}),
    "audit_counter_adjusted": (_counter, {"by": "counter-1"}, {"by": "keeper-2"},
                               {"person": "counter-1", "roles": "adjusted"}),
    "audit_reversed_entry": (_reversed, {"undo": True}, {"undo": False},
                             {"original_kind": "goods_received", "replaced_by": "F-audit_reversed_entry/dev-1.t1/3"}),
    "audit_reversal_mismatch": (_mismatch, {"sent": False}, {"sent": True}, {"status": "not in the book"}),
    "audit_duplicate_disclosure": (_disclosed, {"donor": "donor-1"}, {"donor": "donor-2"},
                                   {"quantity": 150, "earlier_quantity": 144, "status": "quantity changed"}),
    "audit_unknown_site": (_unknown, {}, {}, {"entries": 1}),
    **audits_of_gifts.CASES,
    **audits_of_record.CASES,
    **audits_of_settlements.CASES,
    **audits_of_watching.CASES,
}  # fmt: skip
"""Audit → how to play it, what makes it faulty, what makes it sound, and what its first row must say."""


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> DuckDBPyConnection:
    """Give one book in which every case was played, in the order of time recorded."""
    disk = OnDisk(tmp_path_factory.mktemp("audits") / "book")
    disk.admit(described(箱=700))
    steps: list[Step] = []
    for name, (play, faulty, sound, _) in CASES.items():
        for site, fields in ((f"F-{name}", faulty), (f"S-{name}", sound)):
            steps += play(disk, site, **fields)
            if site != "F-audit_unknown_site":
                disk.admit(_site(site))
    for recorded, sent in sorted(steps, key=lambda step: datetime.fromisoformat(step[0])):
        disk.submit(sent, recorded=recorded)
    return disk.lake()


def _site(site: str) -> Doc:
    return document("site_described", "*", "desk.t1", describes=site, name=site, district="d", site_kind="store")


def test_every_audit_has_a_case() -> None:
    assert sorted(CASES) == sorted(AUDITS)


@pytest.mark.parametrize("audit", AUDITS)
def test_the_audit_finds_the_fault_and_says_where(audit: str, lake: DuckDBPyConnection) -> None:
    found = rows(lake, f"SELECT * FROM {audit} WHERE site = $1 ORDER BY ALL", [f"F-{audit}"])
    said = CASES[audit][3]
    assert any(said.items() <= row.items() for row in found), found
    assert {"entry", "site", "item", "happened_at", "what"} <= found[0].keys()
    assert all(row["entry"] and row["happened_at"] and row["what"] for row in found)


@pytest.mark.parametrize("audit", AUDITS)
def test_the_audit_leaves_sound_work_alone(audit: str, lake: DuckDBPyConnection) -> None:
    assert rows(lake, f"SELECT * FROM {audit} WHERE site = $1", [f"S-{audit}"]) == []


def test_a_late_entry_names_the_counts_it_changed(lake: DuckDBPyConnection) -> None:
    found = rows(lake, "SELECT counts_changed FROM audit_backdated_entry WHERE site = 'F-audit_backdated_entry'")
    assert found == [{"counts_changed": "F-audit_backdated_entry/dev-1.t1/2"}]


def test_what_moved_at_one_instant_is_one_moment(lake: DuckDBPyConnection) -> None:
    found = rows(lake, "SELECT clock FROM audit_negative_moment WHERE site = 'F-audit_negative_moment'")
    assert found == [{"clock": "recorded"}]


@pytest.mark.parametrize("view", [v for v in published() if v.is_audit], ids=lambda v: v.name)
def test_the_example_of_an_audit_runs_and_shows_something(view: Any, lake: DuckDBPyConnection) -> None:
    assert rows(lake, view.example), view.example
