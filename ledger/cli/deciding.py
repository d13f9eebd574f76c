"""Commands about policy: `policy list` (shipped and recorded values) and `policy set`, an entry like any other."""

from datetime import datetime
from typing import Annotated

import typer

from ledger.cli.entering import By, OutboxPath, Source, TokenPath, Via, Way, enter, moment_now
from ledger.cli.language import t
from ledger.cli.options import DEFAULT_BOOK, BookPath, Format, Lang, Shown
from ledger.cli.output import show
from ledger.errors import WrongUse
from ledger.standing import open_standing
from projections.policy import DEFAULTS, PROFILE, PROFILES, Policies, Ruling, replaced

policy = typer.Typer(no_args_is_help=True)


@policy.command("list", help=t("现行政策", "Every number that can be set, shipped and recorded"))
def list_policies(book: BookPath = DEFAULT_BOOK, shown: Shown = Format.TABLE, lang: Lang = None) -> None:
    """List shipped defaults, and every recorded value with its scope and the moment it takes effect."""
    opened = open_standing(book)
    recorded = opened.volumes[0].policy  # what is about the whole book stands in every volume
    rows: list[dict[str, object]] = []
    for key, default in DEFAULTS.items():
        rows.append(
            {"key": key, "value": _plain(default.value), "unit": default.unit, "rule": default.rule, "scope": ""}
        )
        rows += [_recorded(recorded, key, ruling) for ruling in recorded.rulings.get(key, ())]
    rows += [
        {"key": PROFILE, "value": name, "unit": ", ".join(f"{key} = {_plain(v)}" for key, v in values.items())}
        for name, values in PROFILES.items()
    ]
    columns = {
        "key": t("政策项", "key"), "value": t("值", "value"), "scope": t("范围", "scope"),
        "effective_from": t("自", "from"), "by": t("何人", "by"), "replaces": t("取代", "replaces"),
        "profile": t("方案", "profile"), "unit": t("单位", "unit"), "rule": t("规则", "rule"),
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
    if key not in (*DEFAULTS, PROFILE):
        raise WrongUse("policy_unknown", found=key, expected=", ".join((*DEFAULTS, PROFILE)))
    if key == PROFILE and value not in PROFILES:
        raise WrongUse("profile_unknown", found=value, expected=", ".join(PROFILES))
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


def _recorded(policies: Policies, key: str, ruling: Ruling) -> dict[str, object]:
    places = {"item": ruling.item, "family": ruling.family, "site": ruling.site, "district": ruling.district}
    before = replaced(policies, key, ruling)
    return {
        "key": key, "value": _plain(ruling.value), "effective_from": ruling.effective_from, "by": ruling.by,
        "profile": ruling.profile, "replaces": "" if before is None else _plain(before),
        "scope": ", ".join(f"{name}={place}" for name, place in places.items() if place) or "*",
    }  # fmt: skip


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(policy, name="policy", help=t("政策", "Policy"))
