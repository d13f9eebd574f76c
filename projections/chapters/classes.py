"""Class I and class II (C1-C4): the class of an item as its inputs, thresholds and policy of their moment make it.

Every report of inputs is a grading of its own, so the past keeps its class. What a class asks for – approvals, limits –
is asked of the book afterwards (audit_class_approvals, audit_class_limit): goods that left have left.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple

from projections import policy as policies
from projections.cases import Case, identity
from projections.chapters.standing import Standing, areas_of
from projections.chapters.telling import Told, Wanted, every
from schemas.alerts import Severity
from schemas.classes import ClassInputsReported

Class = Literal["I", "II", "none"]
PERCENT = 100
TAKES: Mapping[type[Any], Wanted] = {ClassInputsReported: every}


@dataclass(frozen=True, slots=True)
class Inputs:
    """The three inputs of one item, in base units, with where they stand in the book and what shows them (M4)."""

    item: str
    area: str
    site: str
    at: datetime
    place: tuple[int, int, int]
    epidemic_demand: int
    normal_demand: int
    cycle_days: int
    sufficient: bool
    evidence: str


@dataclass(slots=True)
class Classes:
    """Inputs by the entry that reported them."""

    reported: dict[str, tuple[Inputs, ...]] = field(default_factory=dict)


class Thresholds(NamedTuple):
    """The policy a grading used."""

    match: str
    class_1_ratio_percent: int
    class_1_cycle_days: int
    class_2_ratio_percent: int
    class_2_cycle_days: int


class Grading(NamedTuple):
    """A class with everything it was worked out from (C3)."""

    klass: Class
    inputs: Inputs
    thresholds: Thresholds
    entry: str
    changed: bool
    """Whether the class is another than before; before the first report there is none."""

    @property
    def no_base(self) -> bool:
        """Tell whether there was demand and no normal demand to compare it with: counted as twice it (C3)."""
        return not self.inputs.normal_demand and self.inputs.epidemic_demand > 0


def take(state: Classes, told: Told, standing: Standing) -> None:
    """Take one report of inputs."""
    entry = told.entry
    assert isinstance(entry, ClassInputsReported)
    if told.sign < 0:
        del state.reported[told.name]
        return
    state.reported[told.name] = tuple(
        Inputs(
            item, entry.area, entry.site, entry.happened_at, (*told.place, line.line), line.quantity * factor,
            line.normal_demand * factor, line.cycle_days, line.sufficient(), line.evidence,
        )
        for item, factor, line in told.lines(entry.lines)
    )  # fmt: skip


def gradings(state: Classes, standing: Standing, item: str, area: str) -> tuple[Grading, ...]:
    """Return every grading of an item in an area, by when its inputs happened (C3)."""
    found = [
        (i, name) for name, reported in state.reported.items() for i in reported if (i.item, i.area) == (item, area)
    ]
    before: Class = "none"
    history = []
    for inputs, name in sorted(found, key=lambda f: (f[0].at, f[0].place)):
        thresholds = _thresholds(standing, inputs)
        klass = classed(inputs, thresholds)
        history.append(Grading(klass, inputs, thresholds, name, klass != before))
        before = klass
    return tuple(history)


def class_at(state: Classes, standing: Standing, site: str, item: str, at: datetime) -> Class:
    """Return the class of an item at a site at a moment: of the narrowest area that has one, the latest (C3)."""
    for area in (site, *areas_of(standing, site)):
        begun = [g for g in gradings(state, standing, item, area) if g.inputs.at <= at]
        if begun:
            return begun[-1].klass
    return "none"


def classed(inputs: Inputs, thresholds: Thresholds) -> Class:
    """Return the class that inputs make: I, else II, else none (C1, C2); all or any of the three must hold (C3)."""
    enough = all if thresholds.match == "all" else any
    wanted = inputs.epidemic_demand * PERCENT
    ratio_1 = wanted > 0 and wanted >= inputs.normal_demand * thresholds.class_1_ratio_percent
    ratio_2 = wanted > inputs.normal_demand * thresholds.class_2_ratio_percent
    if enough((ratio_1, inputs.cycle_days >= thresholds.class_1_cycle_days, not inputs.sufficient)):
        return "I"
    if enough((ratio_2, inputs.cycle_days >= thresholds.class_2_cycle_days, not inputs.sufficient)):
        return "II"
    return "none"


def due(state: Classes, standing: Standing, now: datetime) -> Iterator[Case]:
    """Yield the task *widen channels* for every item of class I or II until capacity meets demand (C3)."""
    for item, area in sorted({(i.item, i.area) for reported in state.reported.values() for i in reported}):
        opened: Grading | None = None
        latest: Grading | None = None
        for grading in gradings(state, standing, item, area):
            if grading.inputs.at > now:
                break
            latest = grading
            if grading.inputs.sufficient:
                opened = None
            elif opened is None and grading.klass != "none":
                opened = grading
        if opened is not None and latest is not None:
            yield _widen(standing, opened, latest)


def _widen(standing: Standing, opened: Grading, latest: Grading) -> Case:
    inputs = latest.inputs
    severity: Severity = "urgent" if latest.klass == "I" else "warning"
    known = standing.catalogue.items.get(inputs.item)
    facts: dict[str, int | str] = {
        "class": latest.klass, "demand": inputs.epidemic_demand, "normal": inputs.normal_demand,
        "cycle_days": inputs.cycle_days, "area": inputs.area, "name": known.name if known else inputs.item,
    }  # fmt: skip
    site, since = opened.inputs.site, opened.inputs.at
    name = identity("widen_channels", site, inputs.area, inputs.item)
    return Case(name, "widen_channels", severity, site, since, inputs.item, facts=facts)


def _thresholds(standing: Standing, inputs: Inputs) -> Thresholds:
    about = {"site": inputs.site, "item": inputs.item}
    match, *numbers = Thresholds._fields
    return Thresholds(
        policies.word(standing.policy, f"class_{match}", inputs.at, **about),
        *(policies.whole(standing.policy, key, inputs.at, **about) for key in numbers),
    )
