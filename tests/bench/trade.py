"""Made-up trade to measure with: a city's worth of sites, items and lots, the same documents every time.

Most documents are issues and receipts, some transfers and counts; a fifth of the lines is written in boxes. The first
documents fill the shelves, so that few go negative. It is not real input and stands for no rule.
"""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

import orjson

SITES = tuple(f"WH-{n:02d}" for n in range(20))
ITEMS = tuple(f"item-{n:03d}" for n in range(250))
LOTS = tuple(f"L{n}" for n in range(4))
SOURCES_A_SITE = 5
IN_A_BOX = 20
_START = datetime.fromisoformat("2020-01-29T08:00:00+08:00")
_EXPIRIES = ("2021-06-30", "2021-12-31", "2022-06-30", "2023-01-31")


def catalogue() -> list[bytes]:
    """Return one document that describes each item."""
    return [
        orjson.dumps({
            "kind": "item_described.v1", "site": "*", "source": "desk.b1", "number": number, "recorded_by": "desk-1",
            "happened_at": _START.isoformat(), "item": item, "name": item, "base_unit": "只", "packs": {"箱": IN_A_BOX},
        })
        for number, item in enumerate(ITEMS, 1)
    ]  # fmt: skip


class Trade:
    """A source of documents. `device` keeps the numbers of two traders apart; `on_hand` is what the book must show."""

    def __init__(self, device: str = "dev", seed: int = 1) -> None:
        self.device = device
        self.chance = random.Random(seed)
        self.numbers: dict[tuple[str, str], int] = {}
        self.stock: dict[tuple[str, str], int] = {}
        self.filled = 0
        self.made = 0

    @property
    def on_hand(self) -> int:
        """Base units of everything at every site together."""
        return sum(self.stock.values())

    def documents(self, lines: int, per_document: int) -> Iterator[bytes]:
        """Yield documents with so many lines in all, each of `per_document`."""
        for _ in range(lines // per_document):
            yield orjson.dumps(self._document(per_document))

    def _document(self, per_document: int) -> dict[str, object]:
        filling = self.filled < len(SITES) * len(ITEMS)
        chance = self.chance.random
        site = SITES[self.filled // len(ITEMS) if filling else int(chance() * len(SITES))]
        source = f"{self.device}-{int(chance() * SOURCES_A_SITE)}.b1"
        number = self.numbers[site, source] = self.numbers.get((site, source), 0) + 1
        self.made += 1
        document: dict[str, object] = {
            "site": site, "source": source, "number": number, "recorded_by": "keeper-1",
            "happened_at": (_START + timedelta(seconds=self.made * 20)).isoformat(),
        }  # fmt: skip
        fields, sign = self._kind(0.0 if filling else chance())
        document.update(fields)
        document["lines"] = [self._line(n + 1, site, sign, filling=filling) for n in range(per_document)]
        return document

    def _kind(self, place: float) -> tuple[dict[str, object], int]:
        """Return the head of a document of some kind, and which way it moves goods; `place` is from 0 to 1."""
        chance = self.chance.random
        if place < 0.35:
            return {"kind": "goods_received.v1", "origin": "purchased", "supplier": "supplier-1"}, 1
        if place < 0.93:
            return {"kind": "goods_issued.v1", "receiver": f"Ward {int(chance() * 9)}"}, -1
        if place < 0.98:
            to_site, transfer = SITES[int(chance() * len(SITES))], f"T-{self.device}-{self.made}"
            return {"kind": "transfer_dispatched.v1", "transfer": transfer, "to_site": to_site}, -1
        return {"kind": "stock_counted.v1", "counted_by": ["counter-1"]}, 0

    def _line(self, number: int, site: str, sign: int, *, filling: bool) -> dict[str, object]:
        chance = self.chance.random
        item = ITEMS[self.filled % len(ITEMS) if filling else int(chance() * len(ITEMS))]
        if sign == 0:
            found = self.stock.get((site, item), 0)
            return {"line": number, "item": item, "unit": "只", "quantity": max(0, found - (chance() < 0.05))}
        self.filled += filling
        lot = int(chance() * len(LOTS))
        boxed = chance() < 0.2
        quantity = 10_000 if filling else 1 + int(chance() * (45 if sign > 0 else 25))
        line: dict[str, object] = {
            "line": number, "item": item, "unit": "箱" if boxed else "只", "quantity": quantity, "lot": LOTS[lot]
        }  # fmt: skip
        if sign > 0:
            line["expires_on"] = _EXPIRIES[lot]
        key = (site, item)
        self.stock[key] = self.stock.get(key, 0) + sign * quantity * (IN_A_BOX if boxed else 1)
        return line
