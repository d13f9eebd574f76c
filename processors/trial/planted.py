"""Drafts of the planted faults, from examples/trial/faults.toml: the wrong papers, and the sound ones around them."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from processors.trial.drafts import Draft
from processors.trial.materials import OFFSET, Materials
from processors.trial.papers import approved, numbered, papers_of, received_in_order

_OF_THE_SCRIPT = frozenset(
    {"kind", "at", "recorded", "minted", "sent_again", "source", "site", "label", "lost", "unsigned", "number_of"}
    | {"words"}
)
"""Keys of a scripted document that say how it is sent; the others are fields of the wire."""


def planted(materials: Materials) -> Iterator[Draft]:
    """Draft every document of every fault."""
    for fault in materials.faults:
        expected = {
            label: find["result"] for find in fault["find"] if find["by"] == "quarantine" for label in find["names"]
        }
        for document in fault.get("document", ()):
            yield _draft(materials, document, expected.get(document.get("label", ""), "admitted"))


def _draft(materials: Materials, document: dict[str, Any], expected: str) -> Draft:
    device = materials.device(document["source"])
    fields = {name: value for name, value in document.items() if name not in _OF_THE_SCRIPT}
    if "lines" in fields:
        fields["lines"] = numbered(fields["lines"])
    kind, site = document["kind"], document["site"]
    if kind == "goods_received":
        fields = papers_of(fields["origin"], device) | received_in_order(device) | fields
    elif kind == "goods_issued":
        fields = _with_approval(site, document["at"], fields)
    elif kind == "transfer_dispatched":
        fields = {"approval": f"批-{document['transfer']}"} | fields
    return Draft(
        kind, site, device, _moment(document["at"]), fields,
        recorded=_perhaps(document.get("recorded")), minted=_perhaps(document.get("minted")),
        sent_again=_perhaps(document.get("sent_again")), label=document.get("label", ""),
        lost=document.get("lost", False), unsigned=document.get("unsigned", False),
        number_of=document.get("number_of", ""), words=document.get("words", ""), expected=expected,
    )  # fmt: skip


def _with_approval(site: str, at: str, fields: dict[str, Any]) -> dict[str, Any]:
    if fields.get("approval") == "":
        return {name: value for name, value in fields.items() if name != "approval"}
    return approved(site, f"{at[5:10]}-{fields['receiver']}") | fields


def _moment(written: str) -> datetime:
    return datetime.fromisoformat(written + OFFSET)


def _perhaps(written: str | None) -> datetime | None:
    return _moment(written) if written else None
