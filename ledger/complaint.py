"""Why a document could not be read, in the book's own codes: they are sealed on the page, so no library's may be.

The first fault decides: where it is, what was found there. What was expected is in the words of the code.
"""

import re

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from schemas.page import Reason

_FOUND_CHARACTERS = 200
_VERSIONED = re.compile(r"\.v\d+$")
_CODES = {
    "missing": "field_missing",
    "extra_forbidden": "field_unknown",
    "int_type": "field_not_whole",
    "int_from_float": "field_not_whole",
    "int_parsing_size": "field_too_large",
    "greater_than": "field_too_small",
    "greater_than_equal": "field_too_small",
    "less_than": "field_too_large",
    "less_than_equal": "field_too_large",
    "string_too_short": "field_empty",
    "too_short": "field_empty",
    "string_too_long": "field_too_long",
    "too_long": "field_too_long",
    "string_pattern_mismatch": "field_badly_formed",
    "literal_error": "field_not_a_choice",
    "union_tag_invalid": "kind_unknown",
    "union_tag_not_found": "kind_missing",
    "json_invalid": "document_not_json",
    "timezone_aware": "moment_badly_written",
}
"""pydantic's types of error → our codes. What our own validators raise has our own code already."""
_OURS = frozenset(
    {
        "moment_badly_written", "day_badly_written", "period_backwards", "line_number_repeated", "gift_not_described",
        "designation_without_receiver", "capacity_not_said_once", "day_to_come", "fault_not_described",
        "point_planned_twice", "dispute_without_reason", "closing_without_amount", "calendar_contradicts",
        "gift_not_numbered", "gift_answer_unfinished",
    }
)  # fmt: skip
_LIMITS = ("ge", "gt", "le", "lt", "min_length", "max_length")


def complaint(error: ValidationError) -> Reason:
    """Return the reason of the first fault pydantic found."""
    first: ErrorDetails = error.errors(include_url=False)[0]
    code = _code(first["type"])
    facts = {"where": _where(first["loc"]), "found": _shown(first, code)}
    context = first.get("ctx", {})
    limit = next((context[name] for name in _LIMITS if name in context), None)
    return Reason(code=code, facts=facts if limit is None else facts | {"limit": str(limit)})


def _code(kind: str) -> str:
    if kind in _OURS:
        return kind
    if kind.startswith("datetime_"):
        return "moment_badly_written"
    if kind.startswith("date_"):
        return "day_badly_written"
    return _CODES.get(kind, "field_of_another_kind")


def _where(place: tuple[int | str, ...]) -> str:
    parts = [f"[{p}]" if isinstance(p, int) else f".{p}" for p in place if not _VERSIONED.search(str(p))]
    return "".join(parts).lstrip(".")[:_FOUND_CHARACTERS] or "document"


def _shown(fault: ErrorDetails, code: str) -> str:
    found = fault.get("input")
    if code in ("field_missing", "kind_missing") or found is None:
        return "–"
    if code == "kind_unknown" and isinstance(found, dict):
        found = found.get("kind")
    if isinstance(found, dict | list):
        return "{…}" if isinstance(found, dict) else "[…]"
    return repr(found)[:_FOUND_CHARACTERS]
