"""The wire as published: schemas committed and never narrowed, and an example of every kind that the book admits."""

import json
from typing import Any

import jsonschema
import pytest

from ledger import publishing
from schemas.entry import read_entry, type_of_kind
from schemas.page import Result
from tests.spec import World, described

KINDS = sorted(type_of_kind)


@pytest.mark.parametrize("kind", KINDS)
def test_the_published_schema_is_the_one_the_book_reads_by(kind: str) -> None:
    committed = (publishing.SCHEMAS / f"{kind}.json").read_text(encoding="utf-8")
    assert committed == publishing.schema_text(kind), "run `make docs` and commit what it wrote"


def test_every_schema_ever_published_still_has_a_reader() -> None:
    published = {path.stem for path in publishing.SCHEMAS.glob("*.json")}
    assert published == set(KINDS)


def test_a_later_version_of_a_kind_reads_all_an_earlier_one_did() -> None:
    for kind in KINDS:
        family, version = kind.rsplit(".v", 1)
        for earlier in range(1, int(version)):
            old = json.loads((publishing.SCHEMAS / f"{family}.v{earlier}.json").read_text(encoding="utf-8"))
            assert narrowed(old, publishing.schema_of(kind)) == []


def narrowed(old: dict[str, Any], new: dict[str, Any], place: str = "") -> list[str]:
    """List where a document valid by `old` would not be by `new`: fields lost, newly required, or fewer values."""
    found = [f"{place}.{name} is gone" for name in old.get("properties", {}) if name not in new.get("properties", {})]
    found += [
        f"{place}.{name} became required" for name in new.get("required", []) if name not in old.get("required", [])
    ]
    found += [f"{place} lost {value}" for value in old.get("enum", []) if value not in new.get("enum", [])]
    for name, field in old.get("properties", {}).items():
        found += narrowed(field, new.get("properties", {}).get(name, {}), f"{place}.{name}")
    for name, definition in old.get("$defs", {}).items():
        found += narrowed(definition, new.get("$defs", {}).get(name, {}), name)
    return found


def test_a_narrowed_schema_is_noticed() -> None:
    old = publishing.schema_of("goods_issued.v1")
    new = json.loads(json.dumps(old))
    del new["properties"]["department"]
    new["required"].append("approval")
    new["properties"]["use"]["enum"].remove("testing")
    assert narrowed(old, new) == [".department is gone", ".approval became required", ".use lost testing"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_example_of_a_kind_is_valid_by_its_schema(kind: str) -> None:
    example = json.loads(publishing.example_of(kind))
    jsonschema.validate(example, publishing.schema_of(kind))
    assert read_entry(publishing.example_of(kind)).kind == kind


def test_the_book_admits_the_documented_example_of_every_kind() -> None:
    world = World()
    kit = [described("kit-level-1", "套"), described("cap", "个"), described("gown", "件"), described("latex-gloves")]
    documents = [doc.but(number=900 + n).bytes() for n, doc in enumerate(kit)]
    documents += [publishing.example_of(kind) for kind in type_of_kind]
    catalogue_first = sorted(documents, key=lambda d: (b'"site":"*"' not in d.replace(b" ", b""), b"synonym" in d))
    world.submit(*catalogue_first)
    assert set(world.results) == {Result.ADMITTED}, world.pages[-1][0].header.refused
    world.then(on_hand=10_500 - 4_000 + 200 - 1_400 - 5 + 40 - 22 + 2, held=0, item="mask-kn95-valve")


def test_the_entries_page_is_up_to_date() -> None:
    committed = (publishing.ROOT / "docs" / "entries.md").read_text(encoding="utf-8")
    assert committed == publishing.document_entries(), "run `make docs` and commit what it wrote"
