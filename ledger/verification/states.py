"""States of folds compared with a replay, mapping by mapping and key by key. It knows no fold by name."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from ledger.folds import Folds
from ledger.verification.replaying import Replay
from ledger.verification.rows import Compared, compare, together


@dataclass(frozen=True, slots=True)
class Kept:
    """What a worker keeps of a fold of one volume: its page, its state, and where a replay has the same."""

    volume: int
    name: str
    page: int
    state: Any
    fold: Callable[[Folds], object]


@dataclass(slots=True)
class KeptByWorkers:
    """What workers keep, each compared when the replay of its volume comes by."""

    waiting: list[Kept]
    _compared: list[list[Compared]] = field(default_factory=list)

    def compare(self, replays: Sequence[Replay], upto: Sequence[int] | None = None) -> None:
        """Compare what is of a page up to `upto` of its volume; all that is left when none is given."""
        for kept in sorted(self.waiting, key=lambda one: (one.volume, one.page)):
            if upto is None or kept.page <= upto[kept.volume]:
                replay = replays[kept.volume]
                replay.to(kept.page)
                found = compare_states(kept.name, kept.state, kept.fold(replay.folds), "worker|replay", kept.volume)
                self._compared.append(found)
                self.waiting.remove(kept)

    def rows(self) -> list[Compared]:
        """Return the comparisons, one row a part."""
        return together(self._compared)


def compare_states(name: str, state: object, replayed: object, sides: str, volume: int) -> list[Compared]:
    """Compare a fold with its replay, mapping by mapping and key by key."""
    one, other = dict(_parts(name, state)), dict(_parts(name, replayed))
    assert one.keys() == other.keys(), "two states of one fold have the same parts"
    return [compare(part, one[part], other[part], sides, f"volume {volume}: " if volume else "") for part in one]


def _parts(name: str, state: object) -> Iterator[tuple[str, dict[Any, Any]]]:
    """Spread a fold out as mappings that can be compared key by key; what is no mapping is compared as one of them."""
    single: dict[Any, Any] = {}
    for part in fields(state):  # type: ignore[arg-type]  # every fold is a dataclass
        value = getattr(state, part.name)
        if is_dataclass(value):
            yield from _parts(f"{name}_{part.name}", value)
        elif isinstance(value, dict):
            yield f"{name}_{part.name}", dict(_leaves(value))
        elif isinstance(value, set):
            yield f"{name}_{part.name}", dict.fromkeys(value, True)
        else:
            single[part.name] = value
    if single:
        yield name, single


def _leaves(value: object, *place: object) -> Iterator[tuple[Any, Any]]:
    """Spread out what mappings and states hold within each other, so that a difference names its place."""
    if is_dataclass(value):
        value = {part.name: getattr(value, part.name) for part in fields(value)}
    if not isinstance(value, dict) or not value:
        yield place, value
        return
    for key, inner in value.items():
        yield from _leaves(inner, *place, *(key if isinstance(key, tuple) else (key,)))
