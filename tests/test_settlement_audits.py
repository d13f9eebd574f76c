"""Hands that must be apart, and policy by site in SQL: more of what the audits of settlements find (F13, A10)."""

import pytest
from duckdb import DuckDBPyConnection

from tests.audit_steps import day
from tests.audits_of_settlements import HANDS, hands
from tests.on_disk import OnDisk, rows
from tests.spec import adjusted, counted, described, document, received


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> DuckDBPyConnection:
    disk = OnDisk(tmp_path_factory.mktemp("hands") / "book")
    disk.admit(described(箱=700))
    for number, roles in enumerate(HANDS):
        for recorded, sent in hands(disk, f"H-{number}", roles):
            disk.submit(sent, recorded=recorded)
    count = disk.number(counted(9, site="C-1").at(day(5)))
    disk.admit(received(10, site="C-1").at(day(5)), count, recorded=day(5, 9))
    disk.admit(adjusted(-1, count, site="C-1").but(approved_by="keeper-1").at(day(5)), recorded=day(5, 10))
    slack = {"key": "backdated_hours", "scope": {"site": "C-2"}, "reason": "plan", "effective_from": day(1)}
    disk.admit(document("policy_set", "*", "desk.t1", value=72, **slack), recorded=day(5, 11))
    for site in ("C-2", "C-3"):
        disk.admit(received(1, site=site).at(day(4)), recorded=day(6))
    strict = slack | {"scope": {"site": "C-4"}}
    disk.admit(
        document("policy_set", "*", "desk.t1", value=2, **strict),
        received(1, site="C-4").at(day(6)),
        recorded=day(6, 12),
    )
    return disk.lake()


def test_one_person_in_two_roles_is_a_row_for_each_pair_that_must_be_apart(lake: DuckDBPyConnection) -> None:
    """(F13) Two teams, need and supply, fetching, recording, issuing, approving."""
    found = {(r["site"], r["roles"]) for r in rows(lake, "FROM audit_hands_not_apart WHERE site LIKE 'H-%'")}
    assert found == {(f"H-{number}", roles) for number, roles in enumerate(HANDS)}


def test_who_adjusts_does_not_approve(lake: DuckDBPyConnection) -> None:
    """(F13, A5, J) Who counted, adjusted and approved the same stock; the counter is in an audit of its own."""
    found = rows(lake, "SELECT roles, person FROM audit_hands_not_apart WHERE site = 'C-1'")
    assert found == [{"roles": "approved, recorded", "person": "keeper-1"}]


def test_how_late_an_entry_may_be_recorded_is_policy_of_its_site(lake: DuckDBPyConnection) -> None:
    """(A10, J) Within 72 hours at one, within 24 where nobody said, within 2 at another."""
    found = rows(lake, "SELECT site FROM audit_backdated_entry WHERE site IN ('C-2', 'C-3', 'C-4') ORDER BY site")
    assert [r["site"] for r in found] == ["C-3", "C-4"]
