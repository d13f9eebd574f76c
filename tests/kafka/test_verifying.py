"""Verification of what workers say of a book of two volumes in `alerts` and `cases`: whatever was planted is named."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from ledger import topics
from ledger.logs.kafka.cluster import Cluster
from ledger.logs.kafka.reading import Reader
from ledger.logs.kafka.verifying import verify
from ledger.logs.kafka.wire import ALERTS, CASE_TYPE, CASES, PAGES, RELAYED_TYPE, Outgoing, Record
from ledger.logs.kafka.writing import Writer
from tests.conftest import ROOT
from tests.kafka.on_cluster import folder_of
from tests.kafka.road import Follower, Road
from tests.kafka.test_queries import Asked, submissions
from tests.spec import NOON

VOLUMES = 2
Records = list[Record]


def relayed_to(road: Road, volume: int) -> int:
    """Return the offset in `pages` the relay of a volume said it was carried to."""
    places = (r.headers["bg_offset"] for r in road.records(CASES, volume) if r.headers["ce_type"] == RELAYED)
    return max((int(offset or b"0") for offset in places), default=0)


RELAYED = RELAYED_TYPE.encode()


@pytest.fixture(scope="module")
def road(broker: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Road]:
    folder = tmp_path_factory.mktemp("road")
    laid = Road(Cluster((broker,), prefix="said-", session_seconds=3, state=folder / "state"), folder)
    laid.open(volumes=VOLUMES, opened_at=NOON)
    for role in ("admission", "folds", "alerts", "cases"):
        laid.start(role, volumes="0,1")
    for documents in submissions():
        laid.wait_admitted(laid.submit(documents, recorded_at=NOON))
    for volume in range(VOLUMES):
        laid.wait_folded(volume)
        laid.wait("carried", lambda v=volume: relayed_to(laid, v) >= laid.reader.bounds(PAGES, v)[1])  # type: ignore[misc]  # a lambda with a bound default
        followed = Follower(laid.reader, volume)
        followed.at()
        laid.wait("said", lambda v=volume, f=followed: len(numbered(laid, v)) >= f.folds.alerts.number)  # type: ignore[misc]  # as above
    yield laid
    laid.stop()


def numbered(road: Road, volume: int) -> Records:
    return [r for r in road.records(ALERTS, volume) if json.loads(r.value or b"")["number"]]


@pytest.fixture(scope="module")
def asked(road: Road) -> Asked:
    return Asked(folder_of(road, road.folder / "book"))


def test_alerts_cases_and_the_chapters_of_all_volumes_are_compared_with_a_replay(asked: Asked) -> None:
    rows = {row["name"]: row for row in asked.rows("verify")}
    for beginning in ("topic_alerts", "topic_cases", "topic_chapters", "live_joint"):
        assert sum(row["compared"] for name, row in rows.items() if name.startswith(beginning)) > 0
    assert not [row for row in rows.values() if row["differing"]]


def altered(records: Records) -> Records:
    """Change what the first message says: of an alert its severity, of a case the document."""
    first, *rest = records
    said = json.loads(first.value or b"")
    said |= {"severity": "notice"} if "severity" in said else {"recorded_by": "somebody-else"}
    return [first._replace(value=json.dumps(said, ensure_ascii=False).encode()), *rest]


def missing(records: Records) -> Records:
    """Leave the first message out."""
    return records[1:]


def invented(records: Records) -> Records:
    """Say one thing more, of a page there is not."""
    last = records[-1]
    if "bg_page" in last.headers:
        return [*records, last._replace(headers={**last.headers, "bg_page": b"99"})]
    said = json.loads(last.value or b"")
    return [*records, last._replace(value=json.dumps(said | {"number": said["number"] + 1}).encode())]


def said_late(records: Records) -> Records:
    """Put the first after the others: readers of cases pass over it, readers of alerts stop."""
    return [*records[1:], records[0]]


def carried(road: Road, volume: int) -> Records:
    return [r for r in road.records(CASES, volume) if r.headers["ce_type"] == CASE_TYPE.encode()]


def copied(road: Road, plant: Callable[[Records], Records]) -> Cluster:
    """Write the pages into other topics, with alerts and cases of volume 0 as a fault would leave them."""
    other = replace(road.cluster, prefix=f"said-{plant.__name__}-", state=None)
    topics.apply(other, topics.read_topics(ROOT / "deploy" / "topics.yaml", volumes=VOLUMES, replicas=1))
    messages: list[tuple[str, int, Records]] = [
        (ALERTS, 0, plant(numbered(road, 0))),
        (CASES, 0, plant(carried(road, 0))),
    ]
    messages += [(PAGES, volume, list(road.records(PAGES, volume))) for volume in range(VOLUMES)]
    writer = Writer(other)
    for topic, volume, records in messages:
        writer.send(
            [
                Outgoing(topic, volume, r.key or b"", r.value, [(n, v or b"") for n, v in r.headers.items()])
                for r in records
            ]
        )
    writer.close()
    return other


@pytest.mark.parametrize(
    ("plant", "of_alerts", "of_cases"),
    [
        (altered, "severity notice, replayed", "page 2 entry 0: said otherwise"),
        (missing, "said nothing", "page 2 entry 0: not said"),
        (invented, "no page gives it", "page 99 entry 0: no page holds it"),
        (said_late, "", "page 2 entry 0: said after"),
    ],
)
def test_a_message_altered_missing_invented_or_out_of_place_is_named(
    road: Road, plant: Callable[[Records], Records], of_alerts: str, of_cases: str
) -> None:
    found = {check.name: check for volume in verify(copied(road, plant)) for check in volume.checks}
    for name, words in (("alerts/0", of_alerts), ("cases/0", of_cases)):
        assert bool(found[name].differing) is bool(words), found[name]
        assert words in found[name].first_difference
    assert (found["pages/0"].differing, found["alerts/1"].differing, found["cases/1"].differing) == (0, 0, 0)


def test_a_forged_alert_and_a_forged_case_end_verify_with_1(asked: Asked, road: Road) -> None:
    alert, case = numbered(road, 0)[0], carried(road, 0)[0]
    for topic, record in ((ALERTS, alert), (CASES, case)):
        (forged,) = altered([record])
        headers = [(name, value or b"") for name, value in forged.headers.items()]
        road.writer.send([Outgoing(topic, 0, record.key or b"", forged.value, headers)])
    rows = {row["name"]: row for row in asked.rows("verify", code=1)}
    assert (rows["topic_alerts"]["differing"], rows["topic_cases"]["differing"]) == (1, 1)
    assert rows["topic_pages"]["differing"] == 0
    with Reader(road.cluster) as reader:
        assert reader.bounds(ALERTS, 0)[1] > 0
