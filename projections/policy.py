"""Policy in force: the numbers of the rulebook, as recorded entries changed them for a scope, from a day (policy_set).

A question always names a moment, so the past keeps the policy it had. This fold has no clock and writes no default
into the book: what nobody recorded is in DEFAULTS, each with its unit and the rule that asks for it.
"""

from bisect import insort
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from schemas.catalogue import ItemDescribed, SiteDescribed
from schemas.entry import Entry
from schemas.page import FIRST_SEAL, Page
from schemas.policy import PolicySet, Scope

Value = int | str | tuple[int, ...]


class Default(NamedTuple):
    """What holds when nobody recorded anything else. Rules marked ‡ are the project's own choice."""

    value: Value
    unit: str
    rule: str


DEFAULTS: dict[str, Default] = {
    "expiry_warning_days": Default((90, 30, 7), "days before expiry: notice, warning, urgent", "D8"),
    "safety_stock": Default(0, "base units", "D5"),
    "replenishment_cycle_days": Default(7, "days", "D5 ‡"),
    "demand_window_days": Default(28, "days before today", "D5 ‡"),
    "reorder_point": Default(-1, "base units; -1: worked out from demand", "D5"),
    "count_tolerance": Default(0, "base units of difference that raise nothing", "A1"),
    "backdated_hours": Default(24, "hours between happened and recorded", "A10 ‡"),
    "device_silent_hours": Default(24, "hours without a document; 0: not watched", "D8 ‡"),
    "zone_days_clear": Default(7, "days without a case before a zone goes down a step", "K2"),
    "zone_days_low_after_medium": Default(3, "days more, from medium to low, after high", "K2"),
}
"""Key → shipped value, its unit, and the rule id."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """One recorded value and where it holds. Empty scope fields say nothing."""

    value: tuple[int | str, ...]
    single: bool
    effective_from: datetime
    item: str = ""
    family: str = ""
    site: str = ""
    district: str = ""

    def rank(self) -> int:
        """Return how narrow the scope is: item over family over site over district over everywhere."""
        return 8 * bool(self.item) + 4 * bool(self.family) + 2 * bool(self.site) + bool(self.district)


@dataclass(slots=True)
class Policies:
    """Every ruling recorded in a volume, in book order, with the families and districts scopes refer to."""

    page: int = 0
    seal: str = FIRST_SEAL
    rulings: dict[str, list[Ruling]] = field(default_factory=dict)
    families: dict[str, str] = field(default_factory=dict)
    """Item → family."""
    districts: dict[str, str] = field(default_factory=dict)
    """Site → district."""
    version: int = 0
    """Grows whenever an answer given before may have changed."""
    waiting: list[datetime] = field(default_factory=list)
    """Moments still to come at which a recorded ruling takes effect, earliest first."""


def evolve(state: Policies, page: Page, seal: str) -> Policies:
    """Take one page into the policies. A page already taken changes nothing."""
    number = page.header.page
    if number <= state.page:
        return state
    assert number == state.page + 1, f"page {number} follows {state.page}"
    for admitted in page.entries:
        take(state, admitted.entry, page.header.recorded_at)
    state.page, state.seal = number, seal
    return state


def take(state: Policies, entry: Entry, recorded_at: datetime) -> None:
    """Take one entry. A value of another shape than the default's cannot be followed and is not taken."""
    if isinstance(entry, PolicySet):
        ruling = _ruling(entry)
        if ruling is not None:
            state.rulings.setdefault(entry.key, []).append(ruling)
            state.version += 1
            if entry.effective_from > recorded_at:
                insort(state.waiting, entry.effective_from)
    elif isinstance(entry, ItemDescribed):
        _assign(state, state.families, entry.item, entry.family or "")
    elif isinstance(entry, SiteDescribed):
        _assign(state, state.districts, entry.describes, entry.district)


def advance(state: Policies, moment: datetime) -> bool:
    """Let rulings that were waiting take effect by `moment`; tell whether any did."""
    before = len(state.waiting)
    while state.waiting and state.waiting[0] <= moment:
        del state.waiting[0]
        state.version += 1
    return len(state.waiting) < before


def policy(  # noqa: PLR0913 - the dimensions of a scope, each by its name
    state: Policies, key: str, at: datetime, *, site: str = "", item: str = "", family: str = "", district: str = ""
) -> Value:
    """Return the value in force at a moment: narrowest scope, then latest `effective_from`, then book order.

    Family and district are those the book knows of the item and site, unless given. The key is one of DEFAULTS.
    """
    default = DEFAULTS[key].value
    rulings = state.rulings.get(key)
    if not rulings:
        return default
    about = (
        item, family or state.families.get(item, ""), site, district or state.districts.get(site, "")
    )  # fmt: skip
    best: tuple[int, datetime, int] | None = None
    found = default
    for order, ruling in enumerate(rulings):
        if ruling.effective_from > at or not _covers(ruling, about):
            continue
        claim = (ruling.rank(), ruling.effective_from, order)
        if best is None or claim > best:
            best, found = claim, _value(ruling)
    return found


def whole(state: Policies, key: str, at: datetime, *, site: str = "", item: str = "") -> int:
    """Return the value in force of a key that is one whole number, in the unit DEFAULTS says."""
    value = policy(state, key, at, site=site, item=item)
    assert isinstance(value, int), f"{key} is not one number"
    return value


def days(state: Policies, key: str, at: datetime, *, site: str = "", item: str = "") -> tuple[int, ...]:
    """Return the value in force of a key that is a series of days, longest first."""
    value = policy(state, key, at, site=site, item=item)
    assert isinstance(value, tuple), f"{key} is not a series"
    return tuple(sorted(value, reverse=True))


def covers(scope: Scope, state: Policies, site: str, item: str) -> bool:
    """Tell whether a scope is about a site and item."""
    ruling = Ruling((), single=False, effective_from=datetime.min.replace(tzinfo=UTC), **_scope(scope))
    return _covers(ruling, (item, state.families.get(item, ""), site, state.districts.get(site, "")))


def _covers(ruling: Ruling, about: tuple[str, str, str, str]) -> bool:
    said = (ruling.item, ruling.family, ruling.site, ruling.district)
    return all(not want or want == have for want, have in zip(said, about, strict=True))


def _value(ruling: Ruling) -> Value:
    if ruling.single:
        return ruling.value[0]
    return tuple(v for v in ruling.value if isinstance(v, int))


def _ruling(entry: PolicySet) -> Ruling | None:
    default = DEFAULTS.get(entry.key)
    value = entry.value
    if default is not None:
        if isinstance(default.value, tuple) and isinstance(value, int):
            value = (value,)
        if type(value) is not type(default.value) or value == ():
            return None
    single = not isinstance(value, tuple)
    held = value if isinstance(value, tuple) else (value,)
    return Ruling(held, single, entry.effective_from, **_scope(entry.scope))


def _scope(scope: Scope) -> dict[str, str]:
    return {name: getattr(scope, name) or "" for name in ("item", "family", "site", "district")}


def _assign(state: Policies, known: dict[str, str], name: str, value: str) -> None:
    if known.get(name, "") != value:
        known[name] = value
        state.version += bool(state.rulings)
