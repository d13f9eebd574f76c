"""Made-up receipts and issues over 50,000 stock keys, quickly written: for a road that is faster than honest trade.

25 sites, 500 items, 4 lots. Lines are written once and put together, so that making them costs the machine little.
"""

from collections.abc import Iterator
from itertools import islice

import orjson

SITES = tuple(f"WH-{n:02d}" for n in range(25))
ITEMS = tuple(f"item-{n:03d}" for n in range(500))
LOTS = 4
RECEIVED, ISSUED = 7, 5
KEYS = len(SITES) * len(ITEMS) * LOTS
_FIELDS = {"goods_received": '"origin":"purchased"', "goods_issued": '"receiver":"Ward 1","approval":"A-1"'}


def descriptions() -> list[bytes]:
    """Return the documents that describe every item."""
    common = {"kind": "item_described.v1", "site": "*", "source": "desk.b1", "recorded_by": "k1"}
    at = {"happened_at": "2020-01-29T08:00:00+08:00", "base_unit": "只"}
    return [orjson.dumps({**common, **at, "number": n, "item": item, "name": item}) for n, item in enumerate(ITEMS, 1)]


def on_hand(lines: int, per_document: int) -> int:
    """Return what all these documents leave on hand."""
    turns = [number // len(SITES) for number in range(lines // per_document)]
    return per_document * sum(-ISSUED if _issues(turn, per_document) else RECEIVED for turn in turns)


def _issues(turn: int, per_document: int) -> bool:
    return bool(turn * per_document // (len(ITEMS) * LOTS) % 2)


def documents(lines: int, per_document: int) -> Iterator[tuple[str, bytes]]:
    """Yield documents with their sites; every key is touched in turn, received more than issued."""
    pieces = [f'"item":"{item}","unit":"只","lot":"L{lot}"' for item in ITEMS for lot in range(LOTS)]
    blocks = [
        ",".join(f'{{"line":{n},{piece},"quantity":{{0}}}}' for n, piece in enumerate(some, 1))
        for some in _in_pieces(pieces, per_document)
    ]
    said = {
        kind: [block.replace("{0}", str(quantity)) for block in blocks]
        for kind, quantity in (("goods_received", RECEIVED), ("goods_issued", ISSUED))
    }
    for number in range(lines // per_document):
        turn, site = divmod(number, len(SITES))
        kind = "goods_issued" if _issues(turn, per_document) else "goods_received"
        minute = turn // 60 % 60
        yield (
            SITES[site],
            (
                f'{{"kind":"{kind}.v1","site":"{SITES[site]}","source":"dev-1.b1","number":{turn + 1},'
                f'"happened_at":"2020-01-29T{12 + turn // 3600 % 12:02d}:{minute:02d}:00+08:00","recorded_by":"k1",'
                f'{_FIELDS[kind]},"lines":[{said[kind][turn % len(blocks)]}]}}'
            ).encode(),
        )


def _in_pieces(pieces: list[str], size: int) -> Iterator[list[str]]:
    rest = iter(pieces)
    while some := list(islice(rest, size)):
        yield some
