"""States as plain JSON values and back: dataclasses as lists of fields, mappings as pairs, bytes as hexadecimal.

How a type is written and read is worked out once, because a snapshot holds a million values of a few types.
"""

import types
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from functools import cache
from operator import attrgetter
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints


class Way(NamedTuple):
    """How values of one type are written and read. `plain` values stand in JSON as they are."""

    write: Callable[[Any], Any]
    read: Callable[[Any], Any]
    plain: bool = False


def pack(kind: Any, value: Any) -> Any:
    """Turn a value of `kind` into what JSON can hold. Raises `TypeError` for a type that has no way."""
    return way_of(kind).write(value)


def unpack(kind: Any, packed: Any) -> Any:
    """Turn what `pack` made back into a value of `kind`. Raises `ValueError` when it is of another layout."""
    return way_of(kind).read(packed)


def _as_it_is(value: Any) -> Any:
    return value


_PLAIN = Way(_as_it_is, _as_it_is, plain=True)


@cache
def way_of(kind: Any) -> Way:
    """Return how a type is written and read."""
    origin, args = get_origin(kind), get_args(kind)
    if kind in (str, int, bool) or origin is Literal:
        return _PLAIN
    if origin in (Union, types.UnionType):
        return _optional(args)
    if is_dataclass(kind):
        return _dataclass(kind)
    if origin is dict:
        return _mapping(way_of(args[0]), way_of(args[1]))
    if origin in (set, list):
        return _collection(origin, way_of(args[0]))
    if origin is tuple:
        return _sequence(args)
    if kind in (bytes, bytearray):
        return Way(lambda v: v.hex(), kind.fromhex)
    if kind in (datetime, date):
        return Way(lambda v: v.isoformat(), kind.fromisoformat)
    raise TypeError(f"a snapshot cannot hold {kind}")


def _optional(args: tuple[Any, ...]) -> Way:
    some = [way_of(a) for a in args if a is not type(None)]
    if all(way.plain for way in some):
        return _PLAIN
    write, read, _ = some[0]
    assert len(some) == 1, "a union of several packed types cannot be told apart"
    return Way(lambda v: None if v is None else write(v), lambda p: None if p is None else read(p))


def _dataclass(kind: Any) -> Way:
    hints = get_type_hints(kind)
    names = [f.name for f in fields(kind)]
    ways = [way_of(hints[name]) for name in names]
    get = attrgetter(*names) if len(names) > 1 else lambda value, only=names[0]: (getattr(value, only),)

    def read(packed: Any) -> Any:
        if len(packed) != len(ways):
            raise ValueError(f"another layout of {kind.__name__}")
        return kind(*[way.read(part) for way, part in zip(ways, packed, strict=True)])

    if all(way.plain for way in ways):
        return Way(lambda v: list(get(v)), lambda p: kind(*p))
    return Way(lambda v: [way.write(part) for way, part in zip(ways, get(v), strict=True)], read)


def _mapping(key: Way, value: Way) -> Way:
    write_key, read_key, _ = key
    write, read, _ = value
    return Way(
        lambda v: [[write_key(k), write(x)] for k, x in v.items()], lambda p: {read_key(k): read(x) for k, x in p}
    )


def _collection(origin: Any, inner: Way) -> Way:
    write, read, plain = inner
    ordered = sorted if origin is set else list
    if plain:
        return Way(ordered, origin)
    return Way(lambda v: ordered(map(write, v)), lambda p: origin(map(read, p)))


def _sequence(args: tuple[Any, ...]) -> Way:
    ways = [way_of(a) for a in args if a is not ...]
    if all(way.plain for way in ways):
        return Way(list, tuple)
    if args[1:] == (...,):
        write, read, _ = ways[0]
        return Way(lambda v: list(map(write, v)), lambda p: tuple(map(read, p)))
    return Way(
        lambda v: [way.write(x) for way, x in zip(ways, v, strict=True)],
        lambda p: tuple(way.read(x) for way, x in zip(ways, p, strict=True)),
    )
