"""What the trial prints: stock, alerts, planted faults found, verification, what to try next. Words and tables only."""

from pathlib import Path

from ledger.alert_words import say_alert
from ledger.cli.language import LANG, t
from ledger.cli.options import Format
from ledger.cli.output import console, notes, show
from ledger.shelf import shelf
from ledger.standing import open_standing
from ledger.verification.rows import Report
from ledger.words import say
from processors.trial.findings import Outcome
from processors.trial.plan import Plan
from processors.trial.play import READER, Tally

STOCK_ROWS = 15
ALERT_ROWS = 20


def say_tally(plan: Plan, tally: Tally) -> None:
    """Say what became of the documents."""
    admitted, already, kept = tally.admitted, tally.already, tally.quarantined
    sources, sites = len({b.device.name for b in plan.batches}), len(plan.materials.places)
    notes.print(
        t(
            f"✓ {sources} 个来源、{sites} 个站点、{plan.documents} 份单据:新入账 {admitted},"
            f"此前已入账 {already},隔离 {kept}",
            f"✓ {plan.documents} documents of {sources} sources at {sites} sites: {admitted} admitted, "
            f"{already} already admitted, {kept} quarantined",
        )
    )
    for document, result in tally.surprises[:5]:
        notes.print(
            t(
                f"✗ {document.identity or '(无编号)'}:应为 {document.expected},得到 {result}",
                f"✗ {document.identity or '(no number)'}: expected {document.expected}, got {result}",
            ),
            style="bold red",
        )


def show_stock(path: Path) -> None:
    """Show the main stock rows: at the city store, what is most on hand, and whatever is below nothing."""
    book = open_standing(path)
    rows = [row.as_dict() for row in shelf(book)]
    book.close()
    below = [row for row in rows if int(str(row["available"])) < 0]
    main = [row for row in rows if row["site"] == "CITY" and row not in below]
    main.sort(key=lambda row: -int(str(row["on_hand"])))
    columns = {
        "site": t("站点", "site"), "name": t("名称", "name"), "on_hand": t("账存", "on hand"),
        "held": t("待处理", "held"), "designated": t("定向", "designated"), "available": t("可用", "available"),
        "in_transit": t("在途", "in transit"), "unit": t("单位", "unit"),
    }  # fmt: skip
    title = t(f"库存(演练;主要的几行,共 {len(rows)} 行)", f"Stock (rehearsal; the main rows of {len(rows)})")
    show([*below, *main][:STOCK_ROWS], columns, Format.TABLE, title)


def show_alerts(outcome: Outcome) -> None:
    """Show the open alerts, in words."""
    severe = ("urgent", "warning", "notice")
    alerts = sorted(outcome.alerts, key=lambda alert: severe.index(alert.severity))
    rows = [
        {"severity": say(f"alert_severity_{alert.severity}", LANG), "alert": say_alert(alert, LANG)} for alert in alerts
    ]
    title = t(f"未结预警 {len(rows)} 条", f"Open alerts: {len(rows)}")
    show(rows[:ALERT_ROWS], {"severity": t("级别", "severity"), "alert": t("预警", "alert")}, Format.TABLE, title)


def show_findings(outcome: Outcome) -> None:
    """Show each planted fault by name, where it must be found, and whether it was; then what was found besides."""
    rows, last = [], ""
    for finding in outcome.findings:
        said = finding.fault != last
        last = finding.fault
        rows.append(
            {
                "fault": finding.fault if said else "", "planted": t(finding.zh, finding.en) if said else "",
                "where": finding.where, "by": finding.by, "found": "✓" if finding.found else "✗",
            }
        )  # fmt: skip
    columns = {
        "fault": t("名称", "name"), "planted": t("埋下的问题", "planted"), "where": t("位置", "where"),
        "by": t("发现于", "found by"), "found": "✓/✗",
    }  # fmt: skip
    show(rows, columns, Format.TABLE, t("埋下的问题与发现", "What was planted, and what was found"))
    if outcome.exceptions:
        strange = [{"by": e.by, "what": e.what} for e in outcome.exceptions]
        title = t("例外:没有埋下却被列出", "Exceptions: found, but not planted")
        show(strange, {"by": t("来自", "by"), "what": t("内容", "what")}, Format.TABLE, title)
    else:
        figures = outcome.figures
        notes.print(
            t(
                f"✓ 例外:无。审计和预警没有列出埋下之外的任何一条;{figures} 个库存数与公示及独立账架一致",
                "✓ Exceptions: none. No audit and no alert names anything but what was planted; "
                f"{figures} stock figures are those of the notices and of independent shelves",
            ),
            style="green",
        )


