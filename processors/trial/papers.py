"""The parts that sound papers share: inspection, signatures, approval, numbered lines. It knows no stock."""

from collections.abc import Iterable
from typing import Any

from processors.trial.materials import Device

_POINTS = ("name", "specification", "quantity", "expiry", "quality", "packing", "label")


def received_in_order(device: Device) -> dict[str, Any]:
    """Return the inspection and the three signatures of a receipt that is in order (A2)."""
    return {
        "inspection": {"inspected_by": device.staff, **dict.fromkeys(_POINTS, "ok")},
        "signatures": {"supplier": "carrier-1", "using_department": f"office-{device.name}", "warehouse": device.staff},
    }


def approved(site: str, paper: str) -> dict[str, str]:
    """Return the approval of an issue, by someone who neither records nor fetches (A5, F13)."""
    return {"approval": f"批-{paper}", "approved_by": f"head-{site.lower()}", "fetched_by": f"runner-{site.lower()}"}


def numbered(lines: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Number the lines of a document from 1."""
    return [{"line": number, **line} for number, line in enumerate(lines, 1)]
