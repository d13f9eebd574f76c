"""Commands for auditors: `audit list`, `run`, `sql`, `views`. An audit returns the faulty rows; none: it holds."""

import sys
from typing import Annotated

import typer

from ledger.cli.language import LANG, t
from ledger.cli.options import DEFAULT_BOOK, BookPath, Format, HappenedBy, KnownBy, Lang, Shown, clocks
from ledger.cli.output import console, notes, print_json, show
from ledger.cli.reading import open_lake, rows_of
from ledger.errors import WrongUse
from ledger.lake import ask
from ledger.lake.views import AUDIT, View, Words, published

audit = typer.Typer(no_args_is_help=True)


def _say(words: Words) -> str:
    return words.zh if LANG == "zh" else words.en


def _audits() -> dict[str, View]:
    return {view.name.removeprefix(AUDIT): view for view in published() if view.is_audit}


@audit.command("list", help=t("列出全部审计", "What can be audited, and the question each answers"))
def list_audits(book: BookPath = DEFAULT_BOOK, shown: Shown = Format.TABLE, lang: Lang = None) -> None:
    """List every audit with its question and rules."""
    rows = [
        {"audit": name, "title": _say(view.title), "question": _say(view.about), "rules": ", ".join(view.rules)}
        for name, view in sorted(_audits().items())
    ]
    columns = {"audit": t("审计", "audit"), "title": t("名称", "title"), "question": t("问题", "question")}
    show(rows, columns | {"rules": t("规则", "rules")}, shown)


@audit.command(
    "run", help=t("运行审计,列出有问题的行", "Run audits and show the faulty rows; exit 1 when there are any")
)
def run(
    names: Annotated[
        list[str] | None, typer.Argument(help=t("审计名,默认全部", "Audits; all when none is named"))
    ] = None,
    happened_by: HappenedBy = None,
    known_by: KnownBy = None,
    book: BookPath = DEFAULT_BOOK,
    shown: Shown = Format.TABLE,
    lang: Lang = None,
) -> None:
    """Run the audits named, or all, now or over two clocks. Exit code 1 when any row is found."""
    audits = _audits()
    wanted = [name.removeprefix(AUDIT) for name in names or sorted(audits)]
    for name in wanted:
        if name not in audits:
            raise WrongUse("audit_unknown", found=name, expected=", ".join(sorted(audits)))
    lake = open_lake(book, clocks=clocks(happened_by, known_by))
    found = {name: rows_of(lake, f"SELECT * FROM {audits[name].name}") for name in wanted}  # noqa: S608 - a name of ours
    if shown is Format.JSON:
        print_json(found)
    else:
        for name, rows in found.items():
            _show_audit(audits[name], rows, shown)
    if any(found.values()):
        raise typer.Exit(1)


def _show_audit(view: View, rows: list[dict[str, object]], shown: Format) -> None:
    if not rows:
        notes.print(f"✓ {_say(view.title)}", style="green")
        return
    notes.print(f"✗ {_say(view.title)} – {_say(view.about)}", style="bold red")
    if shown is Format.TABLE:
        show([row | {"what": _in_one_language(row["what"])} for row in rows], _headings(), shown)
    else:
        show(rows, {name: name for name in rows[0]}, shown)


def _headings() -> dict[str, str]:
    """Return the columns every audit has, for people; programs get all of them."""
    return {
        "entry": t("单号", "entry"), "site": t("站点", "site"), "item": t("物资", "item"),
        "happened_at": t("时间", "when"), "what": t("说明", "what"),
    }  # fmt: skip


def _in_one_language(what: object) -> str:
    """Return the half of `English · 中文` that is ours."""
    parts = str(what).split(" · ")
    half = len(parts) // 2
    return " · ".join(parts[half:] if LANG == "zh" else parts[:half]) or str(what)


@audit.command("sql", help=t("对账本提问:一条 SELECT", "Ask the book one SELECT, within limits"))
def sql(
    question: Annotated[str, typer.Argument(help=t("SELECT 语句;- 为标准输入", "A SELECT; `-` reads standard input"))],
    happened_by: HappenedBy = None,
    known_by: KnownBy = None,
    book: BookPath = DEFAULT_BOOK,
    shown: Shown = Format.TABLE,
    lang: Lang = None,
) -> None:
    """Answer one SELECT over the published views; nothing else runs, no file or network can be reached."""
    text = sys.stdin.read() if question == "-" else question
    reply = ask(open_lake(book, locked=True, clocks=clocks(happened_by, known_by)), text)
    show([dict(zip(reply.columns, row, strict=True)) for row in reply.rows], {c: c for c in reply.columns}, shown)
    if reply.cut:
        notes.print(t("结果过多,已截断。", "More rows than the limit; the rest was cut."), style="yellow")


@audit.command("views", help=t("已公布的视图与列", "Published views and what their columns mean"))
def views(
    view: Annotated[str | None, typer.Argument(help=t("视图名", "One view"))] = None,
    book: BookPath = DEFAULT_BOOK,
    shown: Shown = Format.TABLE,
    lang: Lang = None,
) -> None:
    """List the published views, or the columns of one."""
    known = {v.name: v for v in published()}
    if view is None:
        rows = [{"view": v.name, "title": _say(v.title), "about": _say(v.about)} for v in known.values()]
        show(rows, {"view": t("视图", "view"), "title": t("名称", "title"), "about": t("说明", "about")}, shown)
        return
    if view not in known:
        raise WrongUse("view_unknown", found=view, expected=", ".join(sorted(known)))
    rows = [{"column": name, "meaning": _say(words)} for name, words in known[view].columns.items()]
    show(rows, {"column": t("列", "column"), "meaning": t("含义", "meaning")}, shown, view)
    if shown is Format.TABLE:
        console.print(f"  {known[view].example}", style="dim")


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(audit, name="audit", help=t("审计与 SQL", "Audits and SQL over the whole book"))
