"""Snapshots of folds: caches that shorten a start. Delete them and nothing changes; damage one and it is not used."""

import hashlib
import json
import os
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from ledger.errors import BrokenEnvironment

State = TypeVar("State")


def save(path: Path, state: object) -> None:
    """Write a state so that it is whole or absent, never half."""
    body = json.dumps(pack(state), ensure_ascii=False, separators=(",", ":")).encode()
    draft = path.with_suffix(".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("wb") as file:
            file.write(_check(body) + b"\n" + body)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        raise BrokenEnvironment("file_unusable", path=path, found=error) from error


def load(path: Path, kind: type[State]) -> State | None:
    """Read a state back; None when there is none or it is not byte for byte what was saved."""
    try:
        check, _, body = path.read_bytes().partition(b"\n")
    except OSError:
        return None  # a cache that cannot be read is as good as absent: the book is replayed
    if _check(body) != check:
        return None
    return unpack(kind, json.loads(body))  # type: ignore[no-any-return]  # unpack(kind) gives that kind


def _meaning() -> bytes:
    """Return a digest of the code that says what entries mean: a state folded by other code is not this state."""
    root = Path(__file__).parents[1]
    code = hashlib.sha256()
    for path in sorted([*root.glob("schemas/*.py"), *root.glob("projections/*.py"), *root.glob("ledger/admission.py")]):
        code.update(path.read_bytes())
    return code.digest()


MEANING = _meaning()
"""Read with the code itself, so that a file changed under a running process is not taken for what it runs."""


def _check(body: bytes) -> bytes:
    return hashlib.sha256(MEANING + body).hexdigest().encode()


def pack(value: Any) -> Any:
    """Turn a state into JSON: dataclasses to lists of fields, mappings to lists of pairs, bytes to hexadecimal."""
    if isinstance(value, str | int | None):
        return value
    if is_dataclass(value):
        return [pack(getattr(value, f.name)) for f in fields(value)]
    if isinstance(value, Mapping):
        return [[pack(k), pack(v)] for k, v in value.items()]
    if isinstance(value, set | frozenset):
        return sorted(pack(v) for v in value)
    if isinstance(value, list | tuple):
        return [pack(v) for v in value]
    if isinstance(value, bytes | bytearray):
        return value.hex()
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"a snapshot cannot hold a {type(value).__name__}")


def unpack(kind: Any, packed: Any) -> Any:
    """Turn JSON made by `pack` back into a value of `kind`."""
    origin, args = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return None if packed is None else unpack(next(a for a in args if a is not type(None)), packed)
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        names = [f.name for f in fields(kind)]
        if len(names) != len(packed):
            raise ValueError("another layout")
        return kind(**{name: unpack(hints[name], part) for name, part in zip(names, packed, strict=True)})  # type: ignore[operator]  # a dataclass type is callable
    if origin is dict:
        return {unpack(args[0], k): unpack(args[1], v) for k, v in packed}
    if origin is set:
        return {unpack(args[0], v) for v in packed}
    if origin is list:
        return [unpack(args[0], v) for v in packed]
    if origin is tuple:
        inner = args[:1] * len(packed) if args[1:] == (...,) else args
        return tuple(unpack(a, v) for a, v in zip(inner, packed, strict=True))
    if kind in (bytes, bytearray):
        return kind.fromhex(packed)
    if kind in (datetime, date):
        return kind.fromisoformat(packed)
    return packed
