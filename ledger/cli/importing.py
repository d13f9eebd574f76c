"""The command `import`: a file of another hand becomes documents, and every row is accounted for on the screen."""

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from ledger.book import Book
from ledger.cli.language import LANG, t
from ledger.cli.options import DEFAULT_BOOK, BookPath, Format, Lang, Shown
from ledger.cli.output import notes, print_json, progress, show
from ledger.errors import WrongUse
from ledger.imports.doors import BookDoor, Door, DryDoor
from ledger.imports.mapping import Mapping, read_mapping
from ledger.imports.running import Import, Tally
from ledger.words import say
from schemas.page import Reason, Sender


def import_(
    mapping: Annotated[Path | None, typer.Argument(help=t("映射文件(TOML)", "Mapping file (TOML)"))] = None,
    file: Annotated[
        Path | None, typer.Argument(help=t("要导入的文件", "File to import: csv, xlsx, ndjson, parquet"))
    ] = None,
    pages: Annotated[
        Path | None,
        typer.Option("--pages", help=t("迁入 export --pages 导出的整本账", "Move in a book that export --pages wrote")),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=t("只说会怎样,不写入", "Say what would happen; write nothing"))
    ] = False,
    every: Annotated[
        bool, typer.Option("--all", help=t("试行时列出每一行", "With --dry-run: every row, not only problems"))
    ] = False,
    book: BookPath = DEFAULT_BOOK,
    shown: Shown = Format.TABLE,
    lang: Lang = None,
) -> None:
    """Import a file through a mapping. May be run again: nothing counts twice."""
    if pages is not None and mapping is None:
        _move_in(pages, book)
        return
    if mapping is None or file is None or pages is not None:
        raise WrongUse("import_of_what")
    form = read_mapping(mapping)
    opened = Book.open(book, writable=not dry_run)
    try:
        door: Door = (DryDoor if dry_run else BookDoor)(opened, Sender(name=f"import-{form.name}"))
        entries = mapping.parent / form.entries if form.entries else None
        run = Import(form, file, door, entries, real=opened.opening.nature == "real")
        tally, seconds = _run(run, dry_run=dry_run, every=every)
    finally:
        opened.close()
    if not dry_run:
        _bring_lake_up_to_date(book)
    if shown is Format.JSON:
        print_json(_as_json(tally, form, dry_run=dry_run))
    else:
        _show(tally, shown, dry_run=dry_run, seconds=seconds)


def _run(run: Import, *, dry_run: bool, every: bool) -> tuple[Tally, float]:
    """Take every row; return what became of them, and how many seconds it took."""
    began = time.perf_counter()
    with progress(t("导入(行)", "Importing (rows)")) as bar:
        tally = run.run(bar, keep_problems=dry_run, keep_all=dry_run and every)
    return tally, time.perf_counter() - began


def _move_in(file: Path, book: Path) -> None:
    """Make an empty folder, or the empty topics of the cluster a folder names, the book that a file of pages holds."""
    from ledger.moving import import_pages

    whole = import_pages(file, book)
    notes.print(
        t(
            f"✓ 已迁入 {whole.book}:{whole.volumes} 册 {whole.pages} 页,隔离原文 {whole.refused} 份,封印不变",
            f"✓ Moved in {whole.book}: {whole.volumes} volumes, {whole.pages} pages, "
            f"{whole.refused} refused documents; every seal as it was",
        )
    )


def _bring_lake_up_to_date(book: Path) -> None:
    """Copy the new pages into the lake, so that the next question in SQL sees them."""
    from ledger.lake.writer import catch_up

    with progress(t("更新数据湖(页)", "Lake (pages)")) as bar:
        catch_up(book, bar)


def _why(reason: Reason | None) -> str:
    return say(reason.code, LANG, **reason.facts) if reason else ""


def _results(tally: Tally) -> list[dict[str, Any]]:
    """One row a result and reason, the most frequent first."""
    return [
        {
            "result": result.value, "reason": code, "rows": count, "first_rows": tally.first_rows[result, code],
            "for_example": _why(tally.first_reason[result, code]),
        }
        for (result, code), count in sorted(tally.results.items(), key=lambda part: (-part[1], part[0]))
    ]  # fmt: skip


