"""The dialect of the scenario files: one statement a line, read into documents and expectations. It knows no rule.

    at 2020-01-29 10:00 WH received 15 箱 KN95 lot A donor 匿名 for 同济
    at 2020-01-29 11:00 recorded 2020-01-30 09:00 WH desk.s1#4 issued 500 只 KN95 to 同济
    expect result conflicting
    expect stock WH KN95 on_hand 10500 held 0 designated 10500
    expect alerts negative_book/WH/KN95

A site may be followed by `source#number`; else the source is `dev.s1` and the number its next. Quotes hold words
together. Any other kind is written by its name and fields: `at … * zone_set area 江岸 zone high …`. A document without
`expect result` after it must be admitted.
"""

import json
import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

from schemas.entry import type_of_kind
from tests.spec import Doc, document

Words = list[str]
LINE_FIELDS = {"lot": "lot", "expires": "expires_on", "registration": "registration", "certificate": "certificate"}
FIELDS_OF: dict[str, dict[str, str]] = {
    "received": {"supplier": "supplier", "origin": "origin"},
    "issued": {"to": "receiver", "approval": "approval", "use": "use", "department": "department"},
    "returned": {"by": "returned_by"},
    "released": {"for": "designated_receiver", "approved": "approved_by", "reason": "reason"},
    "dispatched": {"to": "to_site", "transfer": "transfer"},
    "arrived": {"from": "from_site", "transfer": "transfer"},
    "counted": {},
    "adjusted": {"approved": "approved_by", "reason": "reason"},
}
KIND_OF = {verb: f"goods_{verb}" for verb in ("received", "issued", "returned", "released")} | {
    "dispatched": "transfer_dispatched", "arrived": "transfer_arrived", "counted": "stock_counted",
    "adjusted": "stock_adjusted",
}  # fmt: skip
ALWAYS: dict[str, dict[str, Any]] = {
    "received": {"origin": "purchased"},
    "released": {"releases": "hold", "approved_by": "head-1", "reason": "papers came"},
    "counted": {"counted_by": ["counter-1"]},
    "adjusted": {"approved_by": "head-1", "reason": "count"},
}
INSPECTION = ("name", "specification", "quantity", "expiry", "quality", "packing", "label")


@dataclass(frozen=True)
class Statement:
    """One line of a scenario: where it stands, and its words."""

    place: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Sent:
    """A document statement: what is sent, under which name it is quoted later, and when it is recorded."""

    site: str
    source: str
    number: int | None
    recorded_at: datetime
    make: Callable[["Book"], bytes | Doc]


class Book(dict[str, tuple[Doc, list[dict[str, Any]]]]):
    """Documents sent so far by `site/source#number`, each with what the book read on its lines."""


def read(path: Path) -> list[Statement]:
    """Read the statements of a file, without comments and blank lines."""
    lines = enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
    split = [(number, shlex.split(line, comments=False)) for number, line in lines if not line.lstrip().startswith("#")]
    return [Statement(f"{path.name}:{number}", tuple(words)) for number, words in split if words]


def moment(day: str, time: str) -> datetime:
    """Read a day and a time of Wuhan."""
    return datetime.fromisoformat(f"{day}T{time}:00+08:00")


def sent(statement: Statement) -> Sent:
    """Read an `at` statement."""
    words = list(statement.words[1:])
    happened_at = moment(words.pop(0), words.pop(0))
    recorded_at = happened_at
    if words[0] == "recorded":
        words.pop(0)
        recorded_at = moment(words.pop(0), words.pop(0))
    site, source, number = words.pop(0), "dev.s1", None
    if "#" in words[0]:
        source, _, count = words.pop(0).partition("#")
        number = int(count) if count else None
    verb = words.pop(0)
    common = {"happened_at": happened_at.isoformat(), "number": number or 0}

    def make(book: Book) -> bytes | Doc:
        if verb == "raw":
            return words[0].encode()
        if verb == "repeated":
            return book[f"{site}/{words[0]}"][0]
        if verb == "reversed":
            return _reversal(site, source, words, book).but(**common)
        return _document(site, source, verb, words).but(**common)

    return Sent(site, source, number, recorded_at, make)


def _document(site: str, source: str, verb: str, words: Words) -> Doc:
    if verb in KIND_OF:
        return document(KIND_OF[verb], site, source, **_goods(verb, words))
    if f"{verb}.v1" in type_of_kind:
        return document(verb, site, source, **_as_said(verb, words))
    return _about_the_book(verb, words, source)


