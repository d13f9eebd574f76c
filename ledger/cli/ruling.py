"""The command `rules`: every rule with its homes, what a site may change and the tests that show it."""

from typing import Annotated

import typer

from ledger.cli.language import LANG, t
from ledger.cli.options import DEFAULT_BOOK, BookPath, Format, Lang, Shown
from ledger.cli.output import show
from ledger.errors import WrongUse
from ledger.rules import Rule, rules


def list_rules(
    rule: Annotated[str | None, typer.Argument(help=t("规则号,如 D5", "One rule, such as D5"))] = None,
    book: BookPath = DEFAULT_BOOK,
    shown: Shown = Format.TABLE,
    lang: Lang = None,
) -> None:
    """List the rules: the same in every book. Values a book recorded are in `policy list`."""
    found = [r for r in rules() if rule in (None, r.id)]
    if not found:
        raise WrongUse("rule_unknown", found=rule)
    columns = {
        "id": t("规则", "rule"), "title": t("内容", "what"), "state": t("状态", "state"), "homes": t("何处", "where"),
        "settings": t("可设", "a site may set"), "tests": t("测试", "tests"),
    }  # fmt: skip
    if shown is Format.TABLE:
        show([_for_people(r) for r in found], columns, shown, t("规则", "Rules"))
    else:
        more = ("may_change", "declined", "waits_for")
        show([_for_programs(r) for r in found], columns | dict.fromkeys(more, ""), shown)


def _for_people(rule: Rule) -> dict[str, object]:
    homes = ", ".join(rule.homes) or rule.waits_for
    settings = ", ".join(f"{key} = {_plain(default.value)}" for key, default in rule.settings.items())
    said = {"id": rule.id, "title": rule.zh if LANG == "zh" else rule.en, "state": _state(rule)}
    return said | {"homes": homes, "settings": settings, "tests": len(rule.tests)}


def _for_programs(rule: Rule) -> dict[str, object]:
    settings = [
        {"key": key, "default": d.value, "unit": d.unit, "rule": d.rule} for key, d in rule.settings.items()
    ]  # fmt: skip
    return {
        "id": rule.id, "title": {"zh": rule.zh, "en": rule.en}, "state": rule.state(), "homes": list(rule.homes),
        "settings": settings, "tests": list(rule.tests), "waits_for": rule.waits_for,
        "may_change": {"zh": rule.may_change[0], "en": rule.may_change[1]},
        "declined": {"zh": rule.declined[0], "en": rule.declined[1]},
    }  # fmt: skip


def _state(rule: Rule) -> str:
    words = {"here": t("已实现", "here"), "declined": t("不做", "declined"), "waiting": t("待做", "not yet")}
    return words[rule.state()]


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command("rules", help=t("规则登记册", "Every rule: where it is decided, what may be set, the tests"))(
        list_rules
    )
