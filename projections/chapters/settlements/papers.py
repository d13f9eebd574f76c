"""Papers that follow goods (F12): emergency releases and war-time purchases stay open until their papers came."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from projections import policy as policies
from projections.cases import Case, identity
from projections.chapters.settlements.facts import Release, Settlements
from projections.chapters.standing import Standing, response_ended_at


class Papers(NamedTuple):
    """Papers of one entry: when they are due (None: the response is still on), and whether they came."""

    entry: str
    release: Release
    due_at: datetime | None
    completed: bool


def papers(state: Settlements, standing: Standing, now: datetime) -> Iterator[Papers]:
    """Yield every entry whose papers followed or are to follow, as it stands at a moment."""
    for entry, release in sorted(state.releases.items()):
        yield Papers(entry, release, _due_at(standing, release, now), entry in state.completed)


def _due_at(standing: Standing, release: Release, now: datetime) -> datetime | None:
    """Return when papers are due: as said; for reserve grain counted from the end of the response (K1)."""
    if release.due_at is not None:
        return release.due_at
    since: datetime | None = release.at
    if release.reserve:
        since = response_ended_at(standing, release.site, release.at)
    if since is None or since > now:
        return None if release.reserve else release.at
    days = policies.whole(standing.policy, "papers_due_days", release.at, site=release.site)
    return since + timedelta(days=days)


def due(state: Settlements, standing: Standing, now: datetime) -> Iterator[Case]:
    """Yield papers that are overdue."""
    for one in papers(state, standing, now):
        if one.due_at is not None and one.due_at < now and not one.completed:
            facts: dict[str, int | str] = {
                "entry": one.entry, "decided_by": one.release.decided_by, "days": (now - one.due_at).days,
            }  # fmt: skip
            name = identity("papers_overdue", one.release.site, one.entry)
            yield Case(name, "papers_overdue", "warning", one.release.site, one.due_at, facts=facts)
