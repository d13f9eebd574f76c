"""Rounds of mass testing and what comes back from them (G5, H1–H4): grids, stages, settled damage, failed devices."""

from typing import Literal

from pydantic import Field

from schemas.document import Document, EntryRef, Fen, Name, Wire

Post = Literal["general", "waste", "sample_handling"]
"""What is done at a post; it decides the level of kit worn there (G1)."""


class TestingRound(Wire):
    """The round and the grid goods are for, or come back from (A5, H1)."""

    number: int = Field(ge=1, le=10_000)
    grid: Name
    """The grid or sampling point, by an id that is one of its kind in the city."""
    post: Post | None = None
    headcount: int | None = Field(default=None, ge=1, le=10_000_000)
    """People the claim is for; with the policy `kit_standard` it bounds what may be claimed (A5)."""
    claimant: Name | None = None
    """Opaque reference of the person or team claimed for, never a name (A5)."""


class RoundAnnounced(Document):
    """A round of testing reaches a stage in an area: the clocks of delivery and return run from here (G5, H1)."""

    kind: Literal["round_announced.v1"] = "round_announced.v1"
    area: Name
    """A district, an area within one, or `*` for the whole city."""
    round: int = Field(ge=1, le=10_000)
    stage: Literal["opened", "vehicles_ready", "closed"]
    setting: Literal["town", "village"] | None = None
    """Of vehicles ready: how soon they had to be (G5)."""


class DeviceFailed(Document):
    """A device failed at a post. In the highest-risk area a spare takes its place and it stays inside (H4)."""

    kind: Literal["device_failed.v1"] = "device_failed.v1"
    device: Name
    """Asset or serial number."""
    grid: Name | None = None
    replaced_by: Name | None = None
    """Number of the spare."""


class DamageSettled(Document):
    """What was lost is compensated or written off (H3); a failed device is assessed: repair or scrap (H4)."""

    kind: Literal["damage_settled.v1"] = "damage_settled.v1"
    settles: EntryRef
    """The return that states the loss, or the failure of the device."""
    outcome: Literal["compensated", "written_off", "repair", "scrap"]
    paper: Name
    """The document it rests on."""
    approved_by: Name
    amount_fen: Fen | None = None
    """What was paid as compensation."""
