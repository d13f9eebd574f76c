"""Snapshots of folds: caches that shorten a start. Delete them and nothing changes; damage one and it is not used."""

import hashlib
import os
from pathlib import Path
from typing import TypeVar

import orjson

from ledger.errors import BrokenEnvironment
from ledger.packed import pack, unpack

State = TypeVar("State")


def save(path: Path, state: object) -> None:
    """Write a state so that it is whole or absent, never half."""
    body = orjson.dumps(pack(type(state), state))
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
    return unpack(kind, orjson.loads(body))  # type: ignore[no-any-return]  # unpack(kind) gives that kind


def _meaning() -> bytes:
    """Return a digest of the code that says what entries mean: a state folded by other code is not this state."""
    root = Path(__file__).parents[1]
    code = hashlib.sha256()
    meaning = ("schemas/*.py", "projections/**/*.py", "ledger/admission.py")
    for path in sorted(path for files in meaning for path in root.glob(files)):
        code.update(path.read_bytes())
    return code.digest()


MEANING = _meaning()
"""Read with the code itself, so that a file changed under a running process is not taken for what it runs."""


def _check(body: bytes) -> bytes:
    return hashlib.sha256(MEANING + body).hexdigest().encode()
