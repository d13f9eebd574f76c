"""Pack text: what people write to say how much a pack holds (`2000只/箱`, `100只*10盒/箱`, `1箱8件`).

It reads only what can be read in one way. Anything else is None: an amount nobody stated is never guessed (A11).
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from projections.catalogue import lookup_key

_MEASURES = "kg|mg|ml|mm|cm|g|l|公斤|千克|毫升|克|升|斤"
_NOT_UNITS = frozenset({*_MEASURES.split("|"), "装"})
_MEASURE = re.compile(rf"\d+(?:[.、]\d+)?(?:{_MEASURES})")
_UNIT = r"[一-鿿]{1,3}?"
_FACTOR = re.compile(rf"(\d+)({_UNIT})?(装)?(?:/({_UNIT}))?")
_ONE_HOLDS = re.compile(rf"1({_UNIT})(\d+)({_UNIT})")
_PER_PACK = re.compile(rf"(.+)/({_UNIT})")
_CLOSING_BRACKET = re.compile(r"\([^()]*\)$")


@dataclass(frozen=True, slots=True)
class Packing:
    """What one pack holds, by unit, largest unit first. `outer` is the unit of the pack; None: the row's own unit."""

    outer: str | None
    holds: tuple[tuple[str, int], ...]
    bare: bool = False
    """Only an amount was written (`600瓶`): each or in all? The same thing for one pack, unknown for more."""


@lru_cache(maxsize=8192)
def read_packing(text: str) -> Packing | None:
    """Read pack text, or return None when it says nothing certain about how many of a unit a pack holds."""
    written = lookup_key(text)
    if "/" in _CLOSING_BRACKET.sub("", written):
        written = _CLOSING_BRACKET.sub("", written)  # `100盒/件(4瓶装)`: the bracket speaks of the inner pack
    clauses = [clause for clause in written.split(",") if not _is_measure_only(clause)]
    read = [_read_clause(clause) for clause in clauses]
    whole = [packing for packing in read if packing is not None]
    if not whole or len(whole) != len(read):
        return None
    return whole[0] if len(whole) == 1 else _join(whole)


def _is_measure_only(clause: str) -> bool:
    """Tell whether a clause states weight or volume alone: `2.5L/瓶`."""
    found = _PER_PACK.fullmatch(clause)
    return _MEASURE.fullmatch(found[1] if found else clause) is not None


def _join(clauses: list[Packing]) -> Packing | None:
    """Join `10盒/箱, 10支/盒`: each further clause opens a unit that stands inside."""
    first, *others = clauses
    holds = dict(first.holds)
    for packing in others:
        if first.outer is None or packing.outer not in holds:
            return None
        holds |= {unit: size * holds[packing.outer] for unit, size in packing.holds}
    return Packing(first.outer, tuple(holds.items()))


def _read_clause(clause: str) -> Packing | None:
    one = _ONE_HOLDS.fullmatch(clause)
    if one:
        return Packing(one[1], ((one[3], int(one[2])),))
    per_pack = _PER_PACK.fullmatch(clause)
    body, outer = (per_pack[1], per_pack[2]) if per_pack else (clause, None)
    written = re.split(r"[*x×]", body)
    measured = _MEASURE.fullmatch(written[0]) is not None
    factors = _factors(written[measured:])
    if not factors:
        return None
    holds = _multiply([(count, unit) for count, unit, _ in factors])
    if not holds:
        return None
    bare = outer is None and not measured
    if bare and len(factors) > 1:
        return None  # `12件*100个`: twelve packs of a hundred, or a pack of twelve hundred?
    return Packing(outer, holds, bare and not factors[0][2])


def _factors(written: list[str]) -> list[tuple[int, str, bool]] | None:
    """Read `15片`, `2板/盒`, `200盒` as counts with their units; an inner `/盒` must open the factor that follows."""
    factors = []
    for here, following in zip(written, [*written[1:], ""], strict=True):
        found = _FACTOR.fullmatch(here)
        if not found or int(found[1]) < 1 or found[2] in _NOT_UNITS:
            return None
        if found[4] and not following.endswith(found[4]):
            return None
        factors.append((int(found[1]), found[2] or "", found[3] is not None))
    return factors


def _multiply(factors: list[tuple[int, str]]) -> tuple[tuple[str, int], ...]:
    """Count each named unit in the whole pack, largest first. Small units are written before large ones."""
    named = [i for i, (_, unit) in enumerate(factors) if unit]
    if not named:
        return ()
    if named[0] > 0:
        if named != [len(factors) - 1]:
            return ()
        product = 1  # `12*25只/箱`: twelve times twenty-five
        for count, _ in factors:
            product *= count
        return ((factors[-1][1], product),)
    holds: list[tuple[str, int]] = []
    product = 1
    for count, unit in reversed(factors):
        product *= count
        if unit:
            holds.append((unit, product))
    return tuple(holds)