def show_verification(report: Report) -> None:
    """Show how much was compared with what; every check that does not hold by its name."""
    groups = {
        "live_": t("实时折叠 = 从第一页重放", "live folds = replay from page 1"),
        "lake_": t("数据湖各行 = 账本", "rows of the lake = the book"),
        "sql_": t("SQL 数字 = 重放", "figures by SQL = replay"),
        "topic_": t("Kafka 各主题 = 重放", "topics on Kafka = replay"),
        "worker_": t("工作进程的快照 = 重放", "workers' snapshots = replay"),
        "": t("封印、页链、隔离原文", "seals, chain, refused bytes"),
    }
    sums: dict[str, list[int]] = {said: [0, 0, 0] for said in groups.values()}
    for row in report.rows:
        of_group = sums[next(said for prefix, said in groups.items() if row.name.startswith(prefix))]
        for place, figure in enumerate((1, row.compared, row.differing)):
            of_group[place] += figure
    columns = {
        "name": t("核对", "verified"), "checks": t("项", "checks"), "compared": t("比较数", "compared"),
        "differing": t("不符数", "differing"),
    }  # fmt: skip
    done = {said: figures for said, figures in sums.items() if figures[0]}
    rows = [{"name": said, **dict(zip(list(columns)[1:], figures, strict=True))} for said, figures in done.items()]
    show(rows, columns, Format.TABLE, t("核对结果", "Verification"))
    for row in report.rows:
        if row.differing:
            notes.print(f"✗ {row.name}: {row.first_difference}", style="bold red", markup=False)


def say_next(path: Path, url: str, secrets: dict[str, str]) -> None:
    """Say where it serves and what to try, for each kind of reader."""
    book = f"--book {path}"
    baogong = ".venv/bin/baogong"
    tries = (
        (t("浏览器", "browser"), t(f"{url} (令牌 {secrets[READER]})", f"{url} (token {secrets[READER]})")),
        (t("保管员", "storekeeper"), f"{baogong} stock {book} --site H-1"),
        (t("保管员", "storekeeper"), f"{baogong} card goggles --site H-1 {book}"),
        (t("审计员", "auditor"), f"{baogong} audit run fefo_skip late_number {book}"),
        (t("审计员", "auditor"), f'{baogong} audit sql "FROM differences" {book}'),
        (t("审计员", "auditor"), f"{baogong} verify {book}"),
        (t("订阅者", "subscriber"), f"curl -N -H 'Authorization: Bearer {secrets[READER]}' {url}/v1/alerts/stream"),
    )
    console.print(t(f"\n正在服务:{url}(Ctrl-C 结束)", f"\nServing at {url} (Ctrl-C to end)"), style="bold")
    for who, command in tries:
        console.print(f"  {who}: {command}", soft_wrap=True, markup=False, highlight=False)


def say_end(*, ok: bool) -> None:
    """Say whether the trial held."""
    if ok:
        notes.print(
            t(
                "✓ 演练通过:核对一致,埋下的问题全部找到,没有误报",
                "✓ The trial held: verified, every planted fault found, nothing sound called faulty",
            ),
            style="bold green",
        )
    else:
        notes.print(t("✗ 演练未通过:见上", "✗ The trial did not hold: see above"), style="bold red")
