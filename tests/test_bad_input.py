"""Bad input of every kind there is, from its documented example: refused by name, and kept.

What is admitted, and shown, is in test_bad_input_shown.py; what only one kind can get wrong in test_bad_record.py,
test_gift_bad_input.py and test_watching_bad_input.py.
"""

import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any, get_args

import pytest
from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from ledger import publishing
from ledger.complaint import complaint
from ledger.lake.views import published
from ledger.words import known_codes, say
from projections.policy import DEFAULTS
from schemas.alerts import AlertKind
from schemas.entry import type_of_kind
from schemas.page import Reason, Result
from tests.bad_papers import KINDS, Said, known, paper, written
from tests.spec import World

LINED = [kind for kind in KINDS if "lines" in type_of_kind[kind].model_fields]
NAMES_ITEMS = [*LINED, "kit_described.v1", "synonym_recorded.v1"]
Place = tuple[str | int, ...]


def world() -> World:
    described_world = World()
    described_world.submit(*known())
    assert set(described_world.results) == {Result.ADMITTED}
    return described_world


def refused(*bad: Said, knows: World | None = None) -> list[tuple[Result, Reason]]:
    """Send documents that are all to be refused; return result and reason of each. They are kept as they came."""
    raws = [written(said) for said in bad]
    page = (knows or world()).submit(*raws)
    assert [kept.raw for kept in page.quarantined] == raws
    found = [(r.result, r.reason) for r in page.header.refused if r.reason]
    for _, reason in found:
        assert reason.code in known_codes()
        said = [say(reason.code, lang, **reason.facts) for lang in ("zh", "en")]
        assert said[0] != said[1] and not any(re.search(r"[{}]", words) for words in said)
    return found


def places(kind: str) -> Iterator[tuple[Place, Said, bool]]:
    """Walk the schema of a kind along its example: every field that can be said, its schema, whether it must be."""
    schema = publishing.schema_of(kind)
    yield from _fields(paper(kind), schema, schema.get("$defs", {}), ())


def _fields(said: Any, schema: Said, defs: Said, place: Place) -> Iterator[tuple[Place, Said, bool]]:
    for name, field in schema.get("properties", {}).items():
        meant = _meant(field, defs)
        yield (*place, name), meant, name in schema.get("required", ())
        if name in said:
            yield from _within(said[name], meant, defs, (*place, name))


def _within(said: Any, schema: Said, defs: Said, place: Place) -> Iterator[tuple[Place, Said, bool]]:
    if schema.get("type") == "array" and said and "items" in schema:
        yield from _fields(said[0], _meant(schema["items"], defs), defs, (*place, 0))
    elif isinstance(schema.get("additionalProperties"), dict):
        yield from (((*place, key), _meant(schema["additionalProperties"], defs), False) for key in said)
    elif schema.get("type") == "object":
        yield from _fields(said, schema, defs, place)


def _meant(field: Said, defs: Said) -> Said:
    choices = [f for f in field.get("anyOf", [field]) if f.get("type") != "null"]
    if len(choices) > 1:
        return {}
    (only,) = choices
    return defs[only["$ref"].rsplit("/", 1)[1]] if "$ref" in only else only


def but(said: Said, place: Place, *value: Any) -> Said:
    """Return a document with the field at a place changed, or without it."""
    changed = deepcopy(said)
    part: Any = changed
    for step in place[:-1]:
        part = part[step]
    if value:
        part[place[-1]] = value[0]
    else:
        del part[place[-1]]
    return changed


@pytest.mark.parametrize("kind", KINDS)
def test_a_missing_field_is_named_wherever_it_is_missing(kind: str) -> None:
    """(A1, A11, B1)"""
    needed = [place for place, _, required in places(kind) if required]
    assert len(needed) >= 5
    found = refused(*(but(paper(kind), place) for place in needed))
    expected = [(Result.UNREADABLE, "field_missing", place[-1]) for place in needed]
    assert [(r, reason.code, reason.facts["where"].split(".")[-1]) for r, reason in found] == expected


@pytest.mark.parametrize("kind", KINDS)
def test_a_figure_below_its_least_above_its_most_or_not_whole_is_refused_wherever_one_can_stand(kind: str) -> None:
    """(A11, B1, B9) Quantities, money in fen, days, rounds."""
    wholes = [(place, schema) for place, schema, _ in places(kind) if schema.get("type") == "integer"]
    bad = [(place, value, "field_not_whole") for place, _ in wholes for value in (1.5, "12件")]
    for place, schema in wholes:
        least = schema.get("minimum", -1)
        bad += [(place, value, "field_too_small") for value in {least - 1, -1} if least >= 0]
        bad += [(place, schema["maximum"] + 1, "field_too_large")]
    found = refused(*(but(paper(kind), place, value) for place, value, _ in bad))
    assert [(r, reason.code) for r, reason in found] == [(Result.UNREADABLE, code) for _, _, code in bad]


