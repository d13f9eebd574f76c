"""The shortage list (短缺清单, B10): what stores lack by their reorder point (D5), and the offers that would fill it.

It proposes; a person records the match (`gift_matched`), after which the offer is no longer open for as much.
"""

from collections.abc import Iterable
from typing import NamedTuple

from projections.cases import AlertState
from projections.chapters.donations import Donations, Gift, gifts

_OPEN = ("offered", "matched", "accepted")


class Shortage(NamedTuple):
    """What one store lacks of one item, in base units."""

    site: str
    item: str
    available: int
    coming: int
    """On order and in transit."""
    reorder_point: int

    @property
    def short_by(self) -> int:
        """Return what would lift it above its reorder point."""
        return self.reorder_point + 1 - self.available - self.coming


class Match(NamedTuple):
    """An offer that would fill a shortage; None: of an offer whose quantity nobody stated."""

    shortage: Shortage
    gift: str
    donor: str
    quantity: int | None


def shortages(alerts: AlertState) -> list[Shortage]:
    """Return what stores lack, where nothing is available first, then the largest (D5, B10)."""
    low = [case for case in alerts.open.values() if case.kind == "reorder_point"]
    found = [
        Shortage(
            case.site, case.item, int(case.facts["available"]),
            int(case.facts["in_transit"]) + int(case.facts.get("on_order", 0)), int(case.facts["reorder_point"]),
        )
        for case in low
    ]  # fmt: skip
    return sorted(found, key=lambda s: (s.available > 0, -s.short_by, s.site, s.item))


def matches(lacking: Iterable[Shortage], donations: Donations) -> list[Match]:
    """Match open offers to shortages, the earliest offer first; an offer is given out once (B10)."""
    offers = sorted((g for g in gifts(donations) if g.stage in _OPEN), key=lambda g: (g.since, g.gift))
    left = {(g.gift, item): g.left(item) for g in offers for item in g.quantities.get("offered", {})}
    found: list[Match] = []
    for shortage in lacking:
        found += _fill(shortage, offers, left)
    return found


def _fill(shortage: Shortage, offers: list[Gift], left: dict[tuple[str, str], int | None]) -> list[Match]:
    wanted, found = shortage.short_by, []
    for offer in offers:
        available = left.get((offer.gift, shortage.item), 0)
        if available is None:
            found.append(Match(shortage, offer.gift, offer.donor, None))
        elif wanted > 0 and available > 0:
            given = min(wanted, available)
            wanted -= given
            left[offer.gift, shortage.item] = available - given
            found.append(Match(shortage, offer.gift, offer.donor, given))
    return found
