"""`baogong`: the book on the command line.

Exit codes: 0 holds, 1 a check found something, 2 wrong use, 3 environment, 4 damage.
"""

import sys
import tempfile
import traceback
from importlib.metadata import entry_points
from pathlib import Path

import typer

from ledger.cli import (
    auditing,
    books,
    calendars,
    deciding,
    forecasting,
    gifts,
    importing,
    quarantine,
    reporting,
    ruling,
    scan,
    stock,
    submitting,
    tokens,
    topics,
    watching,
)
from ledger.cli.language import LANG, t
from ledger.cli.output import notes
from ledger.errors import LedgerError

app = typer.Typer(
    name="baogong", no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False,
    help=t("保供:谁也不必轻信的应急物资账", "Baogong: a book of emergency supplies nobody has to take on trust"),
)  # fmt: skip
for module in (
    books,
    calendars,
    submitting,
    scan,
    importing,
    stock,
    watching,
    auditing,
    quarantine,
    reporting,
    gifts,
    forecasting,
    deciding,
    ruling,
    tokens,
    topics,
):
    module.register(app)


def load_extensions() -> None:
    """Add the commands that start processes: they live above the ledger and are found by their entry points."""
    for command in sorted(entry_points(group="baogong.commands"), key=lambda c: c.name):
        command.load()(app)


def main() -> None:
    """Run one command. Whatever fails is said in the user's language; a trace goes to a file, never to the screen."""
    load_extensions()
    try:
        app()
    except LedgerError as error:
        notes.print(f"[bold red]✗[/] {error.text(LANG)}", markup=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception:  # noqa: BLE001 - the last door: a user gets a sentence, we get the trace in a file
        sys.exit(_our_bug())


def _our_bug() -> int:
    with tempfile.NamedTemporaryFile("w", prefix="baogong-fault-", suffix=".txt", delete=False) as file:
        file.write(traceback.format_exc())
    place = Path(file.name)
    notes.print(
        t(
            f"✗ 程序自身出错,账本未受影响。请把 {place} 发给维护者。",
            f"✗ A fault of the program itself; the book is not affected. Please send {place} to its makers.",
        )
    )
    return 3
