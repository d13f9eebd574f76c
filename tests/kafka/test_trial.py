"""The trial on Kafka: two volumes, two workers of each kind, the outcome it has in a folder; again, nothing is new."""

from pathlib import Path

import pytest

from ledger.logs.kafka.cluster import SETTINGS_VARIABLE, Cluster
from ledger.standing import open_standing, position
from processors.trial.__main__ import open_book, wait_for_lake
from processors.trial.cluster import cluster
from processors.trial.findings import examine
from processors.trial.gateway_process import gateway
from processors.trial.materials import read_materials
from processors.trial.plan import Plan
from processors.trial.play import Tally, hand_out_tokens, play, scanners
from tests.kafka.road import Road
from tests.test_trial import only, play_into


def played(plan: Plan, path: Path, url: str) -> Tally:
    with scanners(plan.materials.devices, url, hand_out_tokens(path, plan.materials.devices)) as door:
        return play(plan, door, lambda done, of: None)


@pytest.mark.drill
def test_on_a_cluster_the_same_is_found_as_in_a_folder_and_a_second_run_admits_nothing_twice(
    broker: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    road = Road(Cluster((broker,), prefix="trial-", session_seconds=3), tmp_path)
    monkeypatch.setenv(SETTINGS_VARIABLE, str(road.folder / "kafka.toml"))
    plan, path, twin = only(read_materials(), "transfer_short"), tmp_path / "book", tmp_path / "twin"
    play_into(plan, twin)
    theirs = examine(plan, twin, sent_before=False)
    with cluster(path):
        assert open_book(path, plan) is False
        with gateway(path) as running:
            first = played(plan, path, running.url)
            wait_for_lake(path)
            ours = examine(plan, path, sent_before=False)
            again = played(plan, path, running.url)
    assert (first.admitted, first.surprises) == (plan.documents, [])
    assert (again.admitted, again.already) == (0, plan.documents)
    assert ours.findings == theirs.findings
    assert [finding.found for finding in ours.findings] == [True, True, True]
    assert set(ours.exceptions) == set(theirs.exceptions)
    assert {alert.alert for alert in ours.alerts} == {alert.alert for alert in theirs.alerts}
    book = open_standing(path)
    assert set(position(book)) == {"0", "1"}
    book.close()
