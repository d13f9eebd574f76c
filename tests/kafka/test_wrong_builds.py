"""Builds broken on purpose, beside those of `test_damage`: what compares pages, balances and documents notices each."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ledger.logs.kafka.cluster import Cluster
from ledger.logs.kafka.verifying import verify_volume
from tests.kafka.road import Follower, Road
from tests.kafka.test_damage import OUR_BUG, build
from tests.spec import described, received

SNAPSHOT_AHEAD = """
import os
from ledger.logs.kafka import keeping
from processors import folding
keeping.BYTES_A_SNAPSHOT = 0
async def keep_before_it_is_said(agent, taken):
    volumes = [agent.volumes[number] for number in taken]
    messages = [message for volume in volumes for message in volume.take_all(taken[volume.volume])]
    for volume in volumes:
        volume.said()
    if any(volume.chain.page > 2 for volume in volumes):
        os._exit(9)
    await agent.sending.send(messages)
folding.FoldAgent.take = keep_before_it_is_said
"""
"""Stores a snapshot of the stock before the balances it includes are sent, and is killed between the two."""
FAILING = """
decide = admitting.AdmittedVolume.decide
def failing(volume, record):
    if b"misfortune" in (record.value or b""):
        raise ValueError("a bug of ours")
    return decide(volume, record)
admitting.AdmittedVolume.decide = failing
"""
"""Has a bug that one submission brings to light."""
ESCAPING = f"""
from contextlib import contextmanager
from processors import watchdog
watchdog.Watch.work = contextmanager(lambda watch: iter([None]))
{FAILING}"""
"""The same bug, in a build that lets the error escape the agent instead of ending the process."""


@pytest.fixture
def kept(cluster: Cluster, tmp_path: Path) -> Iterator[Road]:
    """Give a road whose workers keep snapshots."""
    road = Road(replace(cluster, state=tmp_path / "state"), tmp_path)
    road.open()
    yield road
    road.stop()


@pytest.mark.drill
def test_a_snapshot_ahead_of_its_output_leaves_a_gap_in_the_balances_that_verify_names(
    kept: Road, tmp_path: Path
) -> None:
    kept.start("admission")
    wrong = kept.start("folds", "f1", build(tmp_path, SNAPSHOT_AHEAD))
    kept.wait_admitted(kept.submit([described().but(number=1).bytes()]))
    kept.wait_folded()
    kept.submit([received(5).but(number=1).bytes()])
    assert wrong.wait(timeout=60) == 9
    kept.start("folds", "f1")
    kept.wait_admitted(kept.submit([received(5).but(number=2).bytes()]))
    kept.wait("the balances of the last page", lambda: kept.reader.bounds("balances", 0)[1] > 2)
    balances = verify_volume(kept.reader, 0).checks[2]
    assert balances.differing > 0
    assert "lack page 3 " in balances.first_difference


@pytest.mark.drill
def test_a_build_in_which_an_error_escapes_the_agent_lives_on_without_admitting_and_what_was_sent_is_missed(
    road: Road, tmp_path: Path
) -> None:
    wrong = road.start("admission", "a1", build(tmp_path, ESCAPING))
    road.wait_admitted(road.submit([described().but(number=1).bytes()]))
    road.submit([b"misfortune"])
    (position,) = road.submit([received(5).but(number=1).bytes()]).values()
    with pytest.raises(AssertionError, match="not within 8 s: page of submission"):
        road.wait_admitted({0: position}, seconds=8)
    assert wrong.poll() is None, "it lives, and admits nothing"
    assert Follower(road.reader, 0).at() == 1
    road.kill(wrong)

    right = road.start("admission", "a1", build(tmp_path, FAILING))
    assert right.wait(timeout=60) == OUR_BUG
    assert "a bug of ours" in road.log()
    road.start("admission", "a1")
    road.wait_admitted({0: position})
