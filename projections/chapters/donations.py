"""Donations (捐赠): what became of every numbered gift, from offer to shelf, receiver or donor (B1, B2, B6, B10).

A gift is known by its number; its papers may come in any order and from any site. It moves no stock and refuses
nothing: what is missing is an alert.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from projections import policy as policies
from projections.cases import Case, identity
from projections.chapters.standing import Standing, level_at
from projections.chapters.telling import Told, Wanted, every
from schemas.document import MovedLine
from schemas.gifts import (
    EquipmentAccepted,
    GiftAssessed,
    GiftIdentified,
    GiftMatched,
    GiftOffered,
    GiftPassedOn,
    OfferedLine,
)
from schemas.goods import GoodsIssued, GoodsReceived

Stage = Literal[
    "offered", "declined", "accepted", "matched", "received", "stocked", "usable", "substandard", "rerouted",
    "sent_back", "passed_on",
]  # fmt: skip
"""What a paper says of a gift. `usable` is to be rerouted, `substandard` to be sent back (B2)."""
_FOUND: dict[str, Stage] = {"medical": "stocked", "usable": "usable", "substandard": "substandard"}
_ISSUED: dict[str, Stage] = {"rerouted": "rerouted", "sent_back": "sent_back"}

TAKES: Mapping[type[Any], Wanted] = {
    GiftOffered: every,
    GiftAssessed: every,
    GiftMatched: lambda e: e.donation.gift is not None,
    GiftIdentified: every,
    GiftPassedOn: lambda e: e.donation.gift is not None,
    EquipmentAccepted: every,
    GoodsReceived: lambda e: e.donation is not None and e.donation.gift is not None,
    GoodsIssued: lambda e: e.gift is not None and e.use in _ISSUED,
}


@dataclass(frozen=True, slots=True)
class Step:
    """What one paper says of a gift. Quantities are base units by item; None: not stated, neither 0 nor 1 (A11)."""

    stage: Stage
    site: str
    at: datetime
    quantities: tuple[tuple[str, int | None], ...] = ()
    donor: str = ""
    letter: str = ""
    donor_told: bool = False


@dataclass(frozen=True, slots=True)
class Installed:
    """Equipment accepted for use: one line, with its value and its asset record (B6)."""

    site: str
    item: str
    serial: str
    value_fen: int
    asset: str
    at: datetime


@dataclass(slots=True)
class Donations:
    """Every numbered gift's papers, by gift and entry; equipment accepted, by entry."""

    gifts: dict[str, dict[str, tuple[Step, ...]]] = field(default_factory=dict)
    equipment: dict[str, tuple[Installed, ...]] = field(default_factory=dict)


class Gift(NamedTuple):
    """A gift as its papers leave it: how far it has come, and base units by item at every stage."""

    gift: str
    donor: str
    site: str
    since: datetime
    stage: Stage
    quantities: dict[Stage, dict[str, int | None]]

    def left(self, item: str) -> int | None:
        """Return what is still to come of an item that was offered; None when its quantity was not stated."""
        offered = self.quantities["offered"][item]
        if offered is None:
            return None
        taken = (self.quantities.get(stage, {}).get(item) for stage in ("matched", "received", "passed_on"))
        return max(0, offered - sum(max(0, quantity or 0) for quantity in taken))


def take(state: Donations, told: Told, standing: Standing) -> None:
    """Take one paper about a gift."""
    entry = told.entry
    if isinstance(entry, EquipmentAccepted):
        if told.sign < 0:
            del state.equipment[told.name]
        else:
            state.equipment[told.name] = tuple(_installed(entry, told))
        return
    gift = _gift_of(entry)
    papers = state.gifts.setdefault(gift, {})
    if told.sign > 0:
        papers[told.name] = tuple(_steps(told))
    else:
        del papers[told.name]
        if not papers:
            del state.gifts[gift]


