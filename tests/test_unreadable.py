"""Bytes that are not exactly one document: kept, explained, harmless. A text is never mistaken for a field."""

import json

import pytest

from schemas.page import Result
from tests.spec import Doc, donated, given, line, received

ADMITTED, UNREADABLE = Result.ADMITTED, Result.UNREADABLE


def written(doc: Doc, **changes: object) -> bytes:
    return doc.but(number=1, **changes).bytes()


GOOD = written(received(5))
UNREADABLE_BYTES = {
    "nothing": b"",
    "null": b"null",
    "a list": b"[]",
    "a line break": GOOD.replace(b",", b",\n", 1),
    "cut": GOOD[:-1],
    "two documents": GOOD + GOOD,
    "invalid utf-8": GOOD.replace(b"keeper-1", b"keeper-\xff"),
    "a byte order mark": b"\xef\xbb\xbf" + GOOD,
    "half a surrogate": GOOD.replace(b"keeper-1", b"\\ud800"),
    "not a number": GOOD.replace(b'"quantity":5', b'"quantity":NaN'),
    "a fraction": GOOD.replace(b'"quantity":5', b'"quantity":5.0'),
    "a text for a number": GOOD.replace(b'"quantity":5', b'"quantity":"5"'),
    "a truth for a number": GOOD.replace(b'"number":1', b'"number":true'),
    "a null quantity": GOOD.replace(b'"quantity":5', b'"quantity":null'),
    "nothing moved": GOOD.replace(b'"quantity":5', b'"quantity":0'),
    "less than nothing": GOOD.replace(b'"quantity":5', b'"quantity":-5'),
    "1e14 masks": GOOD.replace(b'"quantity":5', b'"quantity":100000000000000'),
    "5,000 digits": GOOD.replace(b'"quantity":5', b'"quantity":' + b"9" * 5000),
    "4,300 digits": GOOD.replace(b'"quantity":5', b'"quantity":' + b"9" * 4300),
    "deep brackets": GOOD[:-1] + b',"note":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "8 MB of text": GOOD[:-1] + b',"note":"' + b"x" * 8_000_000 + b'"}',
    "an unknown field": GOOD[:-1] + b',"colour":"red"}',
    "an unknown kind": GOOD.replace(b"goods_received.v1", b"goods_vanished.v1"),
    "a later version": GOOD.replace(b"goods_received.v1", b"goods_received.v2"),
    "a field twice": GOOD.replace(b'"quantity":5', b'"quantity":5,"quantity":500'),
    "a field twice, spaced": GOOD.replace(b'"quantity":5', b'"quantity" :5,"quantity":500'),
    "a field twice, escaped": GOOD.replace(b'"quantity":5', b'"quantity":5,"quantit\\u0079":500'),
    "a line number twice": written(received([line(5), line(6)])),
    "no lines": written(received([])),
    "no site": written(received(5, site="")),
    "goods at every site": written(received(5, site="*")),
    "no epoch": written(received(5, source="dev-1")),
    "number nought": written(received(5)).replace(b'"number":1', b'"number":0'),
    "a clock without offset": written(received(5).at("2020-01-29T10:00:00")),
    "a clock as seconds": written(received(5).at("1580263200")),
    "a clock of another style": written(received(5).at("2020-01-29_10:00:00z")),
    "a day that is none": written(received(5, expires_on="2021-02-30")),
    "a day as seconds": written(received(5, expires_on="1580256000")),
    "a period that ends before it starts": written(received(5, happened_since="2020-02-01T00:00:00+08:00")),
    "a gift without its paper": written(received(5, origin="donated")),
    "a bought gift": written(donated(5), origin="purchased"),
}


@pytest.mark.parametrize("raw", UNREADABLE_BYTES.values(), ids=UNREADABLE_BYTES)
def test_bytes_that_are_not_exactly_one_document_are_kept_and_explained(raw: bytes) -> None:
    world = given().when(raw, received(7)).then(UNREADABLE, ADMITTED, on_hand=7)
    kept = world.pages[-1][0].quarantined[0]
    assert kept.raw == raw
    assert kept.reason.code
    assert len(world.pages[-1][1]) < 4_000


def test_a_text_that_looks_like_a_field_is_not_mistaken_for_one() -> None:
    odd = '": " said "quantity":7, \\"quantity\\" : 8'
    spaced = json.dumps(received(5, note=odd).but(number=2).fields, indent=None, separators=(" , ", " : ")).encode()
    given().when(received(5, note=odd).but(number=1), spaced).then(ADMITTED, ADMITTED, on_hand=10)
