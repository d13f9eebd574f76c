"""How a command makes one entry: through an outbox, so that it is numbered and saved before it is sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledger.cli.options import Format
from ledger.cli.submitting import carrier, exit_with, moment_now, open_outbox, show_answers


@dataclass(frozen=True, slots=True)
class Way:
    """Which way an entry goes: through a gateway with a token, or into the book itself; and the outbox it leaves."""

    via: str | None
    token_file: Path | None
    book: Path
    outbox: Path | None
    source: str | None


def enter(way: Way, kind: str, site: str, fields: Mapping[str, Any], shown: Format) -> None:
    """Make one entry that happened now, send it, and show what became of it. Exit 1 when the book refused it."""
    with carrier(way.via, way.token_file, way.book) as road:
        box = open_outbox(way.via, way.book, way.outbox, way.source)
        box.add(kind, site, {"happened_at": moment_now(), **fields})
        box.deliver(road)
    saved = box.latest(1)
    box.close()
    show_answers(saved, shown)
    exit_with(saved)
