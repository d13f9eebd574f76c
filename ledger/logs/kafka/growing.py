"""A book on Kafka grows: its old edition is closed, and carried into the empty topics of a new one with more volumes.

The old edition is only closed to writers; nothing of it is changed. Begun again after a kill it goes on.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import takewhile
from typing import Any

from ledger import admission, topics
from ledger.admission import Admission
from ledger.editions import carry, next_edition
from ledger.errors import BrokenEnvironment, WrongUse
from ledger.logs.kafka.cluster import Cluster
from ledger.logs.kafka.matching import Check
from ledger.logs.kafka.moving import move_in
from ledger.logs.kafka.paged import PagesOnKafka
from ledger.logs.kafka.reading import Reader
from ledger.logs.kafka.wire import SCANS, SUBMISSIONS
from ledger.pages_file import WholePage, read_whole
from ledger.seals import read_page
from projections import stock
from projections.numbering import Numbering
from projections.stock import Stock
from schemas.document import EVERY_SITE
from schemas.page import PageHeader, PagePlace


def close_edition(cluster: Cluster) -> None:
    """Close an edition to writers, `scans` first. Raises `BrokenEnvironment` while something in it is not answered."""
    with Reader(cluster) as reader:
        topics.close_to_writers(cluster, SCANS)
        for partition in range(reader.volumes(SCANS)):
            first, end = reader.bounds(SCANS, partition)
            if first < end and (done := reader.committed("gatherer", SCANS, partition)) < end:
                raise BrokenEnvironment("kafka_grow_scans", volume=partition, found=end - done)
        topics.close_to_writers(cluster, SUBMISSIONS)
        with closing(PagesOnKafka(cluster)) as log:
            for volume in range(log.volumes):
                answered = _header(log, volume, log.last_page(volume)).submission + 1
                if (found := reader.bounds(SUBMISSIONS, volume)[1] - answered) > 0:
                    raise BrokenEnvironment("kafka_grow_unanswered", volume=volume, found=found)


def grow(old: Cluster, new: Cluster, volumes: int) -> int:
    """Carry a closed edition into the topics of a new one; return the pages written. Raises `LedgerError`."""
    with ExitStack() as stack:
        logs = [stack.enter_context(closing(PagesOnKafka(old)))]
        before = logs[0].volumes
        if volumes <= before:
            raise WrongUse("grow_to_fewer", expected=before, found=volumes)
        logs += [stack.enter_context(closing(PagesOnKafka(old))) for _ in range(before - 1)]
        first = _header(logs[0], 0, 1)
        book, opening = next_edition(first, [_last(log, volume) for volume, log in enumerate(logs)], volumes)
        wholes = [_read(log, first.book, volume) for volume, log in enumerate(logs)]
        return move_in(new, carry(wholes, book, opening), volumes)


def compare_editions(old: Cluster, new: Cluster) -> list[Check]:
    """Replay the old edition and what was carried of it, and compare key by key: ends, entries, numbers, stock."""
    with closing(PagesOnKafka(old)) as before, closing(PagesOnKafka(new)) as after:
        book = _header(before, 0, 1).book
        one = _Summary.of(_read(before, book, volume) for volume in range(before.volumes))
        first = _header(after, 0, 1)
        volumes = range(after.volumes)
        other = _Summary.of(takewhile(_is_carried, _read(after, first.book, volume)) for volume in volumes)
        opening = first.opening
        said = opening.continues.last if opening and opening.continues else ()
        ends = {volume: _last(before, volume).seal for volume in range(before.volumes)}
    return [
        _compare("last seals", ends, {place.volume: place.seal for place in said}),
        _compare("entries", one.entries, other.entries),
        _compare("numbers", one.numbers, other.numbers),
        _compare("stock", one.figures, other.figures),
    ]


@dataclass(slots=True)
class _Summary:
    """What an edition comes to, whatever volumes it has."""

    entries: dict[str, tuple[int, int]] = field(default_factory=lambda: defaultdict(lambda: (0, 0)))
    """By site: how many entries, and a sum over what they are, when they were recorded and how they were read."""
    numbers: dict[str, Numbering] = field(default_factory=dict)
    figures: dict[str, tuple[int, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, volumes: Iterable[Iterable[WholePage]]) -> "_Summary":
        summary = cls()
        for volume in volumes:
            state, shelves = Admission("", 0), Stock()
            for whole in volume:
                state = admission.evolve(state, whole.page, whole.seal)
                shelves = stock.evolve(shelves, whole.page, whole.seal)
                summary._count(whole)
            of_sites = {key: numbering for key, numbering in state.sources.items() if key[0] != EVERY_SITE}
            summary.numbers |= {"/".join(key): numbering for key, numbering in of_sites.items()}
            summary.figures |= {"/".join(key): (b.on_hand, b.held) for key, b in shelves.balances.items()}
        return summary

    def _count(self, whole: WholePage) -> None:
        header = whole.page.header
        for admitted in whole.page.entries:
            if admitted.entry.site == EVERY_SITE:
                continue
            about = repr((header.recorded_at, header.sender, admitted.readings)).encode()
            count, total = self.entries[admitted.entry.site]
            one = int.from_bytes(sha256(about + admitted.raw).digest()[:8], "big")
            self.entries[admitted.entry.site] = count + 1, total + one


def _compare(name: str, one: Mapping[Any, object], other: Mapping[Any, object]) -> Check:
    check = Check(name)
    for key in sorted({*one, *other}, key=str):
        same = one.get(key) == other.get(key)
        check.take(same=same, difference="" if same else f"{key}: {one.get(key)} → {other.get(key)}")
    return check


def _is_carried(whole: WholePage) -> bool:
    header = whole.page.header
    return header.opening is not None or header.carried is not None


def _read(log: PagesOnKafka, book: str, volume: int) -> Iterator[WholePage]:
    return read_whole((page.stored for page in log.pages(volume)), book, volume, log)


def _header(log: PagesOnKafka, volume: int, number: int) -> PageHeader:
    stored = log.page(volume, number) if number else None
    if stored is None:
        raise BrokenEnvironment("kafka_volume_unopened", volume=volume)
    return read_page(stored.stored, number)[0].header


def _last(log: PagesOnKafka, volume: int) -> PagePlace:
    number = log.last_page(volume)
    stored = log.page(volume, number) if number else None
    if stored is None:
        raise BrokenEnvironment("kafka_volume_unopened", volume=volume)
    return PagePlace(volume=volume, page=number, seal=read_page(stored.stored, number)[1])
