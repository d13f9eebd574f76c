"""docs/asyncapi.yaml: as it is made, of AsyncAPI 3's structure, with every reference leading somewhere."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
import yaml
from jsonschema import Draft202012Validator

from ledger import asyncapi
from ledger.logs.kafka.alerting import alert_record
from ledger.logs.kafka.relaying import RelayVolume
from ledger.logs.kafka.shelving import StockVolume
from ledger.logs.kafka.wire import Opened, Record, moved_record, opening_record, page_record, quarantine_record
from ledger.logs.kafka.wire import submission_record as submission
from ledger.publishing import example_of
from projections.alerts import changes_after
from schemas.entry import type_of_kind
from schemas.page import Opening
from tests.conftest import ROOT
from tests.spec import ANYONE, dispatched, given, issued, received

REFERENCE = {
    "type": "object",
    "required": ["$ref"],
    "additionalProperties": False,
    "properties": {"$ref": {"type": "string"}},
}
STRUCTURE: dict[str, Any] = {
    "type": "object",
    "required": ["asyncapi", "info", "channels", "operations", "components"],
    "additionalProperties": False,
    "properties": {
        "asyncapi": {"const": "3.0.0"},
        "info": {"type": "object", "required": ["title", "version"]},
        "defaultContentType": {"type": "string"},
        "servers": {"type": "object", "additionalProperties": {"type": "object", "required": ["host", "protocol"]}},
        "channels": {
            "type": "object", "propertyNames": {"pattern": r"^[\w.-]+$"},
            "additionalProperties": {
                "type": "object", "required": ["address", "messages"], "additionalProperties": False,
                "properties": {
                    "address": {"type": "string"}, "description": {"type": "string"}, "bindings": {"type": "object"},
                    "messages": {"type": "object", "minProperties": 1, "additionalProperties": REFERENCE},
                },
            },
        },
        "operations": {
            "type": "object",
            "additionalProperties": {
                "type": "object", "required": ["action", "channel"], "additionalProperties": False,
                "properties": {
                    "action": {"enum": ["send", "receive"]}, "channel": REFERENCE, "summary": {"type": "string"},
                },
            },
        },
        "components": {
            "type": "object", "additionalProperties": False,
            "properties": {
                "schemas": {"type": "object"},
                "messageTraits": {"type": "object"},
                "messages": {
                    "type": "object", "propertyNames": {"pattern": r"^[\w.-]+$"},
                    "additionalProperties": {
                        "type": "object", "additionalProperties": False, "required": ["payload", "contentType"],
                        "properties": {
                            "title": {"type": "string"}, "summary": {"type": "string"}, "headers": {"type": "object"},
                            "contentType": {"type": "string"}, "bindings": {"type": "object"},
                            "traits": {"type": "array", "items": REFERENCE},
                            "payload": {"type": "object", "required": ["schemaFormat", "schema"]},
                        },
                    },
                },
            },
        },
    },
}  # fmt: skip
"""What AsyncAPI 3.0.0 asks of the parts this document has. The full schema (npm `@asyncapi/specs`) agrees."""


@pytest.fixture(scope="module")
def written() -> dict[str, Any]:
    """Give the committed document."""
    read: dict[str, Any] = yaml.safe_load((ROOT / "docs" / "asyncapi.yaml").read_text(encoding="utf-8"))
    return read


def references(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        for name, inner in part.items():
            if name == "$ref":
                yield inner
            yield from references(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from references(inner)


def resolve(reference: str, document: dict[str, Any]) -> Any:
    """Follow a reference inside the document, or to a file beside it."""
    if not reference.startswith("#/"):
        return json.loads((ROOT / "docs" / reference).read_text(encoding="utf-8"))
    found: Any = document
    for name in reference[2:].split("/"):
        found = found[name]
    return found


def payload_of(message: str, document: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = document["components"]["messages"][message]["payload"]["schema"]
    return {**schema, "components": document["components"]}


def test_the_document_is_the_one_that_is_made(written: dict[str, Any]) -> None:
    committed = (ROOT / "docs" / "asyncapi.yaml").read_text(encoding="utf-8")
    assert committed == asyncapi.document(), "run `make docs` and commit what it wrote"


def test_it_has_the_structure_of_asyncapi_3_and_every_reference_leads_somewhere(written: dict[str, Any]) -> None:
    jsonschema.validate(written, STRUCTURE)
    found = list(references(written))
    assert all(resolve(reference, written) for reference in found)
    used = {reference.rsplit("/", 1)[-1] for reference in found}
    assert set(written["components"]["messages"]) <= used
    for message in written["components"]["messages"]:
        Draft202012Validator.check_schema(payload_of(message, written))


def test_every_topic_of_the_book_is_a_channel_with_the_settings_of_its_file(written: dict[str, Any]) -> None:
    topics = yaml.safe_load((ROOT / "deploy" / "topics.yaml").read_text(encoding="utf-8"))
    assert set(written["channels"]) == set(topics["topics"])
    pages = written["channels"]["pages"]["bindings"]["kafka"]
    assert (pages["partitions"], pages["topicConfiguration"]["retention.ms"]) == (topics["volumes"], -1)


def test_every_kind_of_entry_is_a_message_on_scans_and_its_example_is_valid_by_it(written: dict[str, Any]) -> None:
    assert set(written["channels"]["scans"]["messages"]) == set(type_of_kind)
    for kind in type_of_kind:
        schema = written["components"]["messages"][kind]["payload"]["schema"]
        jsonschema.validate(json.loads(example_of(kind)), resolve(schema["$ref"], written))


def test_what_is_really_sent_has_the_headers_and_the_shape_the_document_says(written: dict[str, Any]) -> None:
    world = given(received(5)).when(issued(9), dispatched(3), b"junk")
    page, stored = world.pages[-1]
    opened = Opened(book="bg-test", opening=Opening(nature="real", volumes=1))
    records = [Record(offset, 0, None, raw, {}) for offset, (_, raw) in enumerate(world.pages)]
    *_, balances = StockVolume(0).take_all(records)
    relay = RelayVolume(0)
    cases = [*relay.take_all(records), *relay.position()]
    assert len(cases) > 1
    changed, *_ = changes_after(world.folds.alerts, 0) or ()
    sent = [
        submission(0, [b"{}", b"two\nlines"], ANYONE, recorded_at=world.clock), opening_record(0, opened),
        moved_record(page.header, "0" * 64), page_record(page, stored), balances,
        quarantine_record(page, page.quarantined[0]), alert_record(changed, 0, "alerts", "bg-test"), *cases,
    ]  # fmt: skip
    for record in sent:
        headers = {name: value.decode() for name, value in record.headers}
        kind = headers["ce_type"]
        message = written["components"]["messages"][kind]
        assert kind in written["channels"][record.topic]["messages"]
        trait = resolve(message["traits"][0]["$ref"], written)
        jsonschema.validate(headers, trait["headers"])
        jsonschema.validate(headers, message.get("headers", {}))
        assert headers["content-type"] == message["contentType"]
        said = trait["headers"]["properties"] | message.get("headers", {}).get("properties", {})
        assert set(headers) <= set(said), f"{kind}: a header nobody documented"
        if message["contentType"] == "application/json":
            jsonschema.validate(json.loads(record.value or b""), payload_of(kind, written))
