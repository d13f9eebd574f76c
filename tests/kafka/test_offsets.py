"""An offset committed for work that was not done loses nothing. Kills of every kind are in `tests.kafka.drills`."""

import pytest
from kafka import KafkaConsumer, OffsetAndMetadata, TopicPartition

from ledger.logs.kafka.wire import PAGES, SUBMISSIONS
from tests.kafka.road import Road
from tests.spec import described, received


@pytest.mark.parametrize(("role", "topic"), [("admission", SUBMISSIONS), ("folds", PAGES)])
def test_an_offset_committed_for_work_that_was_not_done_loses_nothing(role: str, topic: str, road: Road) -> None:
    road.submit([described().but(number=1).bytes()])
    last = road.submit([received(5).but(number=1).bytes()])
    if role == "folds":
        admission = road.start("admission")
        road.wait_admitted(last)
        road.kill(admission)
    at = TopicPartition(road.cluster.topic(topic), 0)
    group = road.cluster.group(role)
    consumer = KafkaConsumer(**road.cluster.client(), group_id=group, enable_auto_commit=False)
    consumer.assign([at])
    consumer.commit({at: OffsetAndMetadata(road.reader.bounds(topic, 0)[1], "", -1)})
    consumer.close()
    road.start(role)
    if role == "admission":
        road.wait_admitted(last)
    else:
        road.wait_folded()
        (replayed,) = road.verify()
        assert replayed.checks[2].compared > 1
