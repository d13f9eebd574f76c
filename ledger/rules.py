"""The register of rules: where each rule of the rulebook is decided, what a site may change, which tests show it.

Read from projections/rules.toml; policy keys, audits, views and alerts that name a rule themselves are added here, and
tests from the list that `python -m ledger.rules_docs` makes of the ids in their docstrings. It decides nothing.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tomllib import loads
from typing import Any

from ledger.lake.views import published
from projections.cases import RULES
from projections.policy import DEFAULTS, Default

PROJECTIONS = Path(__file__).resolve().parents[1] / "projections"
REGISTER = PROJECTIONS / "rules.toml"
SHOWN_BY = PROJECTIONS / "rules_shown.json"
"""Rule id → the tests whose docstrings name it. Made by `python -m ledger.rules_docs`."""
_ID = re.compile(r"[A-Q]\d{0,2}")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule with everything that is known of it. Texts are Chinese and English."""

    id: str
    zh: str
    en: str
    homes: tuple[str, ...]
    """`kind:name`, such as `entry:goods_received`, `policy:safety_stock`, `audit:audit_fefo_skip`."""
    settings: dict[str, Default]
    """Policy keys a site may set, each with its shipped value and unit."""
    tests: tuple[str, ...]
    may_change: tuple[str, str] = ("", "")
    declined: tuple[str, str] = ("", "")
    waits_for: str = ""
    """The piece of work that will bring it; empty for what is here."""
    answers: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """For chapter J: what an auditor can ask → the homes that answer."""

    def state(self) -> str:
        """Return `here`, `declined` or `waiting`."""
        return "declined" if self.declined[1] else "waiting" if self.waits_for else "here"


@cache
def rules() -> tuple[Rule, ...]:
    """Return every rule in the order of the rulebook."""
    written: dict[str, dict[str, Any]] = loads(REGISTER.read_text(encoding="utf-8"))
    shown: dict[str, list[str]] = json.loads(SHOWN_BY.read_text(encoding="utf-8"))
    return tuple(_rule(name, said, tuple(shown.get(name, ()))) for name, said in written.items())


def ids_in(text: str) -> set[str]:
    """Return the rule ids in a few words such as `C4 ‡` or `A1, D5`."""
    return set(_ID.findall(text))


def _rule(name: str, said: dict[str, Any], tests: tuple[str, ...]) -> Rule:
    answers = tuple((question, tuple(homes)) for question, homes in said.get("answers", {}).items())
    listed = [*said.get("homes", ()), *_named_by(name), *(home for _, homes in answers for home in homes)]
    keys = {key: default for key, default in DEFAULTS.items() if f"policy:{key}" in listed}
    return Rule(
        name, said["zh"], said["en"], tuple(dict.fromkeys(listed)), keys, tests,
        (said.get("may_change_zh", ""), said.get("may_change_en", "")),
        (said.get("declined_zh", ""), said.get("declined_en", "")), said.get("waits_for", ""), answers,
    )  # fmt: skip


def _named_by(name: str) -> Iterator[str]:
    """Yield the homes that name the rule themselves."""
    yield from (f"policy:{key}" for key, default in DEFAULTS.items() if name in ids_in(default.rule))
    for view in sorted(published(), key=lambda view: view.name):
        if name in view.rules:
            yield f"{'audit' if view.is_audit else 'view'}:{view.name}"
    yield from (f"alert:{kind}" for kind, rule in RULES.items() if rule == name)
