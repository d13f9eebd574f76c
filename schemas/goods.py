"""Goods come in, go out and come back: receipts with inspection (A2, A3), issues (A5), returns (H3), releases (B3)."""

from typing import Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from schemas.document import Day, Document, Fen, MovedLine, Name, SiteId, Wire, wire_line
from schemas.rounds import TestingRound
from schemas.settling import EmergencyRelease, Owed

Origin = Literal[
    "purchased", "emergency_purchase", "produced", "allocated", "donated", "drawn_from_holder", "requisitioned"
]
"""Where stock came from; kept apart for ever (A4)."""

Finding = Literal["ok", "not_ok", "not_checked"]


class Inspection(Wire):
    """Receipt inspection (验收, A2): each point found in order, not in order, or not looked at."""

    inspected_by: Name
    name: Finding
    specification: Finding
    quantity: Finding
    expiry: Finding
    quality: Finding
    packing: Finding
    label: Finding
    findings: str | None = None

    def failed(self) -> bool:
        """Tell whether any point was found not in order."""
        points = (self.name, self.specification, self.quantity, self.expiry, self.quality, self.packing, self.label)
        return "not_ok" in points


class Signatures(Wire):
    """The three parties that sign a receipt (三方验收, A2). A receipt that lacks one is provisional."""

    supplier: Name | None = None
    using_department: Name | None = None
    warehouse: Name | None = None


class Donation(Wire):
    """A gift: its donor (anonymous when absent, B7), handover sheet, and the receiver it is meant for (B3)."""

    donor: Name | None = None
    handover: Name | None = None
    designated_receiver: Name | None = None
    disclosure: Name | None = None
    """The public notice and row that disclosed it (B8)."""
    gift: Name | None = None
    """Number of the gift: what ties offer, assessment, receipt and identification (B1)."""
    counted_by: tuple[Name, ...] = ()
    """Who counted it; two people together (B7)."""
    awaiting_identification: bool = False
    """Not identified yet: held until a release names the identification (B2)."""


@wire_line
class ReceivedLine(MovedLine):
    """Goods of one item and lot that came in."""

    specification: Name | None = None
    expires_on: Day | None = None
    produced_on: Day | None = None
    registration: Name | None = None
    """Medical device registration certificate number (A3)."""
    certificate: Name | None = None
    """Food conformity certificate or traceability reference (A3)."""
    price_fen: Fen | None = None
    """Price of one unit as written on this line, in fen."""
    scan: Name | None = None
    """The barcode as scanned, untouched."""


class GoodsReceived(Document):
    """Goods arrived and are on hand (入库). Held, not available, while papers or disinfection are missing (A2, A3)."""

    kind: Literal["goods_received.v1"] = "goods_received.v1"
    origin: Origin
    supplier: Name | None = None
    donation: Donation | None = None
    inspection: Inspection | None = None
    signatures: Signatures | None = None
    awaiting_disinfection: bool = False
    channel: Literal["own", "county", "city"] | None = None
    """Who bought it (A4). Which channel an item may be bought through is policy."""
    stored_at: Name | None = None
    """The place within the site: hazardous goods need one that is rated for them (A7)."""
    owed: Owed | None = None
    """Whom these goods are to be settled with (F11)."""
    lines: tuple[ReceivedLine, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _a_gift_is_described(self) -> "GoodsReceived":
        if (self.donation is not None) != (self.origin == "donated"):
            raise PydanticCustomError("gift_not_described", "a donated receipt, and no other, has `donation` (B1)")
        return self


@wire_line
class IssuedLine(MovedLine):
    """Goods of one item and lot that left."""

    specification: Name | None = None
    scan: Name | None = None


class GoodsIssued(Document):
    """Goods left a shelf (出库/领用). A fact: admitted even when the book had none; that is an alert, not a refusal."""

    kind: Literal["goods_issued.v1"] = "goods_issued.v1"
    receiver: Name
    department: Name | None = None
    approval: Name | None = None
    """The approval this issue rests on (A5). Absent: an audit row."""
    approved_by: Name | None = None
    fetched_by: Name | None = None
    round: TestingRound | None = None
    """The round and grid the goods are for (A5, G1, H1)."""
    issued_by: Name | None = None
    """Who handed the goods out (F13)."""
    serves: Literal["medical_staff", "service_staff"] | None = None
    """Which of the two teams these supplies are run by (F13)."""
    emergency_release: EmergencyRelease | None = None
    """Released first, papers after (F12)."""
    owed: Owed | None = None
    """Whom these goods are to be settled with: an advance paid for residents, a subsidy (F11)."""
    gift: Name | None = None
    """The gift these goods are of, when it is rerouted or sent back (B2)."""
    use: Literal[
        "routine", "epidemic", "testing", "emergency", "market_release", "rerouted", "sent_back", "write_off"
    ] = "routine"
    lines: tuple[IssuedLine, ...] = Field(min_length=1)


@wire_line
class ReturnedLine(MovedLine):
    """Goods that came back, and in what state (H3). Lost goods are stated, and add nothing to the stock."""

    condition: Literal["good", "needs_disinfection", "damaged", "lost"]


class GoodsReturned(Document):
    """Goods came back from a department, point or grid (退库/回收, H1)."""

    kind: Literal["goods_returned.v1"] = "goods_returned.v1"
    returned_by: Name
    department: Name | None = None
    round: TestingRound | None = None
    """The round and grid the goods come back from (H1)."""
    lines: tuple[ReturnedLine, ...] = Field(min_length=1)


@wire_line
class ReleasedLine(MovedLine):
    """Goods that may be used from now on."""


class GoodsReleased(Document):
    """Goods that are here may be used: a hold is lifted as papers came (A2, A3), or a gift is freed (B3)."""

    kind: Literal["goods_released.v1"] = "goods_released.v1"
    releases: Literal["hold", "designation"]
    designated_receiver: Name | None = None
    approved_by: Name
    reason: Name
    lines: tuple[ReleasedLine, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _a_designation_names_its_receiver(self) -> "GoodsReleased":
        if (self.designated_receiver is not None) != (self.releases == "designation"):
            raise PydanticCustomError("designation_without_receiver", "a designation names its receiver (B3)")
        return self


@wire_line
class TransferLine(MovedLine):
    """Goods of one item and lot that moved between two sites."""

    expires_on: Day | None = None


class TransferDispatched(Document):
    """Goods left this site for another (调拨出库, F9). In transit until they arrive."""

    kind: Literal["transfer_dispatched.v1"] = "transfer_dispatched.v1"
    transfer: Name
    """Transfer id, the same on both ends."""
    to_site: SiteId
    approval: Name | None = None
    carrier: Name | None = None
    leg_owner: Name | None = None
    """Who answers for loss on this leg (F9). Absent: as the kinds of the two sites say."""
    lines: tuple[TransferLine, ...] = Field(min_length=1)


class TransferArrived(Document):
    """Goods of a transfer arrived at this site (调拨入库, F9). The two ends may differ and may come in either order."""

    kind: Literal["transfer_arrived.v1"] = "transfer_arrived.v1"
    transfer: Name
    from_site: SiteId
    stored_at: Name | None = None
    """The place within the site (A7)."""
    lines: tuple[TransferLine, ...] = Field(min_length=1)
