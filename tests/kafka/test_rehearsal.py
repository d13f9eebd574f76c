"""The rehearsal on Kafka: ten days of a district in two volumes, and what each rule did is what it does in a folder."""

from pathlib import Path

import pytest

from ledger.logs.kafka.cluster import SETTINGS_VARIABLE, Cluster
from ledger.standing import open_standing
from processors.rehearsal.plan import read_plan
from processors.rehearsal.playing import rehearse
from processors.rehearsal.show import rules
from processors.trial.cluster import cluster
from tests.conftest import ROOT
from tests.kafka.road import Road

DISTRICT = ROOT / "examples" / "plans" / "district.toml"


def figures(path: Path) -> dict[tuple[str, str, str], tuple[int, int]]:
    """Return on hand and held of every lot, whichever volume its site is in."""
    book = open_standing(path)
    try:
        return {key: (b.on_hand, b.held) for folds in book.volumes for key, b in folds.stock.balances.items()}
    finally:
        book.close()


@pytest.mark.drill
def test_a_district_in_two_volumes_is_rehearsed_with_the_outcome_it_has_in_a_folder(
    broker: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """(Q1) Sites of one transfer, gift, loan or settlement may stand in two volumes: no rule sees a difference."""
    road = Road(Cluster((broker,), prefix="rehearsal-", session_seconds=3), tmp_path)
    monkeypatch.setenv(SETTINGS_VARIABLE, str(road.folder / "kafka.toml"))
    plan, path, twin = read_plan(DISTRICT), tmp_path / "book", tmp_path / "twin"
    theirs = rehearse(plan, twin)
    with cluster(path):
        ours = rehearse(plan, path)
    assert ours.tally.surprises == []
    assert [finding for finding in ours.outcome.findings if not finding.found] == []
    assert ours.outcome.exceptions == ()
    assert [row for row in ours.report.rows if row.differing] == []
    assert (ours.ok, theirs.ok) == (True, True)
    for day, alerts in theirs.days.items():
        assert {alert.alert for alert in ours.days[day]} == {alert.alert for alert in alerts}, day
    assert rules(path, ours) == rules(twin, theirs)
    assert figures(path) == figures(twin)
