"""A document that names a field twice is read by nobody: which one counts would depend on who reads it."""

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest

from ledger import publishing
from schemas.entry import read_entry, says_a_key_twice, type_of_kind

KINDS = sorted(type_of_kind)
COMPACT, SPACED, AIRY = (",", ":"), (", ", ": "), (" ,\t", " :\t")


def example(kind: str) -> dict[str, Any]:
    said: dict[str, Any] = json.loads((publishing.EXAMPLES / f"{kind}.json").read_text(encoding="utf-8"))
    return said


def written(value: Any, separators: tuple[str, str], twice: tuple[int, str] | None = None) -> str:
    """Write JSON; `twice` names an object, by its number from the outside in, and the key it has two times."""
    between, after_key = separators
    counter = itertools.count()

    def write(part: Any) -> str:
        if isinstance(part, dict):
            number = next(counter)
            pairs = [f"{json.dumps(key, ensure_ascii=False)}{after_key}{write(of)}" for key, of in part.items()]
            pairs += [pair for key, pair in zip(part, pairs, strict=True) if (number, key) == twice]
            return f"{{{between.join(pairs)}}}"
        if isinstance(part, list):
            return f"[{between.join(map(write, part))}]"
        return json.dumps(part, ensure_ascii=False)

    return write(value)


def keys(value: Any) -> Iterator[tuple[int, str]]:
    """Yield every key with the number of its object, as `written` counts them."""
    counter = itertools.count()

    def walk(part: Any) -> Iterator[tuple[int, str]]:
        if isinstance(part, dict):
            number = next(counter)
            for key, of in part.items():
                yield number, key
                yield from walk(of)
        elif isinstance(part, list):
            for of in part:
                yield from walk(of)

    return walk(value)


@pytest.mark.parametrize("separators", [COMPACT, SPACED, AIRY])
@pytest.mark.parametrize("kind", KINDS)
def test_a_key_said_twice_is_noticed_wherever_it_stands_and_however_it_is_written(
    kind: str, separators: tuple[str, str]
) -> None:
    said = example(kind)
    once = written(said, separators).encode()
    assert not says_a_key_twice(once, read_entry(once))
    for twice in keys(said):
        document = written(said, separators, twice).encode()
        assert says_a_key_twice(document, read_entry(document)), twice


def test_a_field_left_out_of_one_line_does_not_hide_one_said_twice_on_another() -> None:
    said = example("goods_received.v1")
    line = {"line": 1, "item": "KN95", "unit": "只", "quantity": 5}
    said["lines"] = [line | {"lot": "L1", "pack": None}, line | {"line": 2, "lot": ""}, line | {"line": 3}]
    once = written(said, COMPACT).encode()
    assert not says_a_key_twice(once, read_entry(once)), "a default written out is no repeat"
    for left_out in ("lot", "pack"):
        repeated = once.replace(b'"line":3,', b'"line":3,"%s":null,"%s":null,' % (2 * (left_out.encode(),)))
        repeated = repeated.replace(b'"lot":null,"lot":null', b'"lot":"","lot":""')
        assert says_a_key_twice(repeated, read_entry(repeated))
