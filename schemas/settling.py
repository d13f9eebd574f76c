"""What is owed for goods and how it is made good (F8–F12): answers of both sides, closings, papers that follow.

A settlement opens by itself with the goods entry; nothing here moves stock and nothing here opens one.
"""

from typing import Literal

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from schemas.document import Document, EntryRef, Fen, Moment, Name, Text, Wire

SettlementKind = Literal[
    "hospital_draw_down", "cross_district", "living_goods", "supplier_advance", "resident_advance", "compensation",
    "subsidy",
]  # fmt: skip
"""Every kind of settlement (F11)."""


class Owed(Wire):
    """What a receipt or issue leaves to be settled, and with whom, where its origin alone does not say (F11)."""

    settlement: SettlementKind | None = None
    """Absent: as the origin says – goods drawn from a holder, goods requisitioned."""
    party: Name
    """Who is owed: the holder or owner, the supplier or whoever advanced the money, who claims the subsidy."""
    amount_fen: Fen | None = None
    """Absent: the prices on the lines."""


class EmergencyRelease(Wire):
    """Goods released before their papers, by who was on duty or in charge on the spot (F12)."""

    decided_by: Name
    """Role or staff number, as on the duty roster."""
    reserve: bool = False
    """Reserve grain (出库、划转、核销): its papers are due after the response ends, not days after the issue."""
    papers_due_at: Moment | None = None
    """Absent: as policy says."""


class SettlementAnswered(Document):
    """One side of a settlement confirms or disputes it (F11). The latest answer of a side stands."""

    kind: Literal["settlement_answered.v1"] = "settlement_answered.v1"
    settlement: Name
    """The transfer id, or the entry that opened it: site/source/number."""
    side: Literal["owing", "owed"]
    says: Literal["confirmed", "disputed"]
    amount_fen: Fen | None = None
    """What this side holds to be right."""
    answered_by: Name
    reason: Text | None = None

    @model_validator(mode="after")
    def _a_dispute_says_why(self) -> "SettlementAnswered":
        if self.says == "disputed" and self.reason is None:
            raise PydanticCustomError("dispute_without_reason", "a side that disputes says why (F11)")
        return self


class SettlementClosed(Document):
    """A settlement is closed: by money, a return in kind, a share of cost, or as a free grant (F11)."""

    kind: Literal["settlement_closed.v1"] = "settlement_closed.v1"
    settlement: Name
    by: Literal["money", "return_in_kind", "cost_share", "free_grant"]
    amount_fen: Fen | None = None
    """What was paid; for a share of cost, this side's."""
    approved_by: Name

    @model_validator(mode="after")
    def _money_is_a_figure(self) -> "SettlementClosed":
        if self.by in ("money", "cost_share") and self.amount_fen is None:
            raise PydanticCustomError("closing_without_amount", "what is closed by money says how much (F11)")
        return self


class PapersCompleted(Document):
    """The papers of an emergency release or purchase came (F12). They are the `references` of this document."""

    kind: Literal["papers_completed.v1"] = "papers_completed.v1"
    completes: EntryRef
    approval: Name
    """Number of the approval form."""
    approved_by: Name
