"""Kits and how they are packed, planned and passed on (G1–G4, G7, G8)."""

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from schemas.catalogue import BookDocument
from schemas.document import LINE_QUANTITY_MAX, Day, Document, Fen, MovedLine, Name, SiteId, Wire, wire_line
from schemas.goods import Origin
from schemas.settling import Owed
from schemas.stocktakes import AdjustedLine

KitLevel = Literal["level_1", "level_2_waste", "level_2_sample", "base", "increment", "household"]
"""Protection worn by one person (G1), a pack of plan B (G2), or a standard pack of living goods (L5)."""
Part = Literal[
    "respirator", "cap", "gown", "latex_gloves", "coverall", "sterile_gloves", "boot_covers", "goggles", "face_shield",
    "other",
]  # fmt: skip
Persons = Annotated[int, Field(ge=0, le=1_000_000)]


class Component(Wire):
    """So many base units of an item in one kit, and what part of a kit they are (G1)."""

    item: Name
    quantity: int = Field(ge=1, le=LINE_QUANTITY_MAX)
    part: Part = "other"


class KitDescribed(BookDocument):
    """The bill of materials of a kit, for ever: another bill is another kit (G1, G7). The kit is an item described."""

    kind: Literal["kit_described.v1"] = "kit_described.v1"
    kit: Name
    level: KitLevel
    colour: Name
    """Shown on the label beside the level."""
    components: tuple[Component, ...] = Field(min_length=1)


@wire_line
class PackedLine(AdjustedLine):
    """What one lot of the kit or of a component gains or loses."""

    expires_on: Day | None = None
    """Of kits: the earliest expiry of what is in them."""


class _Packing(Document):
    kit: Name
    round: int | None = Field(default=None, ge=1, le=10_000)
    lines: tuple[PackedLine, ...] = Field(min_length=2)
    """The kits and every component, each with its lot and signed change: components = kits × bill exactly (G7)."""


class KitsPacked(_Packing):
    """Components went into kits (G7): kits +, components −."""

    kind: Literal["kits_packed.v1"] = "kits_packed.v1"
    points: tuple[Name, ...] = ()
    """Sampling points these packs are for, each packed whole (G3)."""


class KitsUnpacked(_Packing):
    """Kits were taken apart again (G7): kits −, components +."""

    kind: Literal["kits_unpacked.v1"] = "kits_unpacked.v1"


class PlannedPoint(Wire):
    """One sampling point of an outlet: its desks, and staff by the level of kit they wear."""

    point: Name
    desks: int = Field(ge=1, le=10_000)
    staff: dict[KitLevel, Persons] = Field(default_factory=dict)
    sub_point: bool = False
    """Sub-points are computed on their own (G3)."""


class PackingPlanned(Document):
    """The packing plan of an outlet, which is the site, for a round (G1–G4). The latest plan of a round stands."""

    kind: Literal["packing_planned.v1"] = "packing_planned.v1"
    round: int = Field(ge=1, le=10_000)
    plan: Literal["A", "B"]
    """A: kits per person by level, disinfection goods apart. B: base and increment packs."""
    placed: Literal["at_outlet", "central"]
    """Where the goods of the round wait (G4)."""
    points: tuple[PlannedPoint, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _a_point_is_planned_once(self) -> "PackingPlanned":
        if len({p.point for p in self.points}) != len(self.points):
            raise PydanticCustomError("point_planned_twice", "a point is planned twice (G1)")
        return self


@wire_line
class PassedLine(MovedLine):
    """Goods that went straight to one receiver."""

    receiver: Name
    price_fen: Fen | None = None
    """Price of one unit as written on this line, in fen."""


class GoodsPassedThrough(Document):
    """Receipt and issues in one document (G8): goods went from an upper store or supplier straight to the points.

    On hand stays as it was; the goods are traced and settled all the same.
    """

    kind: Literal["goods_passed_through.v1"] = "goods_passed_through.v1"
    origin: Origin
    from_site: SiteId | None = None
    """The upper store, when they came from one."""
    supplier: Name | None = None
    approval: Name | None = None
    approved_by: Name | None = None
    owed: Owed | None = None
    """Whom these goods are to be settled with (F11)."""
    round: int | None = Field(default=None, ge=1, le=10_000)
    """The round the receivers, which are its points, needed them for."""
    lines: tuple[PassedLine, ...] = Field(min_length=1)
