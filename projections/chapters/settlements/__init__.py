"""Transfers and settlements (F8–F13): apply, transfer, settle; whoever uses, settles. It moves no stock and no money.

`facts` keeps what entries said; `transit`, `owing` and `papers` are the questions, each asked with a moment.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from projections.cases import Case
from projections.chapters.settlements import owing, papers, transit
from projections.chapters.settlements.facts import BY_ORIGIN, Settlements, note
from projections.chapters.settlements.owing import Position, Settlement, net_positions, settlements
from projections.chapters.standing import Standing
from projections.chapters.telling import Told, Wanted, every
from schemas.goods import GoodsIssued, GoodsReceived, TransferArrived, TransferDispatched
from schemas.market import PriceObserved
from schemas.packing import GoodsPassedThrough
from schemas.settling import PapersCompleted, SettlementAnswered, SettlementClosed
from schemas.transfers import DispatchOrdered, TransferDifferenceExplained

TAKES: Mapping[type[Any], Wanted] = {
    GoodsReceived: lambda e: e.owed is not None or e.origin in BY_ORIGIN or e.origin == "emergency_purchase",
    GoodsIssued: lambda e: e.owed is not None or e.emergency_release is not None,
    GoodsPassedThrough: lambda e: e.from_site is not None or e.owed is not None or e.origin in BY_ORIGIN,
    TransferDispatched: every,
    TransferArrived: every,
    DispatchOrdered: every,
    TransferDifferenceExplained: every,
    PriceObserved: every,
    SettlementAnswered: every,
    SettlementClosed: every,
    PapersCompleted: every,
}


def take(state: Settlements, told: Told, standing: Standing) -> None:
    """Take one entry."""
    note(state, told)


def due(state: Settlements, standing: Standing, now: datetime) -> Iterator[Case]:
    """Yield the open cases of transfers, settlements and papers."""
    yield from transit.due(state, standing, now)
    yield from owing.due(state, standing, now)
    yield from papers.due(state, standing, now)


__all__ = ["TAKES", "Position", "Settlement", "Settlements", "due", "net_positions", "settlements", "take"]
