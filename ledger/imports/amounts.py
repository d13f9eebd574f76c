"""Amounts as people write them: `198`, `198件`, `1,000`. What is not certainly a whole number stays as written."""

import re

from projections.catalogue import lookup_key

_DIGITS_MAX = 12
_WHOLE = re.compile(rf"[+-]?(?:\d{{1,{_DIGITS_MAX}}}|\d{{1,3}}(?:,\d{{3}}){{1,3}})")


def read_amount(text: str, unit: str) -> int | str:
    """Return the whole number written, alone or with the row's own unit behind it; else the text as it is."""
    if text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX:
        return int(text)
    written = lookup_key(text)
    if unit:
        written = written.removesuffix(lookup_key(unit))
    return int(written.replace(",", "")) if _WHOLE.fullmatch(written) else text
