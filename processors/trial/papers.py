"""The parts that sound papers share: inspection, signatures, papers, approval, numbered lines. It knows no stock."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from processors.trial.drafts import Draft
from processors.trial.materials import Device, Materials, local

HAZARD_PLACE = "危化品间"
"""The place of every store that is rated for hazardous goods (A7)."""
PAPERS = {
    "purchased": ("order", "delivery_note", "acceptance_sheet"),
    "emergency_purchase": ("delivery_note", "acceptance_sheet", "approval"),
    "donated": ("handover",),
}
"""The papers a receipt is kept with, by its origin (A8); of any other origin a delivery note."""
PADS_SENT = "19:05"
"""When the first signing pad of each site sends what was signed on it; the next one a minute later."""

_POINTS = ("name", "specification", "quantity", "expiry", "quality", "packing", "label")


def received_in_order(device: Device) -> dict[str, Any]:
    """Return the inspection and the three signatures of a receipt that is in order (A2)."""
    return {
        "inspection": {"inspected_by": device.staff, **dict.fromkeys(_POINTS, "ok")},
        "signatures": {"supplier": "carrier-1", "using_department": f"office-{device.name}", "warehouse": device.staff},
    }


def papers_of(origin: str, device: Device) -> dict[str, Any]:
    """Return the origin of a receipt and the papers it is kept with (A8)."""
    roles = PAPERS.get(origin, ("delivery_note",))
    return {"origin": origin, "references": [{"role": role, "text": f"{role}-{device.name}"} for role in roles]}


def approved(site: str, paper: str) -> dict[str, str]:
    """Return the approval of an issue, by someone who neither records nor fetches (A5, F13)."""
    return {"approval": f"批-{paper}", "approved_by": f"head-{site.lower()}", "fetched_by": f"runner-{site.lower()}"}


def signed_for(materials: Materials, drafts: Iterable[Draft]) -> Iterator[Draft]:
    """Pass drafts on, and after each issue have the receiver sign for it on a pad of the site, in turn (A5)."""
    turns: defaultdict[str, int] = defaultdict(int)
    for number, draft in enumerate(drafts):
        if draft.kind == "goods_issued" and draft.expected == "admitted" and not (draft.lost or draft.unsigned):
            draft.label = draft.label or f"issue-{number}"
            pads = [d for d in materials.devices if d.work == "sign" and d.sites[0] == draft.site]
            turn = turns[draft.site] % len(pads)
            turns[draft.site] += 1
            sent = local(draft.arrives().date(), PADS_SENT) + turn * timedelta(minutes=1)
            fields = {"signs_for": f"@{draft.label}", "signed_by": draft.fields["receiver"]}
            at = draft.arrives()
            yield Draft("goods_signed_for", draft.site, pads[turn], at, fields, recorded=max(sent, at))
        yield draft


def numbered(lines: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Number the lines of a document from 1."""
    return [{"line": number, **line} for number, line in enumerate(lines, 1)]
