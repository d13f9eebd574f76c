"""The register of rules against the rulebook: every id of the chapters done has a home that exists and a test."""

import importlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest

from ledger import alert_docs, rules_docs
from ledger.lake.views import published
from ledger.rules import SHOWN_BY, rules
from ledger.words import known_codes
from projections.cases import AUDIENCE, RULES
from projections.policy import DEFAULTS
from schemas.alerts import AlertKind
from schemas.entry import type_of_kind
from tests.conftest import ROOT
from tests.test_commands import COMMANDS

_ROW = re.compile(r"^\| ([A-Q]\d{1,2})(?: †)? \|", re.MULTILINE)
_DONE = re.compile(r"[ABCDGHK]\d+|F(8|9|1[0-3])|J")
BY_ID = {rule.id: rule for rule in rules()}
DONE = [rule.id for rule in rules() if _DONE.fullmatch(rule.id)]
VIEWS = {view.name for view in published()}
EXISTS: dict[str, Callable[[str], bool]] = {
    "entry": lambda name: f"{name}.v1" in type_of_kind,
    "policy": DEFAULTS.__contains__,
    "fold": lambda name: importlib.import_module(name) is not None,
    "view": VIEWS.__contains__,
    "audit": lambda name: name in VIEWS and name.startswith("audit_"),
    "alert": lambda name: name in RULES,
    "command": lambda name: name in COMMANDS,
    "place": lambda name: importlib.import_module(name) is not None,
}


@pytest.fixture(scope="module")
def rulebook(shared_data: Path) -> str:
    """Give the rulebook as it was handed to the project."""
    return (shared_data.parent / "rulebook.md").read_text(encoding="utf-8")


def test_every_rule_of_the_rulebook_stands_in_the_register_and_no_other(rulebook: str) -> None:
    assert [rule.id for rule in rules() if rule.id != "J"] == _ROW.findall(rulebook)


@pytest.mark.parametrize("name", DONE)
def test_a_rule_of_a_chapter_done_has_a_home_and_a_test_or_a_reason(name: str) -> None:
    rule = BY_ID[name]
    if rule.declined[1]:
        assert all(len(reason) > 10 for reason in rule.declined), "a reason a user would accept, in both languages"
        return
    assert not rule.waits_for
    assert rule.homes
    assert rule.tests


def test_a_rule_of_another_chapter_says_what_it_waits_for() -> None:
    waiting = {rule.id for rule in rules() if rule.waits_for}
    assert waiting == set(BY_ID) - set(DONE)


@pytest.mark.parametrize("home", sorted({home for rule in rules() for home in rule.homes}))
def test_every_home_named_exists(home: str) -> None:
    kind, _, name = home.partition(":")
    assert EXISTS[kind](name)


def test_every_question_of_an_auditor_has_an_answer(rulebook: str) -> None:
    """(J)"""
    chapter = rulebook.partition("## J.")[2].partition("\n## ")[0].split("\n", 1)[1]
    asked = [question.strip().rstrip(".") for question in " ".join(chapter.split()).split(" · ")]
    assert [re.sub(r" ·$", "", question) for question in asked] == [question for question, _ in BY_ID["J"].answers]
    assert all(homes for _, homes in BY_ID["J"].answers)


def test_the_register_and_its_list_of_tests_are_up_to_date() -> None:
    assert SHOWN_BY.read_text(encoding="utf-8") == rules_docs.document_tests(), "run `make docs`, commit what it wrote"
    assert rules_docs.DOCS.read_text(encoding="utf-8") == rules_docs.document_rules(), "run `make docs`"


def test_every_kind_of_alert_is_documented_as_it_is_said() -> None:
    assert alert_docs.DOCS.read_text(encoding="utf-8") == alert_docs.document_alerts(), "run `make docs`"
    assert f"{len(get_args(AlertKind))} kinds" in (ROOT / "docs/alerts.md").read_text(encoding="utf-8")


def test_a_test_shows_the_rules_its_docstring_names_and_no_others(tmp_path: Path) -> None:
    written = 'def test_it():\n    """(D5, D6) And F12 without brackets."""\n\ndef aid():\n    """(D1)"""\n'
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_x.py").write_text(written, encoding="utf-8")
    found = {rule: names for rule, names in rules_docs.tests_by_rule(tmp_path / "tests").items() if rule != "J"}
    named = {rule for rule, names in found.items() if "tests/test_x.py::test_it" in names}
    assert named == {"D5", "D6"}


@pytest.mark.parametrize("kind", sorted(RULES))
def test_every_kind_of_alert_names_a_rule_has_an_audience_and_is_said_in_both_languages(kind: str) -> None:
    """(D8)"""
    assert RULES[kind] in BY_ID
    assert AUDIENCE[kind]
    assert {f"alert_{kind}", f"alert_kind_{kind}"} <= known_codes()


def test_the_command_lists_id_homes_and_tests_for_programs() -> None:
    command = [str(Path(sys.executable).parent / "baogong"), "rules", "--format", "json"]
    env = {**os.environ, "BAOGONG_LANG": "en"}
    listed = json.loads(subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout)
    d5 = next(rule for rule in listed if rule["id"] == "D5")
    assert "entry:goods_ordered" in d5["homes"]
    assert any("test_cover.py::" in test for test in d5["tests"])
    assert {"key": "safety_stock", "default": 0, "unit": "base units", "rule": "D5"} in d5["settings"]
    unknown = subprocess.run([*command[:2], "Z9"], env=env, capture_output=True, text=True, check=False)
    assert (unknown.returncode, "no rule" in unknown.stderr) == (2, True)