def _gift_of(entry: object) -> str:
    match entry:
        case GiftOffered() | GiftMatched() | GiftPassedOn() | GoodsReceived():
            gift = entry.donation.gift if entry.donation else None
        case GiftAssessed() | GiftIdentified() | GoodsIssued():
            gift = entry.gift
        case _:
            gift = None
    assert gift is not None, "TAKES wants numbered gifts only"
    return gift


def _steps(told: Told) -> Iterator[Step]:
    entry = told.entry
    match entry:
        case GiftAssessed():
            stage: Stage = "accepted" if entry.decision == "accepted" else "declined"
            yield Step(stage, entry.site, entry.happened_at, letter=entry.letter_of_commitment or "")
        case GiftIdentified():
            for finding, stage in _FOUND.items():
                lines = [(item, factor * line.quantity, line.finding) for item, factor, line in told.lines(entry.lines)]
                found = tuple((item, quantity) for item, quantity, said in lines if said == finding)
                if found:
                    yield Step(stage, entry.site, entry.happened_at, found, donor_told=entry.donor_told_at is not None)
        case GoodsIssued():
            yield Step(_ISSUED[entry.use], entry.site, entry.happened_at, _quantities(told, entry))
        case GiftOffered() | GiftMatched() | GiftPassedOn() | GoodsReceived():
            stages: dict[type, Stage] = {GiftOffered: "offered", GiftMatched: "matched", GiftPassedOn: "passed_on"}
            donor = (entry.donation.donor if entry.donation else None) or ""
            stage = stages.get(type(entry), "received")
            yield Step(stage, entry.site, entry.happened_at, _quantities(told, entry), donor=donor)


def _quantities(
    told: Told, entry: GiftOffered | GiftMatched | GiftPassedOn | GoodsReceived | GoodsIssued
) -> tuple[tuple[str, int | None], ...]:
    sign = -1 if isinstance(entry, GiftMatched) and entry.outcome == "cancelled" else 1
    lines: tuple[MovedLine | OfferedLine, ...] = entry.lines
    return tuple(
        (item, None if line.quantity is None else sign * line.quantity * factor)
        for item, factor, line in told.lines(lines)
    )


def _installed(entry: EquipmentAccepted, told: Told) -> Iterator[Installed]:
    for item, factor, line in told.lines(entry.lines):
        value = (line.value_fen or 0) // factor
        yield Installed(entry.site, item, line.lot, value, line.asset or "", entry.happened_at)


def gift(state: Donations, number: str) -> Gift | None:
    """Return a gift as its papers leave it; None when no paper names it (B1)."""
    papers = state.gifts.get(number)
    return _gift(number, papers) if papers else None


def gifts(state: Donations) -> Iterator[Gift]:
    """Yield every numbered gift, by number."""
    return (_gift(number, papers) for number, papers in sorted(state.gifts.items()))


def _gift(number: str, papers: dict[str, tuple[Step, ...]]) -> Gift:
    steps = sorted((step for said in papers.values() for step in said), key=_in_order)
    quantities: dict[Stage, dict[str, int | None]] = {}
    for step in steps:
        at_stage = quantities.setdefault(step.stage, {})
        for item, quantity in step.quantities:
            known = at_stage.get(item, 0)
            at_stage[item] = None if known is None or quantity is None else known + quantity
    furthest = max(steps, key=lambda s: (_RANK[s.stage], s.at))
    answers = [step for step in steps if step.stage in ("accepted", "declined")]
    stage = answers[-1].stage if answers and _RANK[furthest.stage] <= _RANK["accepted"] else furthest.stage
    return Gift(number, max(step.donor for step in steps), steps[0].site, steps[0].at, stage, quantities)


_RANK: dict[Stage, int] = {
    "offered": 0, "matched": 1, "declined": 2, "accepted": 2, "received": 3, "passed_on": 3, "stocked": 4, "usable": 4,
    "substandard": 4, "rerouted": 5, "sent_back": 5,
}  # fmt: skip


def _in_order(step: Step) -> tuple[datetime, int, str, str]:
    return step.at, _RANK[step.stage], step.stage, step.site