def _problems(tally: Tally) -> list[dict[str, Any]]:
    return [
        {
            "row": p.row, "result": p.result.value, "reason": p.reason.code if p.reason else "", "why": _why(p.reason),
            "document": p.document.decode(),
        }
        for p in tally.problems
    ]  # fmt: skip


def _as_json(tally: Tally, form: Mapping, *, dry_run: bool) -> dict[str, Any]:
    catalogue = tally.catalogue
    return {
        "mapping": form.name, "file": tally.file, "sha256": tally.sha256, "dry_run": dry_run,
        "rows": tally.rows, "admitted": tally.admitted, "already_admitted": tally.already_admitted,
        "quarantined": tally.quarantined, "repeated_rows": tally.repeated_rows,
        "late_rows": tally.late_rows, "clock_kept": tally.clock_kept,
        "catalogue": {
            "recorded": catalogue.recorded, "items_first_seen": catalogue.items_first_seen,
            "known_already": catalogue.known_already, "not_needed": catalogue.not_needed,
            "refused": [_why(reason) for reason in catalogue.refused],
        },
        "results": _results(tally),
    } | ({"problems": _problems(tally)} if dry_run else {})  # fmt: skip


def _show(tally: Tally, shown: Format, *, dry_run: bool, seconds: float) -> None:
    """Show, in a dry run, the rows; then one table of results, and the sum that must hold."""
    if dry_run and tally.problems:
        columns = {"row": t("行", "row"), "result": t("结果", "result"), "why": t("原因", "why")}
        show(_problems(tally), columns, shown, t("逐行(未写入)", "Row by row (nothing was written)"))
    if not dry_run or shown is Format.TABLE:
        columns = {
            "result": t("结果", "result"), "reason": t("原因", "reason"), "rows": t("行数", "rows"),
            "first_rows": t("最初几行", "first rows"), "for_example": t("例如", "for example"),
        }  # fmt: skip
        show(_results(tally), columns, shown, t(f"{tally.file} 的结果", f"What became of {tally.file}"))
    c = tally.catalogue
    notes.print(
        t(
            f"目录:新记 {c.recorded} 条(初见物资 {c.items_first_seen} 种),已知 {c.known_already},拒收 {len(c.refused)}",
            f"Catalogue: {c.recorded} recorded ({c.items_first_seen} items first seen), "
            f"{c.known_already} known already, {len(c.refused)} refused",
        )
    )
    for reason in c.refused:
        notes.print(f"  ✗ {_why(reason)}", markup=False)
    _note_oddities(tally)
    rate = f"{tally.rows / max(seconds, 0.001):,.0f}"
    sum_of_rows = f"{tally.rows:,} = {tally.admitted:,} + {tally.already_admitted:,} + {tally.quarantined:,}"
    mark = t("试行:", "Dry run: ") if dry_run else "✓ "
    notes.print(
        t(
            f"{mark}行数 {sum_of_rows}(入账 + 已入账 + 隔离;{rate} 行/秒)",
            f"{mark}rows {sum_of_rows} (admitted + already admitted + quarantined; {rate} rows/s)",
        )
    )


def _note_oddities(tally: Tally) -> None:
    """Say what of an honest sum still deserves a look: repeats, late rows, a clock that could not be set back."""
    repeated, late, kept = f"{tally.repeated_rows:,}", f"{tally.late_rows:,}", f"{tally.clock_kept:,}"
    if tally.repeated_rows:
        notes.print(
            t(f"重复行 {repeated}:与前面某行为同一单据", f"{repeated} rows repeat an earlier row: one document")
        )
    if tally.late_rows:
        notes.print(
            t(f"迟记 {late} 行:发生一天多以后才入账", f"{late} rows late: recorded over a day after they happened")
        )
    if tally.clock_kept:
        notes.print(
            t(
                f"{kept} 行所述记录时间早于账本最后一页:按账本的时间记。演练请用更早开账的账本",
                f"{kept} rows state a time recorded before the book's last page: they carry the book's. "
                "For a replay, open the rehearsal book at an earlier time",
            )
        )


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command("import", help=t("按映射导入表格", "Import spreadsheets and other files through a mapping"))(import_)
