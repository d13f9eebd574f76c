"""The commands that start processes. `ledger.cli` finds them by their entry point, so the arrow of imports stays."""

import typer

from ledger.cli.language import t
from processors.letters import letters
from processors.serve import serve


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("serve", help=t("启动网关", "Open the gateway of a book"))(serve)
    app.add_typer(letters, name="letters", help=t("未送达的预警", "Alerts that could not be delivered"))
