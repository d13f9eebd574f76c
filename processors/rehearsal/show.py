"""What a rehearsal prints beside what the trial prints: what every rule did, day by day. Words and tables only."""

from collections import Counter
from pathlib import Path

from ledger.cli.language import LANG, t
from ledger.cli.options import Format
from ledger.cli.output import notes, show
from ledger.cli.reading import rows_of
from ledger.lake import Lake
from ledger.lake.views import published
from ledger.words import say
from processors.rehearsal.playing import Played
from projections.cases import RULES


def rules(path: Path, played: Played) -> list[dict[str, object]]:
    """Return what every rule did: by its id, the alerts raised for it and the rows its audits returned."""
    done: dict[str, Counter[str]] = {}
    alerts = {alert.alert: alert for alerts in played.days.values() for alert in alerts}
    for alert in alerts.values():
        done.setdefault(RULES[alert.kind], Counter())[say(f"alert_kind_{alert.kind}", LANG)] += 1
    lake = Lake.connect(path, still=True)
    for view in published():
        if not view.is_audit:
            continue
        (row,) = rows_of(lake, f"SELECT count(*) AS rows FROM {view.name}")  # noqa: S608 - our own names
        for rule in view.rules if row["rows"] else ():
            title = view.title.zh if LANG == "zh" else view.title.en
            done.setdefault(rule, Counter())[title] += int(str(row["rows"]))
    lake.close()
    return [{"rule": rule, "did": _said(did)} for rule, did in sorted(done.items(), key=lambda d: _in_order(d[0]))]


def show_rules(path: Path, played: Played) -> None:
    """Show what every rule did."""
    columns = {"rule": t("规则", "rule"), "did": t("做了什么", "what it did")}
    show(rules(path, played), columns, Format.TABLE, t("各条规则", "Rule by rule"))


def say_days(played: Played) -> None:
    """Say how many alerts were open at the end of each day."""
    for day, alerts in played.days.items():
        kinds = Counter(alert.kind for alert in alerts)
        said = " · ".join(f"{say(f'alert_kind_{kind}', LANG)} {n}" for kind, n in kinds.most_common())
        notes.print(t(f"{day} 日终未结预警 {len(alerts)}:{said}", f"{day}: {len(alerts)} alerts open: {said}"))


def _said(did: Counter[str]) -> str:
    return " · ".join(f"{what} {times}" for what, times in did.items())


def _in_order(rule: str) -> tuple[str, int]:
    return rule[:1], int(rule[1:] or 0)
