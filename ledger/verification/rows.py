"""What a verification says: one row a comparison, with how much was compared and where it first differs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ledger.errors import LedgerError

_SAID_MAX = 300


@dataclass(frozen=True, slots=True)
class Compared:
    """One comparison. It holds when nothing differs."""

    name: str
    compared: int
    """Things compared: pages, keys, rows."""
    differing: int
    first_difference: str = ""
    """Where they first part, and both values; of what cannot be read, the words of the error in both languages."""


@dataclass(frozen=True, slots=True)
class Report:
    """All comparisons of one verification."""

    rows: tuple[Compared, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing differs."""
        return all(row.differing == 0 for row in self.rows)


def whole(name: str, compared: int) -> Compared:
    """Say that a check held."""
    return Compared(name, compared, 0)


def broken(name: str, error: LedgerError, compared: int = 0) -> Compared:
    """Say that something cannot be read or is not what it was."""
    return Compared(name, compared, 1, f"{error.text('zh')} / {error.text('en')}")


def compare(name: str, left: Mapping[Any, Any], right: Mapping[Any, Any], sides: str, where: str = "") -> Compared:
    """Compare two mappings key by key. `sides` names them: `live|replay`; `where` stands before the key."""
    differing = 0
    first = ""
    for key in left.keys() | right.keys():
        one, other = left.get(key), right.get(key)
        if one == other:
            continue
        differing += 1
        of_left, _, of_right = sides.partition("|")
        said = f"{where}{_short(key)}: {of_left} {_short(one)}, {of_right} {_short(other)}"
        first = said if not first else min(first, said)
    return Compared(name, len(left.keys() | right.keys()), differing, first)


def together(comparisons: Iterable[list[Compared]]) -> list[Compared]:
    """Put the comparisons of several volumes together, one row a name."""
    rows: dict[str, Compared] = {}
    for row in (row for of_volume in comparisons for row in of_volume):
        known = rows.get(row.name, Compared(row.name, 0, 0))
        first = known.first_difference or row.first_difference
        rows[row.name] = Compared(row.name, known.compared + row.compared, known.differing + row.differing, first)
    return list(rows.values())


def _short(value: object) -> str:
    said = " ".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return said if len(said) <= _SAID_MAX else said[:_SAID_MAX] + "…"
