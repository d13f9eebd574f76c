"""The shelves the traffic takes from: lots in order of expiry. A model of its own, so it can check the book."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Taken:
    """Base units of one lot."""

    lot: str
    expires_on: date
    quantity: int


class Shelves:
    """What lies where, by site, item and lot."""

    def __init__(self) -> None:
        self.on_hand: defaultdict[tuple[str, str], dict[tuple[date, str], int]] = defaultdict(dict)

    def put(self, site: str, item: str, lot: str, expires_on: date, quantity: int) -> None:
        """Lay goods on the shelf."""
        shelf = self.on_hand[site, item]
        shelf[expires_on, lot] = shelf.get((expires_on, lot), 0) + quantity

    def take(self, site: str, item: str, quantity: int) -> list[Taken]:
        """Take goods, what expires first first, from as many lots as it needs. There must be enough."""
        shelf, taken = self.on_hand[site, item], []
        for expires_on, lot in sorted(shelf):
            part = min(quantity, shelf[expires_on, lot])
            if part:
                shelf[expires_on, lot] -= part
                quantity -= part
                taken.append(Taken(lot, expires_on, part))
        assert quantity == 0, f"the trial is made so that {site} never runs out of {item}"
        return taken

    def lots(self, site: str, item: str) -> list[Taken]:
        """Return what is on hand, lot by lot."""
        return [Taken(lot, expires, n) for (expires, lot), n in sorted(self.on_hand[site, item].items()) if n]
