"""The daily traffic of the trial, made from little: issues, returns, transfers and counts that are all in order.

Seeded, so every run makes the same documents. It keeps its own shelves, takes what expires first, and never issues
what is not there: whatever an audit finds in it is a fault of the audit or of this module.
"""

import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from ledger.scanning import Scan, read_scan
from processors.trial.drafts import Draft
from processors.trial.materials import FIRST_DAY, LAST_DAY, Device, Goods, Materials, Place, local
from processors.trial.papers import HAZARD_PLACE, approved, numbered, papers_of, received_in_order
from processors.trial.shelves import Shelves, Taken

SEED = 20200122
WINDOWS = (("10:00", timedelta(hours=2), 4), ("14:00", timedelta(hours=3), 5))
"""When scanners issue: begin, length, documents a scanner. Scanners of a site take turns within it."""
SENDING = timedelta(minutes=3)
ROUND_SENT = "19:15"
"""When the counting device is back from its round and sends what it counted."""
ROUTES = (("CITY", "DS-A"), ("CITY", "DS-B"), ("DS-A", "H-1"), ("DS-A", "H-3"), ("DS-B", "H-2"), ("DS-B", "SP-1"))


class Traffic:
    """Twelve ordinary days at every site."""

    def __init__(self, materials: Materials) -> None:
        self.materials = materials
        # Chance that must be the same in every run; nothing here is a secret.
        self.random = random.Random(SEED)  # noqa: S311 - seeded on purpose: the same trial every time
        self.shelves = Shelves()
        reserved = materials.reserved()
        self.carried = {
            place.site: [g for g in materials.goods if g.a_day and (place.site, g.item) not in reserved]
            for place in materials.places
        }
        self.issued: dict[str, list[tuple[str, Goods, Taken]]] = {}
        self.hazardous: defaultdict[tuple[str, str], dict[str, int]] = defaultdict(dict)
        """The most of each hazardous item that a receiver is issued at once, by site and receiver, in base units."""
        self.moving: list[tuple[str, str, str, list[dict[str, Any]]]] = []

    def drafts(self) -> Iterator[Draft]:
        """Yield every document, day by day."""
        for place in self.materials.places:
            yield from self._opening(place)
        day = FIRST_DAY
        while day <= LAST_DAY:
            yield from self._arrivals(day)
            for place in self.materials.places:
                yield from self._returns(place, day)
                yield from self._issues(place, day)
            if day < LAST_DAY:
                yield from self._dispatches(day)
            for place in self.materials.places:
                yield self._count(place, day)
            day += timedelta(days=1)
        yield from self._reported_use()

    def _desk(self, site: str) -> Device:
        return next(d for d in self.materials.devices if d.work == "desk" and d.sites[0] == site)

    def _opening(self, place: Place) -> Iterator[Draft]:
        desk = self._desk(place.site)
        for hazardous in (False, True):
            lines = []
            for goods in (g for g in self.carried[place.site] if g.hazardous is hazardous):
                for lot in self.materials.lots:
                    quantity = goods.a_day * place.size * lot.days_of_cover
                    self.shelves.put(place.site, goods.item, lot.lot, lot.expires_on, quantity)
                    lines.append(_line(goods, quantity, lot.lot) | {"expires_on": lot.expires_on.isoformat()})
            if lines:
                fields = papers_of("allocated", desk) | received_in_order(desk) | {"lines": numbered(lines)}
                fields |= {"stored_at": HAZARD_PLACE} if hazardous else {}
                yield Draft("goods_received", place.site, desk, local(FIRST_DAY, "08:00"), fields)

    def _reported_use(self) -> Iterator[Draft]:
        """Yield what each receiver used of hazardous goods the day before: it is never issued more at once (A7)."""
        base = {goods.item: goods.base_unit for goods in self.materials.goods}
        for (site, receiver), used in self.hazardous.items():
            lines = [{"item": item, "unit": base[item], "quantity": quantity} for item, quantity in used.items()]
            fields = {"receiver": receiver, "lines": numbered(lines)}
            yield Draft("usage_reported", site, self._desk(site), local(FIRST_DAY, "08:20"), fields)

    def _issues(self, place: Place, day: date) -> Iterator[Draft]:
        scanners = [d for d in self.materials.devices if d.work == "scan" and d.sites[0] == place.site]
        self.issued[place.site] = []
        for begins, length, documents in WINDOWS:
            turn = length / len(scanners)
            for order, scanner in enumerate(scanners):
                start = local(day, begins) + order * turn
                for n in range(documents):
                    at = start + turn * (2 * n + 1) / (2 * documents)
                    yield self._issue(place, scanner, at.replace(second=0, microsecond=0), start + turn + SENDING)

    def _issue(self, place: Place, scanner: Device, at: datetime, recorded: datetime) -> Draft:
        receiver = self.random.choice(place.receivers)
        lines = []
        for goods in self.random.sample(self.carried[place.site], self.random.choice((1, 1, 2))):
            wanted = self.random.randint(1, max(1, goods.a_day * place.size * 2 // 5))
            if goods.hazardous:
                used = self.hazardous[place.site, receiver]
                used[goods.item] = max(wanted, used.get(goods.item, 0))
            for taken in self.shelves.take(place.site, goods.item, wanted):
                self.issued[place.site].append((receiver, goods, taken))
                scanned = self.random.choice((True, False))
                lines.append(_scanned(goods, taken) if scanned else _line(goods, taken.quantity, taken.lot))
        fields = {"receiver": receiver, "use": "epidemic", "lines": numbered(lines)}
        fields |= approved(place.site, f"{at:%m%d}-{receiver}")
        return Draft("goods_issued", place.site, scanner, at, fields, recorded=recorded)

    def _returns(self, place: Place, day: date) -> Iterator[Draft]:
        yesterday = [i for i in self.issued.get(place.site, ()) if i[2].quantity > 1]
        if yesterday:
            receiver, goods, taken = self.random.choice(yesterday)
            quantity = self.random.randint(1, taken.quantity // 2)
            self.shelves.put(place.site, goods.item, taken.lot, taken.expires_on, quantity)
            line = _line(goods, quantity, taken.lot) | {"condition": "good"}
            fields = {"returned_by": receiver, "lines": numbered([line])}
            yield Draft("goods_returned", place.site, self._desk(place.site), local(day, "09:00"), fields)

    def _dispatches(self, day: date) -> Iterator[Draft]:
        for origin, to_site in ROUTES[day.day % 2 :: 2]:
            # Hazardous goods do not ride with others.
            shared = [g for g in self.carried[origin] if g in self.carried[to_site] and g.a_day > 1 and not g.hazardous]
            lines = []
            for goods in self.random.sample(shared, 2):
                for taken in self.shelves.take(origin, goods.item, goods.a_day * 2):
                    expires_on = {"expires_on": taken.expires_on.isoformat()}
                    lines.append(_line(goods, taken.quantity, taken.lot) | expires_on)
            transfer = f"TR-{day:%m%d}-{to_site}"
            self.moving.append((transfer, origin, to_site, numbered(lines)))
            fields = {"transfer": transfer, "to_site": to_site, "approval": f"批-{transfer}", "lines": numbered(lines)}
            yield Draft("transfer_dispatched", origin, self._desk(origin), local(day, "17:30"), fields)

    def _arrivals(self, day: date) -> Iterator[Draft]:
        for transfer, origin, to_site, lines in self.moving:
            for line in lines:
                expires_on = date.fromisoformat(line["expires_on"])
                self.shelves.put(to_site, line["item"], line["lot"], expires_on, line["quantity"])
            fields = {"transfer": transfer, "from_site": origin, "lines": lines}
            yield Draft("transfer_arrived", to_site, self._desk(to_site), local(day, "08:30"), fields)
        self.moving = []

    def _count(self, place: Place, day: date) -> Draft:
        counter = self.materials.device("round-1")
        lines: list[dict[str, Any]] = []
        for goods in self.random.sample(self.carried[place.site], 2):
            by_lot = self.shelves.lots(place.site, goods.item)
            if self.random.choice((True, False)):
                lines += [_line(goods, lot.quantity, lot.lot) for lot in by_lot]
            else:
                quantity = sum(lot.quantity for lot in by_lot)
                lines.append({"item": goods.item, "unit": goods.base_unit, "quantity": quantity})
        order = self.materials.places.index(place)
        at = local(day, "18:00") + order * timedelta(minutes=10)
        fields = {"counted_by": ["counter-1", "counter-2"], "lines": numbered(lines)}
        return Draft("stock_counted", place.site, counter, at, fields, recorded=local(day, ROUND_SENT))


def _line(goods: Goods, quantity: int, lot: str) -> dict[str, Any]:
    return {"item": goods.item, "unit": goods.base_unit, "quantity": quantity, "lot": lot}


def _scanned(goods: Goods, taken: Taken) -> dict[str, Any]:
    barcode = f"01{goods.gtin.zfill(14)}17{taken.expires_on:%y%m%d}10{taken.lot}"
    scan = read_scan(barcode)
    assert isinstance(scan, Scan), f"a shipped barcode is sound: {barcode}"
    assert scan.gtin is not None
    assert scan.lot is not None
    line = {"item": scan.gtin, "unit": goods.base_unit, "quantity": taken.quantity, "lot": scan.lot}
    return line | {"scan": barcode}