def due(state: Donations, standing: Standing, now: datetime) -> Iterator[Case]:
    """Yield what waits: offers for an answer, a review or a letter, goods to reroute or send back, assets to enter."""
    for number, papers in state.gifts.items():
        steps = [step for said in papers.values() for step in said if step.at <= now]
        yield from _unanswered(number, steps, standing, now)
        yield from _not_reviewed(number, steps, standing)
        yield from _to_move_on(number, steps)
    yield from _not_in_assets(state, standing, now)


def _unanswered(number: str, steps: list[Step], standing: Standing, now: datetime) -> Iterator[Case]:
    """Yield an offer that waited longer for its answer than policy says (B1)."""
    if not steps or any(step.stage not in ("offered", "matched") for step in steps):
        return
    first = min(steps, key=_in_order)
    days = policies.whole(standing.policy, "gift_answer_days", now, site=first.site)
    if 0 < days < (now - first.at) / timedelta(days=1):
        facts: dict[str, int | str] = {"gift": number, "days": (now - first.at).days}
        name = identity("gift_unanswered", first.site, number)
        yield Case(name, "gift_unanswered", "notice", first.site, first.at + timedelta(days=days), facts=facts)


def _not_reviewed(number: str, steps: list[Step], standing: Standing) -> Iterator[Case]:
    """Yield a gift taken on a letter of commitment when no emergency was on, until it is reviewed (B1, K1)."""
    accepted = [step for step in steps if step.stage == "accepted"]
    if not accepted or any(not step.letter for step in accepted):
        return
    first = min(accepted, key=_in_order)
    if level_at(standing, first.site, first.at) == "normal":
        facts: dict[str, int | str] = {"gift": number, "letter": first.letter}
        name = identity("gift_not_reviewed", first.site, number)
        yield Case(name, "gift_not_reviewed", "warning", first.site, first.at, facts=facts)


def _to_move_on(number: str, steps: list[Step]) -> Iterator[Case]:
    """Yield a gift found unfit to be stocked, until it went on or back and the donor was told (B2)."""
    unfit = [step for step in steps if step.stage in ("usable", "substandard")]
    if not unfit:
        return
    to_reroute = _left(steps, "usable", "rerouted")
    to_send_back = _left(steps, "substandard", "sent_back")
    told = all(step.donor_told for step in unfit if step.stage == "substandard")
    if to_reroute or to_send_back or not told:
        first = min(unfit, key=_in_order)
        facts: dict[str, int | str] = {"gift": number, "to_reroute": to_reroute, "to_send_back": to_send_back}
        name = identity("gift_to_move_on", first.site, number)
        yield Case(name, "gift_to_move_on", "warning", first.site, first.at, facts=facts)


def _left(steps: Iterable[Step], found: Stage, gone: Stage) -> int:
    """Return base units found so and not gone yet, item by item."""
    total: Counter[str] = Counter()
    for step in steps:
        sign = {found: 1, gone: -1}.get(step.stage, 0)
        for item, quantity in step.quantities:
            total[item] += sign * (quantity or 0)
    return sum(max(0, left) for left in total.values())


def _not_in_assets(state: Donations, standing: Standing, now: datetime) -> Iterator[Case]:
    """Yield equipment at or above the fixed-asset amount without an asset record (B6). The amount is the site's."""
    accepted = [installed for said in state.equipment.values() for installed in said if installed.at <= now]
    entered = {(a.site, a.item, a.serial) for a in accepted if a.asset}
    missing: dict[str, Case] = {}
    for one in sorted(accepted, key=lambda a: (a.at, a.site, a.item, a.serial, a.value_fen)):
        amount = policies.whole(standing.policy, "fixed_asset_fen", one.at, site=one.site, item=one.item)
        if 0 <= amount <= one.value_fen and (one.site, one.item, one.serial) not in entered:
            facts: dict[str, int | str] = {"value_fen": one.value_fen, "serial": one.serial}
            name = identity("asset_missing", one.site, one.item, one.serial)
            case = Case(name, "asset_missing", "warning", one.site, one.at, one.item, one.serial, facts=facts)
            missing.setdefault(name, case)
    yield from missing.values()
