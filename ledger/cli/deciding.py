"""Commands about policy: `policy list` (shipped and recorded values) and `policy set`, an entry like any other."""

from datetime import datetime
from typing import Annotated

import typer

from ledger.book import Book
from ledger.cli.entering import By, OutboxPath, Source, TokenPath, Via, Way, enter, moment_now
from ledger.cli.language import t
from ledger.cli.options import DEFAULT_BOOK, BookPath, Format, Lang, Shown
from ledger.cli.output import show
from ledger.errors import WrongUse
from projections.policy import DEFAULTS, Ruling

policy = typer.Typer(no_args_is_help=True)


@policy.command("list", help=t("现行政策", "Every number that can be set, shipped and recorded"))
def list_policies(book: BookPath = DEFAULT_BOOK, shown: Shown = Format.TABLE, lang: Lang = None) -> None:
    """List shipped defaults, and every recorded value with its scope and the moment it takes effect."""
    opened = Book.open(book)
    rows: list[dict[str, object]] = []
    for key, default in DEFAULTS.items():
        rows.append(
            {"key": key, "value": _plain(default.value), "unit": default.unit, "rule": default.rule, "scope": ""}
        )
        rows += [_recorded(key, ruling) for ruling in opened.folds.policy.rulings.get(key, ())]
    columns = {
        "key": t("政策项", "key"), "value": t("值", "value"), "scope": t("范围", "scope"),
        "effective_from": t("自", "from"), "unit": t("单位", "unit"), "rule": t("规则", "rule"),
    }  # fmt: skip
    show(rows, columns, shown, t("政策", "Policy"))
    opened.close()


@policy.command("set", help=t("设定一项政策", "Record another value, for a scope, from a moment on"))
def set_policy(
    key: Annotated[str, typer.Argument(help=t("政策项", "Key, as `policy list` shows it"))],
    value: Annotated[str, typer.Argument(help=t("值;多个数用逗号", "Value; several whole numbers with commas"))],
    reason: Annotated[str, typer.Option("--reason", help=t("理由", "Why"))],
    scope: Annotated[
        list[str] | None, typer.Option("--for", help=t("范围,如 item=KN95", "Scope, such as item=KN95 (repeatable)"))
    ] = None,
    effective_from: Annotated[datetime | None, typer.Option("--from", help=t("生效时间", "Effective from"))] = None,
    by: By = "desk",
    via: Via = None,
    token_file: TokenPath = None,
    book: BookPath = DEFAULT_BOOK,
    outbox: OutboxPath = None,
    source: Source = None,
    shown: Shown = Format.TABLE,
    lang: Lang = None,
) -> None:
    """Record a policy. The past keeps the policy it had."""
    if key not in DEFAULTS:
        raise WrongUse("policy_unknown", found=key, expected=", ".join(DEFAULTS))
    since = effective_from.astimezone().isoformat() if effective_from else moment_now()
    fields = {
        "key": key, "value": _value(value), "scope": dict(part.partition("=")[::2] for part in scope or ()),
        "effective_from": since, "reason": reason, "recorded_by": by,
    }  # fmt: skip
    enter(Way(via, token_file, book, outbox, source), "policy_set.v1", "*", fields, shown)


def _value(written: str) -> int | str | list[int]:
    parts = written.split(",")
    if all(part.strip().lstrip("-").isdecimal() for part in parts):
        numbers = [int(part) for part in parts]
        return numbers if len(numbers) > 1 else numbers[0]
    return written


def _recorded(key: str, ruling: Ruling) -> dict[str, object]:
    places = {"item": ruling.item, "family": ruling.family, "site": ruling.site, "district": ruling.district}
    return {
        "key": key, "value": _plain(ruling.value), "effective_from": ruling.effective_from,
        "scope": ", ".join(f"{name}={place}" for name, place in places.items() if place) or "*",
    }  # fmt: skip


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(policy, name="policy", help=t("政策", "Policy"))
