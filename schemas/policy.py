"""Policy as entries: a number of the rulebook changed for a scope, from a day, by someone (policy_set)."""

from typing import Literal

from pydantic import AwareDatetime

from schemas.catalogue import BookDocument
from schemas.document import Name, SiteId, Text, Wire


class Scope(Wire):
    """Where a policy holds. Empty: everywhere. A narrower scope wins: item over family over site over district."""

    district: Name | None = None
    site: SiteId | None = None
    family: Name | None = None
    item: Name | None = None


class PolicySet(BookDocument):
    """From `effective_from` on, `key` has `value` within `scope`. The past keeps the policy it had."""

    kind: Literal["policy_set.v1"] = "policy_set.v1"
    key: Name
    value: int | str | tuple[int, ...]
    scope: Scope = Scope()
    effective_from: AwareDatetime
    reason: Text
