"""Policy in force: the numbers of the rulebook, as recorded entries changed them for a scope, from a day (policy_set).

A question always names a moment, so the past keeps the policy it had. This fold has no clock and writes no default
into the book: what nobody recorded is in DEFAULTS, each with its unit and the rule that asks for it.
"""

from bisect import insort
from dataclasses import dataclass, field, replace
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
    "watched": Default(1, "1: in the watched set, 0: not", "D1"),
    "requisition_window_days": Default(14, "days of the department's own use before a requisition", "D1 ‡"),
    "requisition_times_median": Default(3, "times the median of those days; 0: not watched", "D1 ‡"),
    "requisition_z": Default(3, "standard deviations above their mean; 0: not watched", "D1 ‡"),
    "kit_standard": Default(-1, "base units a person a round; -1: not set", "D1"),
    "sales_surge_times_median": Default(3, "times the median day's sales, with an empty shelf", "D1 ‡"),
    "cover_target_days": Default(0, "days of cover; 0: not watched", "D6"),
    "forecast_days": Default(7, "days ahead", "D3 ‡"),
    "forecast_sample_days": Default(28, "days of the sample period", "D4 ‡"),
    "outlier_iqr_percent": Default(150, "percent of the interquartile range", "D4 ‡"),
    "price_rise_percent": Default(5, "percent in one day, or cumulated over two", "D7"),
    "ratio_falling_days": Default(3, "days of sales in a row with a falling stock-to-sales ratio", "D7 ‡"),
    "class_match": Default("all", "all or any of the three inputs at the level", "C3 ‡"),
    "class_1_ratio_percent": Default(200, "percent of normal demand, at least", "C1"),
    "class_1_cycle_days": Default(5, "days to procure, at least", "C1"),
    "class_2_ratio_percent": Default(100, "percent of normal demand, more than", "C2"),
    "class_2_cycle_days": Default(3, "days to procure, at least", "C2"),
    "class_1_approvals": Default(2, "approvals: department, then supplies group", "C4 ‡"),
    "class_2_approvals": Default(1, "approvals", "C4 ‡"),
    "class_1_issue_limit": Default(-1, "base units an issue of an item; -1: none set", "C4"),
    "class_2_issue_limit": Default(-1, "base units an issue of an item; -1: none set", "C4"),
    "zone_days_clear": Default(7, "days without a case before a zone goes down a step", "K2"),
    "zone_days_low_after_medium": Default(3, "days more, from medium to low, after high", "K2"),
    "authority_normal": Default("", "capacity in which issues are approved; empty: any", "F3"),
    "authority_regional_testing": Default("reserves_bureau", "capacity in which issues are approved", "F3"),
    "authority_citywide_testing": Default("task_force", "capacity in which issues are approved", "F3"),
    "authority_lockdown": Default("", "capacity in which issues are approved; set it for masks and coveralls", "F3"),
    "city_level": Default("市级", "district of the city's own stores: what they send is allocated, not owed", "F9 ‡"),
    "in_transit_hours": Default(24, "hours from dispatch until a transfer is late, unless its order says", "F7, D8"),
    "settlement_working_days": Default(15, "working days after supply ends: living goods", "F10"),
    "settlement_days": Default(30, "days after supply ends: every other settlement", "F10 ‡"),
    "papers_due_days": Default(3, "days from an emergency release to its papers", "F12 ‡"),
    "gift_answer_days": Default(0, "days an offer may wait for its answer; 0: not watched", "B1"),
    "gift_offer_max": Default(10_000_000, "base units; an offer of more is not taken at its word", "B1 ‡"),
    "gift_shelf_months": Default(6, "months of shelf life left at intake", "B7"),
    "gift_short_life_months": Default(3, "months left, when the total life is at most gift_shelf_months", "B7"),
    "fixed_asset_fen": Default(-1, "fen a unit; from there equipment is a fixed asset; -1: not set", "B6"),
    "packing_duty": Default(
        (10, 5, 30, 20, 50, 40), "points: free up to, then so many up to, then percent up to, then percent", "G3"
    ),
    "main_urban_district": Default(0, "1: a main urban district, 0: not", "G4"),
    "central_storage_outlets_max": Default(6, "outlets of a main urban district, at most", "G4 ‡"),
    "first_round_hours": Default((6, 4), "hours from the round opened: at the latest, wanted", "G5"),
    "store_to_outlet_hours": Default(2, "hours from the county store to an outlet", "G5"),
    "vehicles_ready_hours_town": Default(2, "hours from the round opened", "G5"),
    "vehicles_ready_hours_village": Default(1, "hours from the round opened", "G5"),
    "handover_hours": Default(2, "hours from dispatch to receipt in a locked-down area", "G6 ‡"),
    "return_due_hours": Default(24, "hours after a round closed, or the grid got its goods", "H1 ‡"),
    "loss_settled_days": Default(30, "days until what was lost is compensated or written off", "H3 ‡"),
    "clock_ahead_minutes": Default(10, "minutes a device's clock may run ahead of the book's", "A10 ‡"),
    "sign_off_hours": Default(24, "hours until the receiver has signed", "A5 ‡"),
    "purchase_channels": Default("", "own, county, city: those allowed; empty: any", "A4"),
    "papers_purchased": Default("order delivery_note acceptance_sheet", "roles of references", "A8 ‡"),
    "papers_emergency_purchase": Default("delivery_note acceptance_sheet approval", "roles of references", "A8 ‡"),
    "papers_donated": Default("handover", "roles of references", "A8 ‡"),
    "papers_other": Default("delivery_note", "roles of references, for every other origin", "A8 ‡"),
    "hazardous_days_max": Default(1, "days of the receiver's reported use an issue may cover", "A7"),
}
"""Key → shipped value, its unit, and the rule id."""

