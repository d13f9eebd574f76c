"""What is asked for and agreed to before goods move: requisitions (申领), approvals (审批), orders (订购)."""

from typing import Literal

from pydantic import Field

from schemas.document import Day, Document, EntryRef, Fen, Moment, MovedLine, Name, Quantity, wire_line

Act = Literal[
    "requisition", "issue", "allocation_plan", "transfer", "draw_down", "purchase", "emergency_purchase", "release",
    "adjustment", "write_off", "market_release", "vehicle", "other",
]  # fmt: skip
"""What an approval is for."""
Authority = Literal[
    "department", "unit_head", "office", "supplies_group", "medical_group", "reserves_bureau", "task_force",
    "working_group", "leading_group", "health_commission", "headquarters",
]  # fmt: skip
"""In which capacity someone approves (C4, E1, F3)."""


@wire_line
class RequestedLine(MovedLine):
    """How much of an item is asked for."""

    left: Quantity | None = None
    """What the asker still has of it, in the same unit (D1, F1)."""
    reason: Name | None = None
    """Why, for an item outside the standard list (F1)."""


class RequisitionMade(Document):
    """A department asks a store for goods (申领, D1). The site is the store that is asked."""

    kind: Literal["requisition_made.v1"] = "requisition_made.v1"
    requisition: Name
    """Number of the form."""
    department: Name
    requested_by: Name
    superior: Name | None = None
    """The department above, which is told when this is far above use (D1)."""
    needed_by: Moment | None = None
    headcount: int | None = Field(default=None, ge=1, le=10_000_000)
    """People it is for. With `rounds` and the item's `kit_standard` it bounds what is needed (D1)."""
    rounds: int | None = Field(default=None, ge=1, le=1_000)
    lines: tuple[RequestedLine, ...] = Field(min_length=1)


class ApprovalGiven(Document):
    """Someone entitled agrees, or refuses (审批, C4, F3). Two approvals of one thing are two entries of one number."""

    kind: Literal["approval_given.v1"] = "approval_given.v1"
    approval: Name
    """Number of the approval: what an issue, transfer or release names in its own `approval`."""
    act: Act
    approves: EntryRef | Name | None = None
    """The entry or the paper it is about."""
    approved_by: Name
    """Role or staff number, never a person's name."""
    authority: Authority
    decision: Literal["approved", "refused"] = "approved"
    delegated_by: Name | None = None
    """Who passed on the right to decide (F3)."""
    reason: Name | None = None


@wire_line
class OrderedLine(MovedLine):
    """How much of an item is ordered, and at what price."""

    specification: Name | None = None
    price_fen: Fen | None = None
    """Price of one unit as written on this line, in fen."""


class GoodsOrdered(Document):
    """Goods are on order until a receipt at this site names the order in a reference of role `order` (D5)."""

    kind: Literal["goods_ordered.v1"] = "goods_ordered.v1"
    order: Name
    supplier: Name
    due_on: Day | None = None
    approval: Name | None = None
    lines: tuple[OrderedLine, ...] = Field(min_length=1)
