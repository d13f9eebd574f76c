"""Policy as entries: a number of the rulebook changed for a scope, from a day, by someone (policy_set)."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.catalogue import BookDocument
from schemas.document import Moment, Name, SiteId, Text, Wire

Whole = Annotated[int, Field(ge=-(2**53), le=2**53)]


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
    value: Whole | str | tuple[Whole, ...]
    scope: Scope = Scope()
    effective_from: Moment
    reason: Text
