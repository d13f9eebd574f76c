"""What becomes of goods once issued (A5, A6): who may register, what was used, what a spot check found, who signed.

Nothing here moves stock: what a department holds is issues less returns, losses and what it reports as used.
"""

from typing import Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from schemas.document import Document, EntryRef, Line, Moment, Name, Pack, Quantity, Text, wire_line
from schemas.rounds import TestingRound


@wire_line
class UsedLine(Line):
    """How much of an item and lot was used. Nothing used is said as 0."""

    quantity: Quantity
    pack: Pack | None = None


class UsageReported(Document):
    """A using department reports what it used (A6). The site is the store that issued it.

    The period is from `happened_since` to `happened_at`; without a start it is one day.
    """

    kind: Literal["usage_reported.v1"] = "usage_reported.v1"
    receiver: Name
    """As issues name it."""
    department: Name | None = None
    round: TestingRound | None = None
    lines: tuple[UsedLine, ...] = Field(min_length=1)


class RegistrarsNamed(Document):
    """A using department names who may request for it and who may register its use (A6). Roles or staff numbers."""

    kind: Literal["registrars_named.v1"] = "registrars_named.v1"
    receiver: Name
    department: Name | None = None
    may_request: tuple[Name, ...] = Field(min_length=1)
    may_register: tuple[Name, ...] = Field(min_length=1)
    effective_from: Moment


class RegisterChecked(Document):
    """A spot check (抽查) of a usage register: what was found, and what follows (A6)."""

    kind: Literal["register_checked.v1"] = "register_checked.v1"
    receiver: Name
    department: Name | None = None
    checked_by: Name
    finding: Literal["in_order", "faulty"]
    found: Text | None = None
    follow_up: Text | None = None
    """What is to be done about it."""
    follow_up_due_at: Moment | None = None
    follows: EntryRef | None = None
    """The faulty check this one looks at again."""

    @model_validator(mode="after")
    def _a_fault_is_described(self) -> "RegisterChecked":
        if self.finding == "faulty" and not (self.found and self.follow_up):
            raise PydanticCustomError("fault_not_described", "a faulty register says `found` and `follow_up` (A6)")
        return self


class GoodsSignedFor(Document):
    """A party signs for goods after the entry about them: the receiver below (A5), or a party of a receipt (A2)."""

    kind: Literal["goods_signed_for.v1"] = "goods_signed_for.v1"
    signs_for: EntryRef
    """The issue, dispatch, pass-through or receipt."""
    party: Literal["receiver", "supplier", "using_department", "warehouse"] = "receiver"
    signed_by: Name
    difference: Text | None = None
    """What was short or damaged, in words."""
