"""`baogong rehearse PLAN`: a district through its days, with planted faults. Exit 0 only if each of them was found,
nothing sound was called faulty, and the book verifies.
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ledger.cli.language import t
from ledger.cli.options import DEFAULT_BOOK, BookPath, Format, Lang, Shown
from processors.rehearsal import show
from processors.rehearsal.plan import read_plan
from processors.rehearsal.playing import Played, rehearse
from processors.trial import show as trial

PlanFile = Annotated[Path, typer.Argument(help=t("演练计划文件", "Plan of the rehearsal, a TOML file"))]


def play(plan: PlanFile, book: BookPath = DEFAULT_BOOK, shown: Shown = Format.TABLE, lang: Lang = None) -> None:
    """Play a plan into a rehearsal book, look for what was planted, and say what every rule did."""
    read = read_plan(plan)
    played = rehearse(read, book)
    if shown is Format.JSON:
        sys.stdout.write(json.dumps(_summary(book, played), ensure_ascii=False, indent=2) + "\n")
    else:
        trial.say_tally(read, played.tally)
        show.say_days(played)
        trial.show_findings(played.outcome)
        show.show_rules(book, played)
        trial.show_verification(played.report)
        trial.say_end(ok=played.ok)
    if not played.ok:
        raise typer.Exit(1)


def _summary(book: Path, played: Played) -> dict[str, object]:
    return {
        "admitted": played.tally.admitted, "already_admitted": played.tally.already,
        "quarantined": played.tally.quarantined, "verified": played.report.ok, "ok": played.ok,
        "findings": [asdict(finding) for finding in played.outcome.findings],
        "exceptions": [asdict(exceptional) for exceptional in played.outcome.exceptions],
        "rules": show.rules(book, played),
    }  # fmt: skip
