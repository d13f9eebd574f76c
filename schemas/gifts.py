"""Gifts (捐赠) before and beside the receipt: offered, assessed, matched, identified, passed on; money; equipment (B).

What arrives at a store is a `goods_received` of origin `donated`; nothing here moves stock.
"""

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from schemas.approvals import Authority
from schemas.document import (
    Day,
    Document,
    EntryRef,
    Fen,
    Line,
    LotId,
    Moment,
    MovedLine,
    Name,
    Pack,
    QuantityMoved,
    wire_line,
)
from schemas.goods import Donation

Amount = Annotated[int, Field(ge=1, le=10**15)]
"""Money that changed hands, in whole fen: at least one."""


@wire_line
class OfferedLine(Line):
    """What someone would give of an item. A quantity nobody stated is unknown: neither 0 nor 1 (A11)."""

    quantity: QuantityMoved | None = None
    pack: Pack | None = None
    specification: Name | None = None
    expires_on: Day | None = None


class GiftOffered(Document):
    """A gift is offered (捐赠意向, B1). `donation.gift` ties what follows to it; two offers of one gift add up."""

    kind: Literal["gift_offered.v1"] = "gift_offered.v1"
    donation: Donation
    lines: tuple[OfferedLine, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _an_offer_is_numbered(self) -> "GiftOffered":
        if self.donation.gift is None:
            raise PydanticCustomError("gift_not_numbered", "an offer has `donation.gift`, its number (B1)")
        return self


class GiftAssessed(Document):
    """The receiving side answers an offer: opinion, decision, and where it is to go first (B1)."""

    kind: Literal["gift_assessed.v1"] = "gift_assessed.v1"
    gift: Name
    opinion: Name
    decision: Literal["accepted", "declined"]
    reason: Name | None = None
    """What the donor of a declined gift is told."""
    first_allocation: Name | None = None
    """Who is to get an accepted gift first: a receiver, or the common stock of a site."""
    letter_of_commitment: Name | None = None
    """The donor's letter (承诺书), where it stands for the review of origin and quality in an emergency."""
    assessed_by: Name
    authority: Authority | None = None

    @model_validator(mode="after")
    def _the_answer_is_whole(self) -> "GiftAssessed":
        if (self.reason if self.decision == "declined" else self.first_allocation) is None:
            raise PydanticCustomError(
                "gift_answer_unfinished", "declined: `reason` for the donor; accepted: `first_allocation` (B1)"
            )
        return self


@wire_line
class MatchedLine(MovedLine):
    """How much of an item is set aside for someone who lacks it."""


class GiftMatched(Document):
    """Goods offered are matched to someone who lacks them (B10), or a match came to nothing."""

    kind: Literal["gift_matched.v1"] = "gift_matched.v1"
    donation: Donation
    receiver: Name
    outcome: Literal["proposed", "cancelled"]
    reason: Name | None = None
    lines: tuple[MatchedLine, ...] = Field(min_length=1)


@wire_line
class IdentifiedLine(MovedLine):
    """What goods of a gift were found to be (B2)."""

    finding: Literal["medical", "usable", "substandard"]
    """Meets the medical standard; usable but not medical; below standard."""
    grade: Name | None = None


class GiftIdentified(Document):
    """A received gift was identified (B2). Medical goods are stocked by a release; the rest goes on or back."""

    kind: Literal["gift_identified.v1"] = "gift_identified.v1"
    gift: Name
    identified_by: Name
    donor_told_at: Moment | None = None
    """When the donor of substandard goods was told."""
    lines: tuple[IdentifiedLine, ...] = Field(min_length=1)


@wire_line
class PassedOnLine(MovedLine):
    """Goods that went straight from donor to receiver."""

    specification: Name | None = None
    expires_on: Day | None = None


class GiftPassedOn(Document):
    """A gift went straight to its receiver (B3): visible in this site's book, never in its stock, counted once."""

    kind: Literal["gift_passed_on.v1"] = "gift_passed_on.v1"
    donation: Donation
    receiver: Name
    agreed_at: Moment | None = None
    """When donor and receiver were brought together."""
    lines: tuple[PassedOnLine, ...] = Field(min_length=1)


class MoneyGiftReceived(Document):
    """Money was given (捐款, B9), for a purpose."""

    kind: Literal["money_gift_received.v1"] = "money_gift_received.v1"
    gift: Name
    donor: Name | None = None
    amount_fen: Amount
    purpose: Name
    disclosure: Name | None = None


class MoneyGiftSpent(Document):
    """Money of a gift bought something (B9)."""

    kind: Literal["money_gift_spent.v1"] = "money_gift_spent.v1"
    gift: Name
    amount_fen: Amount
    purpose: Name
    bought: Name
    """What was bought."""
    receipt: EntryRef | None = None
    """The receipt of what was bought, when it is goods."""


@wire_line
class AcceptedLine(MovedLine):
    """Equipment that was installed and tried."""

    lot: LotId = ""
    """Its serial number, where it has one."""
    value_fen: Fen | None = None
    """Value of one unit, in fen."""
    asset: Name | None = None
    """Number of the fixed-asset record (B6)."""


class EquipmentAccepted(Document):
    """Donated equipment was installed and accepted, and may be used (B6)."""

    kind: Literal["equipment_accepted.v1"] = "equipment_accepted.v1"
    gift: Name | None = None
    installed_by: Name
    accepted_by: Name
    lines: tuple[AcceptedLine, ...] = Field(min_length=1)
