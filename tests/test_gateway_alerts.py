"""Alerts over real HTTP: open cases, events as they come, and a broken stream that goes on where it was."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import WrongUse
from processors.telling import targets_of
from tests.serving import Served, new_book
from tests.spec import Numbers, described, issued
from tests.test_outbox import stand_in


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    book: Path = new_book(tmp_path_factory.mktemp("gateway") / "book")
    with Served(book, heartbeat_seconds=1) as served:
        served.post(described(箱=700).numbered(Numbers())).raise_for_status()
        yield served


def events_of(stream: Iterator[str], wanted: str, count: int) -> list[tuple[str, Any]]:
    """Read events of one name until there are enough: (id, what is said)."""
    found, name, identity = [], "", ""
    for line in stream:
        field, _, value = line.partition(": ")
        match field:
            case "event":
                name, identity = value, ""
            case "id":
                identity = value
            case "data" if name == wanted:
                found.append((identity, json.loads(value)))
                if len(found) == count:
                    return found
            case _:
                pass
    raise AssertionError("the stream ended")


def test_alerts_come_as_events_and_a_broken_stream_goes_on_where_it_was(gateway: Served) -> None:
    def negative(number: int) -> bytes:
        return issued(5, site=f"WH-N{number}", source="dev-n.t1").but(number=1).bytes()

    with gateway.client.stream("GET", "/v1/alerts/stream") as stream:
        lines = stream.iter_lines()
        events_of(lines, "open", 1)
        gateway.post(negative(1), negative(2)).raise_for_status()
        first = events_of(lines, "alert", 2)
    assert [said["kind"] for _, said in first] == ["negative_book"] * 2
    gateway.post(negative(3)).raise_for_status()
    with gateway.client.stream("GET", "/v1/alerts/stream", headers={"Last-Event-ID": first[0][0]}) as stream:
        resumed = events_of(stream.iter_lines(), "alert", 2)
    assert [said["site"] for _, said in resumed] == ["WH-N2", "WH-N3"]
    assert resumed[0][0] == first[1][0]
    nowhere = ",".join("999999" for _ in first[0][0].split(","))
    with gateway.client.stream("GET", "/v1/alerts/stream", headers={"Last-Event-ID": nowhere}) as stream:
        assert {a["site"] for a in events_of(stream.iter_lines(), "open", 1)[0][1]} >= {"WH-N1", "WH-N2", "WH-N3"}
    opened = gateway.get("/v1/alerts", site="WH-N1")["alerts"]
    assert [(a["kind"], a["site"]) for a in opened] == [("negative_book", "WH-N1")]
    assert "WH-N1" in opened[0]["zh"]


def test_a_silent_stream_sends_a_heartbeat(gateway: Served) -> None:
    with gateway.client.stream("GET", "/v1/alerts/stream") as stream:
        assert any(line.startswith(": heartbeat") for line in stream.iter_lines())


def test_a_target_named_in_the_settings_is_told_and_a_book_with_wrong_settings_is_not_served(tmp_path: Path) -> None:
    told: list[dict[str, Any]] = []
    arrived = threading.Event()

    def answering(lines: list[bytes]) -> tuple[int, bytes, dict[str, str]]:
        told.append(json.loads(lines[0]))
        arrived.set()
        return 200, b"", {}

    book = new_book(tmp_path / "book")
    (book / "duty.secret").write_text("s3cret")
    with stand_in(answering) as url:
        (book / "settings.toml").write_text(
            f'[[notify]]\nname = "duty"\nwebhook = "{url}"\nsecret_file = "duty.secret"\n'
        )
        with Served(book) as served:
            served.post(described(箱=700).numbered(Numbers()), issued(5).but(number=1)).raise_for_status()
            assert arrived.wait(15)
    assert [(alert["kind"], alert["state"]) for alert in told] == [("negative_book", "raised")]
    (book / "settings.toml").write_text('[[notify]]\nname = "duty"\nwebhok = "x"\n')
    with pytest.raises(WrongUse) as refused:
        targets_of(book)
    assert "webhok" in refused.value.text("zh")
