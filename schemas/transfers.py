"""Around a transfer between two sites (F9): the order to dispatch, and what became of a difference between its ends."""

from typing import Literal

from pydantic import Field

from schemas.document import Document, Fen, Moment, MovedLine, Name, SiteId, wire_line


@wire_line
class DispatchLine(MovedLine):
    """How much of an item is to be sent, and at what price it will be settled."""

    specification: Name | None = None
    price_fen: Fen | None = None
    """Price of one unit as written on this line, in fen."""


class DispatchOrdered(Document):
    """This site is ordered to send goods to another (调拨指令, F9). It moves nothing."""

    kind: Literal["dispatch_ordered.v1"] = "dispatch_ordered.v1"
    transfer: Name
    """Transfer id, the same on the order and on both ends."""
    to_site: SiteId
    plan: Name
    """The plan approved by the leading group on which it rests."""
    approved_by: Name
    place: Name
    """Where to deliver."""
    due_at: Moment
    contact: Name
    """Role or duty telephone, never a person's name."""
    lines: tuple[DispatchLine, ...] = Field(min_length=1)


@wire_line
class ExplainedLine(MovedLine):
    """How much of a difference is explained, and how. `surplus`: more arrived than was written down as sent."""

    condition: Literal["lost", "damaged", "still_moving", "surplus"]


class TransferDifferenceExplained(Document):
    """The ends of a transfer differ and someone says why, and who answers for it (F9).

    Lost and damaged goods are no longer on the way. What is still moving stays so until it arrives.
    """

    kind: Literal["transfer_difference_explained.v1"] = "transfer_difference_explained.v1"
    transfer: Name
    from_site: SiteId
    to_site: SiteId
    answers_for: Name
    """Who answers for the loss on this leg."""
    lines: tuple[ExplainedLine, ...] = Field(min_length=1)
