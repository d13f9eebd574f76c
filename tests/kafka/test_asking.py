"""What a worker asks of time: a broker that is away is waited for, and nothing else is passed over."""

import json

import pytest

from ledger.errors import BrokenEnvironment
from ledger.logs.kafka.wire import ALERTS, Outgoing
from processors.asking import unless_away

SAID = Outgoing(ALERTS, 0, b"case", b"{}", [])


def failing(code: str) -> list[Outgoing]:
    raise BrokenEnvironment(code, brokers="127.0.0.1:1", found="nobody", topic="alerts", volume=0, expected=5)


def test_while_no_broker_answers_nothing_is_said_and_it_is_told_why(capsys: pytest.CaptureFixture[str]) -> None:
    assert unless_away(lambda: [SAID]) == [SAID]
    assert unless_away(failing, "kafka_unreachable") == []
    told = json.loads(capsys.readouterr().err)
    assert (told["event"], told["code"]) == ("worker.unasked", "kafka_unreachable")


def test_records_that_are_gone_are_not_passed_over() -> None:
    with pytest.raises(BrokenEnvironment, match=r"alerts"):
        unless_away(failing, "kafka_records_gone")
