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
    """How values of one type are written and read. What is `plain` is written as it is: orjson knows it."""

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
    if all(way is _PLAIN for way in some):
        return _PLAIN
    write, read, plain = some[0]
    assert len(some) == 1, "a union of several packed types cannot be told apart"
    return Way(
        _as_it_is if plain else lambda v: None if v is None else write(v),
        lambda p: None if p is None else read(p),
        plain,
    )


def _dataclass(kind: Any) -> Way:
    hints = get_type_hints(kind)
    names = [f.name for f in fields(kind)]
    ways = [way_of(hints[name]) for name in names]
    get = attrgetter(*names) if len(names) > 1 else lambda value, only=names[0]: (getattr(value, only),)
    others = [(at, way.write) for at, way in enumerate(ways) if not way.plain]
    unread = [(at, way.read) for at, way in enumerate(ways) if way.read is not _as_it_is]

    def write(value: Any) -> Any:
        packed = list(get(value))
        for at, write_part in others:
            packed[at] = write_part(packed[at])
        return packed

    def read(packed: Any) -> Any:
        if len(packed) != len(ways):
            raise ValueError(f"another layout of {kind.__name__}")
        parts = list(packed)
        for at, read_part in unread:
            parts[at] = read_part(parts[at])
        return kind(*parts)

    return Way(write if others else get, read)


def _mapping(key: Way, value: Way) -> Way:
    write_key, read_key, _ = key
    write, read, plain = value
    if key is _PLAIN and plain:
        return Way(lambda v: list(v.items()), dict if read is _as_it_is else lambda p: {k: read(x) for k, x in p})
    if key is _PLAIN:
        return Way(lambda v: [(k, write(x)) for k, x in v.items()], lambda p: {k: read(x) for k, x in p})
    return Way(
        lambda v: [(write_key(k), write(x)) for k, x in v.items()], lambda p: {read_key(k): read(x) for k, x in p}
    )


def _collection(origin: Any, inner: Way) -> Way:
    write, read, plain = inner
    unread = origin if read is _as_it_is else lambda p: origin(map(read, p))
    if origin is set:
        return Way(sorted if plain else lambda v: sorted(map(write, v)), unread)
    if not plain:
        return Way(lambda v: list(map(write, v)), unread)
    return Way(_as_it_is, _as_it_is if read is _as_it_is else unread, plain=True)


def _sequence(args: tuple[Any, ...]) -> Way:
    ways = [way_of(a) for a in args if a is not ...]
    plain = all(way.plain for way in ways)
    if all(way.read is _as_it_is for way in ways):
        return Way(_as_it_is, tuple, plain)
    if args[1:] == (...,):
        write, read, _ = ways[0]
        return Way(_as_it_is if plain else lambda v: list(map(write, v)), lambda p: tuple(map(read, p)), plain)
    return Way(
        _as_it_is if plain else lambda v: [way.write(x) for way, x in zip(ways, v, strict=True)],
        lambda p: tuple(way.read(x) for way, x in zip(ways, p, strict=True)),
        plain,
    )
