"""Checking a book on Kafka with nothing but a reader: chain and seals of every page, every submission answered, and the
stock workers' figures against a replay, key by key. It changes nothing and belongs to no group.
"""

from dataclasses import dataclass

from ledger.errors import Damage
from ledger.logs.kafka.chain import Chain
from ledger.logs.kafka.cluster import Cluster
from ledger.logs.kafka.reading import Reader
from ledger.logs.kafka.shelving import SaidBalances, figures_of
from ledger.logs.kafka.wire import BALANCES, PAGES, SUBMISSIONS
from projections.stock import Stock, evolve
from schemas.page import Page


@dataclass(slots=True)
class Check:
    """One thing compared: how many, how many differ, and the first that does."""

    name: str
    compared: int = 0
    differing: int = 0
    first_difference: str = ""

    def take(self, *, same: bool, difference: str) -> None:
        """Count one comparison."""
        self.compared += 1
        if not same:
            self.differing += 1
            self.first_difference = self.first_difference or difference

    def as_dict(self) -> dict[str, object]:
        """Return it as a row."""
        return {
            "name": self.name, "compared": self.compared, "differing": self.differing,
            "first_difference": self.first_difference,
        }  # fmt: skip


@dataclass(slots=True)
class Replayed:
    """One volume as a replay from its first page gives it."""

    volume: int
    checks: list[Check]
    chain: Chain
    stock: Stock


def verify(cluster: Cluster) -> list[Replayed]:
    """Check every volume, to the end as it was when its turn came."""
    with Reader(cluster) as reader:
        return [verify_volume(reader, volume) for volume in range(reader.volumes(PAGES))]


def verify_volume(reader: Reader, volume: int) -> Replayed:
    """Check one volume. Differences are rows; nothing is raised for damage that can be named."""
    said = SaidBalances(volume)
    pages, answered = Check(f"pages/{volume}"), Check(f"submissions/{volume}")
    figures = Check(f"balances/{volume}")
    try:
        said.read(reader.records(BALANCES, volume, reader.bounds(BALANCES, volume)[0]))
        said.check_whole()
    except Damage as damage:
        figures.take(same=False, difference=str(damage))
    chain, stock = Chain(volume, remembered=None), Stock()
    after = -1
    try:
        for record in reader.records(PAGES, volume):
            taken = chain.take(record.value, record.offset)
            pages.take(same=True, difference="")
            if taken is None:
                continue
            page, seal = taken
            stock = evolve(stock, page, seal)
            after = _take_answer(answered, page, after)
            if chain.page == said.page:
                _compare(figures, said, stock)
    except Damage as damage:
        pages.take(same=False, difference=str(damage))
    if said.page > chain.page:
        figures.take(same=False, difference=f"page {said.page} of {chain.page}")
    first, end = reader.bounds(SUBMISSIONS, volume)
    answered.take(same=after >= first - 1 and after <= end - 1, difference=f"position {after}, kept {first}…{end - 1}")
    return Replayed(volume, [pages, answered, figures], chain, stock)


def _take_answer(answered: Check, page: Page, after: int) -> int:
    position = page.header.submission
    answered.take(same=position == after + 1, difference=f"page {page.header.page}: position {position} after {after}")
    return position


def _compare(figures: Check, said: SaidBalances, stock: Stock) -> None:
    replayed = figures_of(stock)
    figures.take(same=said.seal == stock.seal, difference=f"page {said.page}: seal {said.seal}")
    for key in sorted(replayed.keys() | said.figures.keys()):
        one, other = said.figures.get(key), replayed.get(key)
        figures.take(same=one == other, difference=f"{'/'.join(key)}: said {one}, replayed {other}")
