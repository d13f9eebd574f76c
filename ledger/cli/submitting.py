"""Commands that bring documents to the book: `submit` and `reverse`. They go through an outbox first."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from ledger.cli.entering import (
    By,
    OutboxPath,
    Source,
    TokenPath,
    Via,
    Way,
    carrier,
    exit_with,
    open_outbox,
    read_file,
    send_entry,
    show_answers,
)
from ledger.cli.language import t
from ledger.cli.options import DEFAULT_BOOK, BookPath, Format, Lang, Shown
from ledger.cli.output import notes, progress
from ledger.courier import BookCarrier, Courier
from ledger.errors import WrongUse
from ledger.outbox import Carrier

Corrected = Annotated[
    str | None,
    typer.Option(
        "--corrected-by",
        help=t("改正后的单据;公示两个数", "Entry that says it right (site/source/number); the public list shows both"),
    ),
]


def submit(
    file: Annotated[Path | None, typer.Argument(help=t("NDJSON 文件;- 为标准输入", "NDJSON file; - for stdin"))] = None,
    via: Via = None,
    token_file: TokenPath = None,
    book: BookPath = DEFAULT_BOOK,
    outbox: OutboxPath = None,
    source: Source = None,
    recorded_at: Annotated[
        datetime | None,
        typer.Option(
            "--recorded-at", formats=["%Y-%m-%dT%H:%M:%S%z"], help=t("演练:记录时间", "Rehearsal: time recorded")
        ),
    ] = None,
    shown: Shown = Format.TABLE,
    lang: Lang = None,
) -> None:
    """Submit documents, one a line. Those without a number get one. Exit 1 when any was quarantined."""
    box = open_outbox(via, book, outbox, source)
    places, known = box.add_lines(_lines(file)) if file is not None else ([s.place for s in box.pending(1_000_000)], 0)
    if known:
        said = f"其中 {known} 份早已在发件箱,不重编号", f"{known} of them were in the outbox already: not numbered anew"
        notes.print(t(*said))
    with carrier(via, token_file, book, recorded_at=recorded_at) as way, progress(t("提交", "Submitting")) as bar:
        total = box.waiting()
        box.deliver(way, lambda answered: bar(answered, total))
    saved = box.at(places)
    box.close()
    show_answers(saved, shown)
    exit_with(saved)


def reverse(
    entry: Annotated[str, typer.Argument(help=t("单号:站点/来源/编号", "Entry: site/source/number"))],
    reason: Annotated[str, typer.Option("--reason", help=t("红冲原因", "Why it is reversed"))],
    corrected_by: Corrected = None,
    by: By = "desk",
    via: Via = None,
    token_file: TokenPath = None,
    book: BookPath = DEFAULT_BOOK,
    outbox: OutboxPath = None,
    source: Source = None,
    shown: Shown = Format.TABLE,
    lang: Lang = None,
) -> None:
    """Reverse an entry (红冲): the original stays, and an entry that undoes it is added. Exit 1 when it is refused."""
    site, of_source, number = _identity(entry)
    right = {"corrected_by": _reference(*_identity(corrected_by))} if corrected_by else {}
    way = Way(via, token_file, book, outbox, source)
    with carrier(via, token_file, book) as road:
        found = _look_up(road, site, of_source, number)
        fields = {
            "recorded_by": by, "reason": reason, "original": found["document"], "readings": found["readings"],
            "reverses": _reference(site, of_source, number), **right,
        }  # fmt: skip
        saved = send_entry(way, road, "entry_reversed.v1", site, fields)
    show_answers(saved, shown)
    exit_with(saved)


def _look_up(way: Carrier, site: str, source: str, number: int) -> dict[str, Any]:
    """Return an entry's own bytes and readings from wherever this command writes to."""
    from ledger.gateway.finding import find_entry, is_admitted

    if isinstance(way, Courier):
        found = way.ask(f"/v1/entries/{site}/{source}/{number}")
    else:
        assert isinstance(way, BookCarrier)
        held = is_admitted(way.book, site, source, number)
        entry = find_entry(way.book.log, site, source, number) if held else None
        found = entry.row() if entry is not None else None
    if found is None:
        raise WrongUse("entry_not_found", entry=f"{site}/{source}/{number}")
    return found


def _lines(file: Path) -> list[bytes]:
    return (sys.stdin.buffer.read() if str(file) == "-" else read_file(file)).split(b"\n")


def _identity(written: str) -> tuple[str, str, int]:
    site, _, rest = written.partition("/")
    source, _, number = rest.partition("/")
    if not (site and source and number.isdecimal()):
        raise WrongUse("entry_name_unreadable", found=written)
    return site, source, int(number)


def _reference(site: str, source: str, number: int) -> dict[str, str | int]:
    return {"site": site, "source": source, "number": number}


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("submit", help=t("提交单据(NDJSON)", "Submit documents (NDJSON)"))(submit)
    app.command("reverse", help=t("红冲一份单据", "Reverse an entry"))(reverse)
