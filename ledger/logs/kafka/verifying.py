"""Checking a book on Kafka with nothing but a reader: chain and seals of every page, every submission answered, and
what workers said in `balances`, `alerts` and `cases` against a replay, key by key. It changes nothing; no group has it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ledger.errors import Damage
from ledger.logs.kafka.chain import Chain
from ledger.logs.kafka.cluster import Cluster
from ledger.logs.kafka.matching import Check, HeldCases, SaidCases, SaidTransitions
from ledger.logs.kafka.reading import Reader
from ledger.logs.kafka.shelving import SaidBalances, figures_of
from ledger.logs.kafka.wire import ALERTS, BALANCES, CASES, PAGES, SUBMISSIONS, Record
from projections.alerts import changes_after, evolve
from projections.cases import AlertState
from projections.stock import Stock
from schemas.page import Page


@dataclass(slots=True)
class Replayed:
    """One volume as a replay from its first page gives it."""

    volume: int
    checks: list[Check]
    chain: Chain
    alerts: AlertState

    @property
    def stock(self) -> Stock:
        """Its stock."""
        return self.alerts.stock


def verify(cluster: Cluster, held: Sequence[HeldCases] = ()) -> list[Replayed]:
    """Check every volume, to the end as it was when its turn came. `held` are given every page on the way."""
    with Reader(cluster) as reader:
        return [verify_volume(reader, volume, held) for volume in range(reader.volumes(PAGES))]


def verify_volume(reader: Reader, volume: int, held: Sequence[HeldCases] = ()) -> Replayed:
    """Check one volume. Differences are rows; nothing is raised for damage that can be named."""
    said = _Said(reader, volume)
    pages, answered = Check(f"pages/{volume}"), Check(f"submissions/{volume}")
    chain, alerts = Chain(volume, remembered=None), AlertState()
    after = -1
    try:
        for record in reader.records(PAGES, volume):
            taken = chain.take(record.value, record.offset)
            pages.take(same=True, difference="")
            if taken is None:
                continue
            page, seal = taken
            number = alerts.number
            alerts = evolve(alerts, page, seal)
            after = _take_answer(answered, page, after)
            said.take(page, record, alerts, number)
            for one in held:
                one.take(page)
    except Damage as damage:
        pages.take(same=False, difference=str(damage))
    said.end(chain)
    first, end = reader.bounds(SUBMISSIONS, volume)
    answered.take(same=after >= first - 1 and after <= end - 1, difference=f"position {after}, kept {first}…{end - 1}")
    checks = [pages, answered, said.figures, said.transitions.check, said.cases.check]
    return Replayed(volume, checks, chain, alerts)


def _take_answer(answered: Check, page: Page, after: int) -> int:
    position = page.header.submission
    answered.take(same=position == after + 1, difference=f"page {page.header.page}: position {position} after {after}")
    return position


class _Said:
    """What workers said of one volume, read before its pages: it can be behind them, never ahead."""

    def __init__(self, reader: Reader, volume: int) -> None:
        self.balances = SaidBalances(volume)
        self.figures = Check(f"balances/{volume}")
        self.transitions = SaidTransitions(volume)
        self.cases = SaidCases(volume)
        try:
            self.balances.read(reader.records(BALANCES, volume, reader.bounds(BALANCES, volume)[0]))
            self.balances.check_whole()
        except Damage as damage:
            self.figures.take(same=False, difference=str(damage))
        self.transitions.read(reader.records(ALERTS, volume, reader.bounds(ALERTS, volume)[0]))
        self.cases.read(reader.records(CASES, volume, reader.bounds(CASES, volume)[0]))

    def take(self, page: Page, record: Record, alerts: AlertState, number: int) -> None:
        """Compare what was said of a page with the alerts after it; `number` is that of the last transition before."""
        changes = changes_after(alerts, number)
        assert changes is not None, "the transitions of one page are never forgotten while it is folded"
        self.transitions.take(changes)
        self.cases.take(page, record.offset)
        if page.header.page == self.balances.page:
            _compare(self.figures, self.balances, alerts.stock)

    def end(self, chain: Chain) -> None:
        """Count what was said of pages there are not."""
        if self.balances.page > chain.page:
            self.figures.take(same=False, difference=f"page {self.balances.page} of {chain.page}")
        self.transitions.end()
        self.cases.end(chain.offset)


def _compare(figures: Check, said: SaidBalances, stock: Stock) -> None:
    replayed = figures_of(stock)
    figures.take(same=said.seal == stock.seal, difference=f"page {said.page}: seal {said.seal}")
    for key in sorted(replayed.keys() | said.figures.keys()):
        one, other = said.figures.get(key), replayed.get(key)
        figures.take(same=one == other, difference=f"{'/'.join(key)}: said {one}, replayed {other}")
