"""What holds for every chapter at a moment: policy, catalogue, sites, state of emergency, zones, answers to alerts.

Folded from entries about the whole book. A question names a moment, so the past keeps what held then (K1, K2).
"""

from dataclasses import dataclass, field
from datetime import datetime

from projections import catalogue as items
from projections import policy as policies
from projections.catalogue import Catalogue
from projections.policy import Policies
from projections.working_days import Calendar
from schemas.catalogue import FamilyDescribed, SiteDescribed
from schemas.emergency import EVERYWHERE, Level, LocalCasesReported, StateDeclared, Zone, ZoneSet
from schemas.entry import CatalogueEntry
from schemas.holidays import CalendarPublished
from schemas.watching import AlertAcknowledged


@dataclass(frozen=True, slots=True)
class Declared:
    """A state of emergency recorded for an area, with its directive (K1)."""

    level: Level
    directive: str
    effective_from: datetime
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Zoned:
    """A zone recorded for an area (K2)."""

    zone: Zone
    effective_from: datetime
    screening_negative: bool | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """What is known of a site."""

    name: str
    district: str
    site_kind: str
    area: str = ""
    hazard_rated_places: tuple[str, ...] = ()
    keepers: tuple[str, ...] = ()
    fetches_from: str = ""
    """The store it fetches from while it lies in a controlled area (G6)."""


@dataclass(frozen=True, slots=True)
class Described:
    """A description of a site, and from when it holds: districts merge and sites move."""

    since: datetime
    place: Place


@dataclass(frozen=True, slots=True)
class Answer:
    """What someone answered to an alert: it closes one that asks for a cause and a measure (D7)."""

    by: str
    at: datetime
    measure: str
    cause: str = ""
    outcome: str = ""


@dataclass(slots=True)
class Standing:
    """Everything recorded about the whole book. In every volume the same."""

    policy: Policies = field(default_factory=Policies)
    catalogue: Catalogue = field(default_factory=Catalogue)
    places: dict[str, Place] = field(default_factory=dict)
    described: dict[str, list[Described]] = field(default_factory=dict)
    """By site: every description."""
    families: dict[str, str] = field(default_factory=dict)
    """Family of items → its group, such as `living` (A12)."""
    calendars: list[Calendar] = field(default_factory=list)
    declared: dict[str, list[Declared]] = field(default_factory=dict)
    zoned: dict[str, list[Zoned]] = field(default_factory=dict)
    cases_reported: dict[str, list[datetime]] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    """By alert: the latest."""


def take(state: Standing, entry: CatalogueEntry, recorded_at: datetime) -> None:
    """Take one entry about the whole book."""
    items.evolve(state.catalogue, entry)
    policies.take(state.policy, entry, recorded_at)
    match entry:
        case SiteDescribed():
            place = Place(
                entry.name, entry.district, entry.site_kind, entry.area or "", entry.hazard_rated_places, entry.keepers,
                entry.fetches_from or "",
            )  # fmt: skip
            state.places[entry.describes] = place
            state.described.setdefault(entry.describes, []).append(Described(entry.happened_at, place))
        case StateDeclared():
            said = Declared(entry.level, entry.directive, entry.effective_from, entry.ends_at)
            state.declared.setdefault(entry.area, []).append(said)
        case ZoneSet():
            zoned = Zoned(entry.zone, entry.effective_from, entry.screening_negative)
            state.zoned.setdefault(entry.area, []).append(zoned)
        case FamilyDescribed():
            state.families[entry.family] = entry.group
        case CalendarPublished():
            known = (entry.year, entry.version, entry.published_at)
            state.calendars.append(Calendar(*known, entry.days_off, entry.make_up_days))
        case LocalCasesReported():
            state.cases_reported.setdefault(entry.area, []).append(entry.happened_at)
        case _:
            pass


def answer(state: Standing, entry: AlertAcknowledged) -> None:
    """Note what someone answered to an alert; the latest by when it happened stands."""
    known = state.answers.get(entry.alert)
    if known is None or known.at <= entry.happened_at:
        said = Answer(
            entry.acknowledged_by, entry.happened_at, entry.measure, entry.cause or "", entry.outcome or ""
        )  # fmt: skip
        state.answers[entry.alert] = said


def place_at(state: Standing, site: str, at: datetime) -> Place | None:
    """Return what was known of a site at a moment: the latest description by then, else its first one ever."""
    described = sorted(state.described.get(site, ()), key=lambda d: d.since)
    by_then = [d.place for d in described if d.since <= at]
    return by_then[-1] if by_then else described[0].place if described else None


def areas_of(state: Standing, site: str) -> tuple[str, ...]:
    """Return the areas a site or area lies in, narrowest first."""
    place = state.places.get(site)
    within = (place.area, place.district) if place else (site,)
    return (*(area for area in within if area), EVERYWHERE)


def state_at(state: Standing, site: str, at: datetime) -> Declared | None:
    """Return the declaration in force at a site or area: of the narrowest area that has one, the latest (K1)."""
    for area in areas_of(state, site):
        begun = [d for d in state.declared.get(area, ()) if d.effective_from <= at]
        latest = max(begun, key=lambda d: d.effective_from, default=None)
        if latest is not None and (latest.ends_at is None or at < latest.ends_at):
            return latest
    return None


def level_at(state: Standing, site: str, at: datetime) -> Level:
    """Return the level of emergency at a site or area; `normal` where nothing is declared (K1)."""
    declared = state_at(state, site, at)
    return declared.level if declared else "normal"


def response_ended_at(state: Standing, site: str, since: datetime) -> datetime | None:
    """Return when the response that was on at a moment ended: the first moment after it at normal level (F12, K1)."""
    moments = {
        moment
        for area in areas_of(state, site)
        for declared in state.declared.get(area, ())
        for moment in (declared.effective_from, declared.ends_at)
        if moment is not None and moment > since
    }
    if level_at(state, site, since) == "normal":
        return since
    return next((moment for moment in sorted(moments) if level_at(state, site, moment) == "normal"), None)


def zone_at(state: Standing, site: str, at: datetime) -> Zone:
    """Return the zone in force at a site or area: of the narrowest area that has one, the latest (K2)."""
    for area in areas_of(state, site):
        begun = [z for z in state.zoned.get(area, ()) if z.effective_from <= at]
        if begun:
            return max(begun, key=lambda z: z.effective_from).zone
    return "none"