def test_a_pack_of_less_than_nothing_is_refused() -> None:
    """(A11)"""
    ((result, reason),) = refused(paper("item_described.v1", packs={"箱": -1}))
    assert (result, reason.code) == (Result.CONFLICTING, "pack_not_whole")


@pytest.mark.parametrize("kind", KINDS)
def test_a_moment_that_cannot_be_and_a_field_nobody_knows_are_refused(kind: str) -> None:
    """(A10)"""
    moments = ("2020-02-30T09:00:00+08:00", "2020-01-29T09:00:00", "yesterday")
    found = refused(*(paper(kind, happened_at=moment) for moment in moments), paper(kind, flavour="red"))
    expected = [*["moment_badly_written"] * 3, "field_unknown"]
    assert [(r, reason.code) for r, reason in found] == [(Result.UNREADABLE, code) for code in expected]


def test_what_the_schemas_complain_of_is_said_in_words_of_its_own() -> None:
    sources = (publishing.ROOT / "schemas").glob("*.py")
    written_by_us = (
        re.findall(r'PydanticCustomError\(\s*"(\w+)"', path.read_text(encoding="utf-8")) for path in sources
    )
    codes = sorted({code for found in written_by_us for code in found})
    assert len(codes) > 10
    for code in codes:
        error = ValidationError.from_exception_data("", [{"type": PydanticCustomError(code, "why"), "input": 1}])
        assert complaint(error).code == code
        assert code in known_codes()


@pytest.mark.parametrize("kind", LINED)
def test_goods_nobody_described_and_units_nobody_recorded_are_never_guessed(kind: str) -> None:
    """(A11, B1)"""
    line = {name: value for name, value in paper(kind)["lines"][0].items() if name != "pack"}
    rest = paper(kind)["lines"][1:]
    wrong = ({"item": "nobody-described-it"}, {"unit": "桶"})
    found = refused(*(paper(kind, lines=[line | change, *rest]) for change in wrong))
    expected = [(Result.UNCONVERTIBLE, "item_unknown"), (Result.UNCONVERTIBLE, "unit_unconvertible")]
    assert [(r, reason.code) for r, reason in found] == expected


@pytest.mark.parametrize("kind", NAMES_ITEMS)
def test_a_document_about_goods_that_came_before_their_description_waits_and_is_admitted_when_sent_again(
    kind: str,
) -> None:
    """(A11) What happened before the goods were described is no fault: describing them does not make them exist."""
    early = World()
    said = paper(kind, happened_at="2020-01-01T09:00:00+08:00") | ({"on_day": "2020-01-01"} if kind in OF_A_DAY else {})
    said.pop("happened_since", None)
    ((result, _),) = refused(said, knows=early)
    assert result is Result.UNCONVERTIBLE
    early.submit(*known()[: None if kind != "kit_described.v1" else -1])
    early.when(written(said)).then(Result.ADMITTED)


OF_A_DAY = {kind for kind in KINDS if "on_day" in type_of_kind[kind].model_fields}


@pytest.mark.parametrize("kind", KINDS)
def test_a_number_used_again_for_other_bytes_is_kept_apart(kind: str) -> None:
    """(A1)"""
    knows = world()
    knows.when(written(paper(kind))).then(Result.ADMITTED)
    ((result, reason),) = refused(paper(kind, note="another"), knows=knows)
    assert (result, reason.code) == (Result.CONFLICTING, "number_reused")


def test_the_page_about_bad_input_names_every_kind_and_nothing_that_does_not_exist() -> None:
    page = publishing.BAD_INPUT.read_text(encoding="utf-8")
    assert page == publishing.document_bad_input(), "run `make docs` and commit what it wrote"
    said = set(re.findall(r"`([a-z_]+)`", page.partition("## Words")[0]))
    kinds = {kind.removesuffix(".v1") for kind in KINDS}
    fields = {place[-1] for kind in KINDS for place, _, _ in places(kind)}
    views = {view.name for view in published()}
    assert kinds - said == set()
    assert said - kinds - fields - views - known_codes() - set(get_args(AlertKind)) - set(DEFAULTS) == set()


def test_the_page_about_bad_input_says_the_words_of_every_reason_to_refuse_a_document() -> None:
    page = publishing.BAD_INPUT.read_text(encoding="utf-8")
    reasons = known_codes() & set(re.findall(r'"([a-z_]+)"', _sources_of_reasons()))
    assert len(reasons) > 40
    assert [code for code in sorted(reasons) if f"| `{code}` |" not in page] == []


def _sources_of_reasons() -> str:
    names = ("ledger/admission.py", "ledger/complaint.py", "projections/catalogue.py", "projections/kits.py")
    return "".join((publishing.ROOT / name).read_text(encoding="utf-8") for name in names)
