"""The gateway of a book on Kafka: every answer it gives over a book in a folder it gives here, over two volumes."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ledger.logs.kafka.cluster import Cluster
from ledger.logs.kafka.wire import PAGES, Outgoing
from ledger.routing import volume_of
from ledger.seals import read_page
from tests.conftest import ROOT
from tests.kafka.broker import BROKER, started
from tests.kafka.on_cluster import folder_of
from tests.kafka.road import Road
from tests.serving import Served, at_least
from tests.spec import Numbers, arrived, described, dispatched, received
from tests.test_gateway import (
    entry,
    test_a_json_array_is_taken_element_by_element_and_nothing_of_it_is_lost,
    test_a_moment_without_its_offset_is_not_taken_as_time_recorded,
    test_a_page_not_yet_written_is_waited_for_and_then_said_to_be_missing,
    test_a_submission_cut_off_on_the_line_leaves_nothing_in_the_book,
    test_a_token_for_reading_cannot_write_and_sees_only_its_sites,
    test_a_token_withdrawn_is_refused_from_the_next_request_on,
    test_alive_ready_and_measured_need_no_token_and_name_no_goods,
    test_an_empty_submission_and_a_foreign_content_type_are_named,
    test_bytes_are_kept_as_they_came_and_can_be_read_back,
    test_entries_can_be_walked_through_page_by_page_without_missing_one,
    test_every_document_gets_its_own_answer_in_order_and_in_both_languages,
    test_one_who_may_not_write_for_a_site_gets_403_and_the_document_is_kept,
    test_stock_is_what_was_written_and_says_where_in_the_book_it_stands,
    test_what_cannot_be_found_or_asked_is_said_in_both_languages_and_without_a_trace,
    test_without_a_token_or_with_a_wrong_one_nobody_gets_in,
)
from tests.test_gateway_alerts import (
    test_a_silent_stream_sends_a_heartbeat,
    test_alerts_come_as_events_and_a_broken_stream_goes_on_where_it_was,
)
from tests.test_gateway_limits import (
    test_too_much_is_refused_with_the_limit_and_what_was_found,
    test_what_is_too_long_is_read_away_so_that_its_sender_hears_why_and_may_go_on,
)

SHARED = [
    test_a_json_array_is_taken_element_by_element_and_nothing_of_it_is_lost,
    test_a_moment_without_its_offset_is_not_taken_as_time_recorded,
    test_a_page_not_yet_written_is_waited_for_and_then_said_to_be_missing,
    test_a_silent_stream_sends_a_heartbeat,
    test_a_submission_cut_off_on_the_line_leaves_nothing_in_the_book,
    test_a_token_for_reading_cannot_write_and_sees_only_its_sites,
    test_a_token_withdrawn_is_refused_from_the_next_request_on,
    test_alerts_come_as_events_and_a_broken_stream_goes_on_where_it_was,
    test_alive_ready_and_measured_need_no_token_and_name_no_goods,
    test_an_empty_submission_and_a_foreign_content_type_are_named,
    test_bytes_are_kept_as_they_came_and_can_be_read_back,
    test_entries_can_be_walked_through_page_by_page_without_missing_one,
    test_every_document_gets_its_own_answer_in_order_and_in_both_languages,
    test_one_who_may_not_write_for_a_site_gets_403_and_the_document_is_kept,
    test_stock_is_what_was_written_and_says_where_in_the_book_it_stands,
    test_too_much_is_refused_with_the_limit_and_what_was_found,
    test_what_cannot_be_found_or_asked_is_said_in_both_languages_and_without_a_trace,
    test_what_is_too_long_is_read_away_so_that_its_sender_hears_why_and_may_go_on,
    test_without_a_token_or_with_a_wrong_one_nobody_gets_in,
]
"""Collected here with the gateway below; each is written once, for both runtimes."""
LIMITS = {"body_bytes_max": 100_000, "documents_max": 50, "heartbeat_seconds": 1, "wait_seconds_max": 1}


@pytest.fixture(scope="module")
def road(broker: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Road]:
    laid = Road(Cluster((broker,), prefix="gateway-", session_seconds=3), tmp_path_factory.mktemp("road"))
    laid.open(volumes=2)
    laid.start("admission")
    laid.wait_admitted({0: 0, 1: 0})
    yield laid
    laid.stop()


@pytest.fixture(scope="module")
def gateway(road: Road) -> Iterator[Served]:
    with Served(folder_of(road, road.folder / "book"), **LIMITS) as served:
        served.post(described(箱=700).numbered(Numbers())).raise_for_status()
        yield served


def test_a_document_for_every_site_stands_in_every_volume_and_gets_one_answer(gateway: Served) -> None:
    first = gateway.post(described("goggles", name="护目镜").but(number=1, source="desk.g1"))
    again = gateway.post(described("goggles", name="护目镜").but(number=1, source="desk.g1"))
    assert [a["result"] for a in first.json()["answers"] + again.json()["answers"]] == ["admitted", "already_admitted"]
    assert set(first.json()["position"]) == {"0", "1"}
    listed = gateway.get("/v1/entries", source="desk.g1", limit=1000)["entries"]
    assert [(e["entry"], e["volume"]) for e in listed] == [("*/desk.g1/1", 0)]
    assert gateway.get("/v1/items/护目镜", at_least=at_least(first.json()["position"]))["item"] == "goggles"


def test_what_left_one_volume_and_has_not_arrived_in_another_is_in_transit(gateway: Served) -> None:
    """(F9) Both ends of a transfer stand in volumes of their own; stock puts them together."""
    assert volume_of("WH-02", 2) != volume_of("WH-04", 2)
    numbers, way = Numbers(), {"transfer": "T-2", "item": "KN95"}
    sent = gateway.post(
        received(50, site="WH-02", source="dev-f.t1").numbered(numbers),
        dispatched(30, site="WH-02", source="dev-f.t1", to_site="WH-04", **way).numbered(numbers),
    ).json()["position"]
    stock = gateway.get("/v1/stock", site="WH-04", at_least=at_least(sent))["rows"]
    assert [(row["on_hand"], row["in_transit"]) for row in stock] == [(0, 30)]
    came = arrived(28, site="WH-04", from_site="WH-02", source="dev-g.t1", **way).numbered(numbers)
    there = gateway.post(came).json()["position"]
    stock = gateway.get("/v1/stock", site="WH-04", at_least=at_least(there))["rows"]
    assert [(row["on_hand"], row["in_transit"]) for row in stock] == [(28, 2)]


def test_many_clients_share_submissions_and_everyone_is_answered_from_the_page(gateway: Served, road: Road) -> None:
    clients, each = 24, 10
    before = gateway.get("/v1/position")["position"]

    def send(client: int) -> dict[str, tuple[int, int, int]]:
        documents = [entry(n, f"dev-m{client}.t1", site=f"WH-M{client}") for n in range(1, each + 1)]
        rows = gateway.post(*documents).json()["answers"]
        assert [row["result"] for row in rows] == ["admitted"] * each
        return {row["entry"]: (row["volume"], row["page"], row["seq"]) for row in rows}

    with ThreadPoolExecutor(clients) as pool:
        answered = {name: place for answers in pool.map(send, range(clients)) for name, place in answers.items()}
    pages = sum(gateway.get("/v1/position")["position"].values()) - sum(before.values())
    assert pages < clients
    kept: dict[str, tuple[int, int, int]] = {}
    for volume in range(2):
        for number, stored in enumerate(road.stored(volume), 1):
            for e in read_page(stored, number)[0].entries:
                kept[f"{e.entry.site}/{e.entry.source}/{e.entry.number}"] = (volume, number, e.seq)
    assert answered.items() <= kept.items()
    stock = gateway.get("/v1/stock")["rows"]
    assert sum(row["on_hand"] for row in stock if row["site"].startswith("WH-M")) == clients * each * 10


def test_any_number_of_gateways_serve_one_book_and_one_killed_loses_nothing_answered(
    gateway: Served, road: Road
) -> None:
    with Served(folder_of(road, road.folder / "second")) as second:
        written = second.post(entry(1, "dev-two.t1")).json()
        second.kill()
    found = gateway.get("/v1/entries/WH-01/dev-two.t1/1", at_least=at_least(written["position"]))
    assert found["page"] == written["answers"][0]["page"]
    again = gateway.post(entry(1, "dev-two.t1")).json()["answers"][0]
    assert (again["result"], again["seq"]) == ("already_admitted", None)


def test_while_nobody_admits_a_sender_is_told_to_come_again_and_nothing_counts_twice(
    broker: str, tmp_path: Path
) -> None:
    road = Road(Cluster((broker,), prefix="unmanned-", session_seconds=3), tmp_path)
    road.open(volumes=1)
    worker = road.start("admission")
    road.wait_admitted({0: 0})
    with Served(folder_of(road, tmp_path / "book"), answer_seconds_max=1) as gateway:
        gateway.post(described(箱=700).numbered(Numbers())).raise_for_status()
        road.kill(worker)
        refused = gateway.post(entry(1, "dev-w.t1"))
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        assert refused.json()["error"]["code"] == "answer_awaited"
        assert gateway.get("/v1/stock")["rows"] == []
        road.start("admission")
        until = time.monotonic() + 30
        while (answer := gateway.post(entry(1, "dev-w.t1"))).status_code == 503 and time.monotonic() < until:
            time.sleep(0.2)
        assert answer.json()["answers"][0]["result"] == "already_admitted"
        assert [row["on_hand"] for row in gateway.get("/v1/stock")["rows"]] == [10]
    road.stop()


def test_a_gateway_that_meets_a_forked_page_ends_with_damage_and_names_it(broker: str, tmp_path: Path) -> None:
    road = Road(Cluster((broker,), prefix="forked-", session_seconds=3), tmp_path)
    road.open(volumes=1)
    worker = road.start("admission")
    road.wait_admitted(road.submit([described().but(number=1).bytes()]))
    road.kill(worker)
    command = [sys.executable, "-m", "processors.serve", "--port", "0", "--book", str(folder_of(road, tmp_path / "b"))]
    served = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert served.stdout is not None
    assert "http" in served.stdout.readline()
    body = road.stored()[1][:-64].replace(b'"page":2', b'"page": 2', 1)
    road.writer.send([Outgoing(PAGES, 0, b"2", body + hashlib.sha256(body).hexdigest().encode(), [])])
    _, said = served.communicate(timeout=30)
    assert served.returncode == 4, said
    assert "page 2 exists in two versions" in said.splitlines()[-1]
    road.stop()


@pytest.mark.drill
def test_while_the_broker_is_down_nothing_is_acknowledged_and_after_it_every_document_counts_once(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "kafka"
    said = started(folder)
    road = Road(Cluster((f"127.0.0.1:{said['port']}",), session_seconds=3), tmp_path)
    try:
        road.open(volumes=1)
        road.start("admission")
        road.wait_admitted({0: 0})
        with Served(folder_of(road, tmp_path / "book")) as gateway:
            gateway.post(described(箱=700).numbered(Numbers()), entry(1, "dev-b.t1")).raise_for_status()
            os.kill(said["process"], signal.SIGKILL)
            assert gateway.post(entry(2, "dev-b.t1")).status_code == 503
            started(folder, said["port"])
            until = time.monotonic() + 60
            while (answer := gateway.post(entry(2, "dev-b.t1"))).status_code == 503 and time.monotonic() < until:
                time.sleep(0.2)
            assert answer.json()["answers"][0]["result"] in ("admitted", "already_admitted")
            assert [row["on_hand"] for row in gateway.get("/v1/stock")["rows"]] == [20]
    finally:
        road.stop()
        subprocess.run([*BROKER, "stop", "--folder", str(folder)], check=True, capture_output=True)
