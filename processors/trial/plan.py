"""The whole trial as a plan: what each source sends when, what each document must become, where each fault shows."""

from dataclasses import dataclass
from typing import Any

from processors.trial.drafts import Batch, Written, batches
from processors.trial.materials import Materials, read_materials
from processors.trial.notices import catalogue, notices
from processors.trial.papers import signed_for
from processors.trial.planted import planted
from processors.trial.traffic import Traffic


@dataclass(frozen=True, slots=True)
class Plan:
    """Batches in order of arrival, and what is known beforehand of their outcome."""

    materials: Materials
    batches: tuple[Batch, ...]
    labelled: dict[str, Written]
    faults: tuple[dict[str, Any], ...]
    on_hand: dict[tuple[str, str], int]
    """What the generator's own shelves end with, by site and item of the daily traffic, in base units."""
    title: str = "演练 trial 2020-01"
    """Title of the book it is played into, and of no other."""

    @property
    def documents(self) -> int:
        """Documents sent, repeats included."""
        return sum(len(batch.documents) for batch in self.batches)


def make_plan(materials: Materials | None = None) -> Plan:
    """Plan the shipped trial."""
    shipped = materials or read_materials()
    traffic = Traffic(shipped)
    drafts = [*catalogue(shipped), *traffic.drafts(), *notices(shipped), *planted(shipped)]
    sent, labelled = batches(signed_for(shipped, drafts))
    on_hand = {key: sum(shelf.values()) for key, shelf in traffic.shelves.on_hand.items()}
    return Plan(shipped, sent, labelled, shipped.faults, on_hand)