def _as_said(kind: str, words: Words) -> dict[str, Any]:
    """Read the fields of any kind: `name value`, the value as text or JSON; lines first, as goods are written."""
    on_document = type_of_kind[f"{kind}.v1"].model_fields
    lined = "lines" in on_document
    line_fields = get_args(on_document["lines"].annotation)[0].__pydantic_fields__ if lined else {}
    quantity = "quantity_change" if "quantity_change" in line_fields else "quantity"
    lines: list[dict[str, Any]] = []
    fields: dict[str, Any] = {}
    while words:
        if lined and (not lines or words[0] == "and"):
            words = words[1:] if lines else words
            lines.append({"line": len(lines) + 1, "item": words[2], "unit": words[1], quantity: int(words[0])})
            words = words[3:]
            continue
        name, value, *words = words
        (fields if name in on_document else lines[-1])[name] = _value(value)
    return fields | ({"lines": lines} if lined else {})


def _value(written: str) -> Any:
    return json.loads(written) if re.fullmatch(r"-?\d+|true|false|[\[{].*", written) else written


def _goods(verb: str, words: Words) -> dict[str, Any]:
    fields = dict(ALWAYS.get(verb, {}))
    lines: list[dict[str, Any]] = []
    while words:
        if not lines or words[0] == "and":
            words = words[1:] if lines else words
            quantity = "quantity_change" if verb == "adjusted" else "quantity"
            lines.append({"line": len(lines) + 1, "item": words[2], "unit": words[1], quantity: int(words[0])})
            words = words[3:]
        else:
            words = words[_take(verb, words, fields, lines[-1]) :]
    return fields | {"lines": lines}


def _take(verb: str, words: Words, fields: dict[str, Any], line: dict[str, Any]) -> int:
    """Take one option into the document or its last line; return how many words it was."""
    match words:
        case ["pack", size, unit, *_]:
            line["pack"] = {"size": int(size), "unit": unit}
            return 3
        case ["condition", condition, *_]:
            line["condition"] = condition
        case ["donor", donor, *_]:
            fields["origin"] = "donated"
            fields.setdefault("donation", {})["donor"] = donor
        case ["for", receiver, *_] if verb == "received":
            fields.setdefault("donation", {})["designated_receiver"] = receiver
        case ["for", *_] if verb == "released":
            fields |= {"releases": "designation", "designated_receiver": words[1]}
        case ["inspection", "failed", *_]:
            fields["inspection"] = dict.fromkeys(INSPECTION, "ok") | {"label": "not_ok", "inspected_by": "keeper-2"}
        case ["awaiting", "disinfection", *_]:
            fields["awaiting_disinfection"] = True
        case ["answering", entry, *_]:
            site, source, number = _entry(entry)
            fields["answers"] = {"site": site, "source": source, "number": number}
        case [option, value, *_] if option in LINE_FIELDS:
            line[LINE_FIELDS[option]] = value
        case [option, value, *_] if option in FIELDS_OF[verb]:
            fields[FIELDS_OF[verb][option]] = value
        case _:
            raise AssertionError(f"{verb}: nobody knows the words {words}")
    return 2


def _entry(written: str) -> tuple[str, str, int]:
    site, _, rest = written.partition("/")
    source, _, number = rest.partition("#")
    return site, source, int(number)


def _about_the_book(verb: str, words: Words, source: str) -> Doc:
    match [verb, *words]:
        case ["described", item, "in", unit, *more]:
            packs = {pack: int(size) for pack, _, size in (word.partition("=") for word in more if "=" in word)}
            options = [word for word in more if "=" not in word]
            fields: dict[str, Any] = dict(zip(options[::2], options[1::2], strict=True))
            fields = {"item": item, "name": item, "base_unit": unit, "packs": packs} | fields
            return document("item_described", "*", source, **fields)
        case ["synonym", of, name, "means", means, *more]:
            item = {"item": more[1]} if more else {}
            return document("synonym_recorded", "*", source, of=of, name=name, means=means, reason="as written", **item)
        case ["place", site, "district", district, "kind", kind]:
            return document("site_described", "*", source, describes=site, name=site, district=district, site_kind=kind)
        case ["acknowledged", alert, "by", who]:
            site = alert.split("/")[1]
            return document(
                "alert_acknowledged", site, source, alert=alert, acknowledged_by=who, measure="looking for the receipt"
            )
        case ["policy", key, value, "from", day]:
            start = moment(day, "00:00").isoformat()
            return document("policy_set", "*", source, key=key, value=int(value), effective_from=start, reason="plan")
        case _:
            raise AssertionError(f"nobody knows the words {verb} {words}")


def _reversal(site: str, source: str, words: Words, book: Book) -> Doc:
    named, *rest = words
    original, readings = book[f"{site}/{named}"]
    source_of, _, number = named.partition("#")
    return document(
        "entry_reversed", site, source, reverses={"site": site, "source": source_of, "number": int(number)},
        reason=rest[1] if rest else "mistake", original=original.bytes().decode(), readings=readings,
    )  # fmt: skip
