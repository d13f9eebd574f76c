"""Commands for whoever must know: `alerts` (open cases, or followed as they change) and `acknowledge`."""

import sys
import time
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

import typer

from ledger.alert_words import say_alert
from ledger.cli.entering import By, OutboxPath, Source, TokenPath, Via, Way, carrier, enter
from ledger.cli.language import LANG, t
from ledger.cli.options import DEFAULT_BOOK, BookPath, Format, Lang, Shown, Site
from ledger.cli.output import console, notes, show
from ledger.courier import Courier
from ledger.errors import BrokenEnvironment
from ledger.standing import Standing, changes_since, open_standing, told_to
from ledger.standing import opened as open_cases
from schemas.alerts import Alert

_SECONDS_A_LOOK = 0.5


class Outcome(StrEnum):
    """What a look at an alert showed."""

    CONFIRMED = "confirmed"
    EXPLAINED = "explained"


_STYLES = {"urgent": "bold red", "warning": "yellow", "notice": "cyan"}


def alerts(
    site: Site = None,
    follow: Annotated[
        bool, typer.Option("--follow", help=t("持续显示变化", "Keep showing changes, until Ctrl-C"))
    ] = False,
    book: BookPath = DEFAULT_BOOK,
    shown: Shown = Format.TABLE,
    lang: Lang = None,
) -> None:
    """Show open alerts; with --follow, every change after them as it is recorded."""
    opened = open_standing(book)
    found = [a for a in (*open_cases(opened), *opened.held(opened.now())) if site in (None, a.site)]
    columns = {
        "severity": t("级别", "severity"), "state": t("状态", "state"), "site": t("站点", "site"),
        "says": t("内容", "what"),
        "rule": t("规则", "rule"), "changed_at": t("时间", "since"), "alert": t("编号", "alert"),
    }  # fmt: skip
    show([_row(a) for a in found], columns, shown, t("预警", "Alerts"))
    if follow:
        _follow(opened, site, shown)
    opened.close()


def acknowledge(
    alert: Annotated[str, typer.Argument(help=t("预警编号", "Alert, as `alerts` shows it"))],
    measure: Annotated[str, typer.Option("--measure", help=t("采取的措施", "What is being done"))],
    cause: Annotated[str | None, typer.Option("--cause", help=t("原因", "Why it came to this"))] = None,
    outcome: Annotated[
        Outcome | None, typer.Option("--outcome", help=t("核实结果", "What a look at it showed"))
    ] = None,
    at_site: Annotated[
        str | None, typer.Option("--at", help=t("答复的站点", "Site that answers; the alert's own when absent"))
    ] = None,
    by: By = "desk",
    via: Via = None,
    token_file: TokenPath = None,
    book: BookPath = DEFAULT_BOOK,
    outbox: OutboxPath = None,
    source: Source = None,
    shown: Shown = Format.TABLE,
    lang: Lang = None,
) -> None:
    """Take an alert on, or answer one that closes by an answer (D1, D7). Everyone sees who has it."""
    site = at_site or (alert.split("/")[1] if "/" in alert else "?")
    fields: dict[str, object] = {"alert": alert, "acknowledged_by": by, "measure": measure, "recorded_by": by}
    fields |= {"cause": cause} if cause else {}
    fields |= {"outcome": outcome.value} if outcome else {}
    way = Way(via, token_file, book, outbox, source)
    if alert not in _open_now(way, alert):
        zh = f"⚠ 没有编号为 {alert} 的未结预警;答复照记"
        said = t(zh, f"⚠ No open alert is called {alert}; the answer is recorded all the same")
        notes.print(said, style="yellow", markup=False)
    enter(way, "alert_acknowledged.v1", site, fields, shown)


def _open_now(way: Way, sought: str) -> set[str]:
    """Return what the alerts open now are called; only the one sought where they cannot be asked for."""
    if way.via is None:
        opened = open_standing(way.book)
        found = {a.alert for a in (*open_cases(opened), *opened.held(opened.now()))}
        opened.close()
        return found
    try:
        with carrier(way.via, way.token_file, way.book) as road:
            said = road.ask("/v1/alerts") if isinstance(road, Courier) else None
    except BrokenEnvironment:
        said = None  # what is in the way meets the answer too, and is said when that is sent
    return {one["alert"] for one in said["alerts"]} if said else {sought}


def _follow(book: Standing, site: str | None, shown: Format) -> None:
    told = told_to(book)
    while True:
        sys.stdout.flush()
        time.sleep(_SECONDS_A_LOOK)
        book.catch_up()
        changes = changes_since(book, told)
        told = told_to(book)
        news = open_cases(book) if changes is None else [alert for _, alert in changes]
        _say([a for a in news if site in (None, a.site)], shown)


def _say(changes: Sequence[Alert], shown: Format) -> None:
    for alert in changes:
        if shown is Format.TABLE:
            style = "green" if alert.state == "cleared" else _STYLES[alert.severity]
            console.print(f"{alert.changed_at:%m-%d %H:%M}  {say_alert(alert, LANG)}", style=style, highlight=False)
        else:
            sys.stdout.write(alert.model_dump_json() + "\n")


def _row(alert: Alert) -> dict[str, object]:
    return alert.model_dump() | {"says": say_alert(alert, LANG)}


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("alerts", help=t("预警", "Open alerts, or all as they change"))(alerts)
    app.command("acknowledge", help=t("受理一条预警", "Take an alert on"))(acknowledge)