PROFILE = "profile"
"""The key by which a scope takes a profile: from then on every value of it is recorded there, at once."""
PROFILES: dict[str, dict[str, Value]] = {
    "shipped": {"cover_target_days": 0},
    "hospital_normal_running": {"cover_target_days": 20},  # E1
    "hospital_full_load": {"cover_target_days": 30},  # E2
    "guaranteed_shop": {"cover_target_days": 7},  # E4
    "school": {"cover_target_days": 14},  # E5
}
"""Where plans disagree: a name → the values of one plan. `shipped` takes another profile back."""


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
    by: str = ""
    """Who recorded it (J)."""
    profile: str = ""
    """The profile it came with."""

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
        ruled = _rulings(entry)
        for key, ruling in ruled.items():
            state.rulings.setdefault(key, []).append(ruling)
        state.version += bool(ruled)
        if ruled and entry.effective_from > recorded_at:
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


def word(state: Policies, key: str, at: datetime, *, site: str = "", item: str = "") -> str:
    """Return the value in force of a key that is one word, such as `all` or `any`."""
    value = policy(state, key, at, site=site, item=item)
    assert isinstance(value, str), f"{key} is not a word"
    return value


def replaced(state: Policies, key: str, ruling: Ruling) -> Value | None:
    """Return the value a ruling took the place of within its own scope; None when it was the first there (J)."""
    own = [r for r in state.rulings[key] if _places(r) == _places(ruling)]
    own.sort(key=lambda r: r.effective_from)
    place = next(n for n, r in enumerate(own) if r is ruling)
    return _value(own[place - 1]) if place else None


def _places(ruling: Ruling) -> tuple[str, str, str, str]:
    return ruling.item, ruling.family, ruling.site, ruling.district


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


def _rulings(entry: PolicySet) -> dict[str, Ruling]:
    """Return what an entry rules, by key: one value, or all of a profile. Nothing when it cannot be followed."""
    if entry.key != PROFILE:
        ruling = _ruling(entry, entry.key, entry.value)
        return {} if ruling is None else {entry.key: ruling}
    values = PROFILES.get(entry.value, {}) if isinstance(entry.value, str) else {}
    found = {key: _ruling(entry, key, value) for key, value in values.items()}
    return {key: replace(ruling, profile=str(entry.value)) for key, ruling in found.items() if ruling is not None}


def _ruling(entry: PolicySet, key: str, value: Value) -> Ruling | None:
    default = DEFAULTS.get(key)
    if default is not None:
        if isinstance(default.value, tuple) and isinstance(value, int):
            value = (value,)
        if type(value) is not type(default.value) or value == ():
            return None
    single = not isinstance(value, tuple)
    held = value if isinstance(value, tuple) else (value,)
    return Ruling(held, single, entry.effective_from, **_scope(entry.scope), by=entry.recorded_by)


def _scope(scope: Scope) -> dict[str, str]:
    return {name: getattr(scope, name) or "" for name in ("item", "family", "site", "district")}


def _assign(state: Policies, known: dict[str, str], name: str, value: str) -> None:
    if known.get(name, "") != value:
        known[name] = value
        state.version += bool(state.rulings)
