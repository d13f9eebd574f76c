"""`baogong letters`: alerts that a target did not take, and sending them again."""

import typer

from ledger.alert_words import say_alert
from ledger.cli.language import LANG, t
from ledger.cli.options import DEFAULT_BOOK, BookPath, Format, Lang, Shown
from ledger.cli.output import notes, show
from ledger.deliveries import Deliveries
from ledger.errors import BrokenEnvironment
from processors.notify import Notifier
from processors.telling import targets_of

letters = typer.Typer(no_args_is_help=True)


@letters.command("list", help=t("未送达的预警", "Alerts no target has taken"))
def list_letters(book: BookPath = DEFAULT_BOOK, shown: Shown = Format.TABLE, lang: Lang = None) -> None:
    """List dead letters, oldest first, with what the target answered."""
    _must_be_there(book)
    deliveries = Deliveries(book)
    rows: list[dict[str, object]] = [
        {
            "since": letter.since, "target": letter.target, "tries": letter.tries, "found": letter.found,
            "alert": letter.alert.alert, "says": say_alert(letter.alert, LANG),
        }
        for letter in deliveries.dead_letters()
    ]  # fmt: skip
    deliveries.close()
    columns = {
        "since": t("自", "since"), "target": t("接收方", "target"), "tries": t("次数", "tries"),
        "found": t("答复", "answer"), "says": t("内容", "what"),
    }  # fmt: skip
    show(rows, columns, shown, t("未送达", "Dead letters"))


@letters.command("resend", help=t("重新发送", "Send them again; exit 1 when some are still not taken"))
def resend(book: BookPath = DEFAULT_BOOK, lang: Lang = None) -> None:
    """Try every dead letter again, oldest first."""
    _must_be_there(book)
    notifier = Notifier(book, targets_of(book))
    told = notifier.redeliver()
    notifier.close()
    notes.print(t(f"送达 {told.delivered},未送达 {told.dead}", f"{told.delivered} delivered, {told.dead} not taken"))
    if told.dead:
        raise typer.Exit(1)


def _must_be_there(book: BookPath) -> None:
    if not book.is_dir():
        raise BrokenEnvironment("book_missing", path=book)
