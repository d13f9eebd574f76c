"""`baogong serve`: the command that opens the gateway of a book. What it runs is in `processors.serving`."""

import sys
from typing import Annotated

import typer

from ledger.book import Book
from ledger.cli.language import t
from ledger.cli.options import DEFAULT_BOOK, BookPath, Lang
from ledger.errors import LedgerError
from ledger.gateway import Limits, events
from ledger.standing import open_to_keep, position
from processors.serving import LakeCourier, listen, run

DEFAULT_PORT = 8417
FAULT_EXIT_CODE = 3


def serve(
    book: BookPath = DEFAULT_BOOK,
    host: Annotated[str, typer.Option("--host", help=t("监听地址", "Address to listen on"))] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help=t("端口;0 由系统选", "Port; 0: chosen"))] = DEFAULT_PORT,
    lake: Annotated[
        bool | None,
        typer.Option("--lake/--no-lake", help=t("同时写数据湖(集群上默认不写)", "Keep the lake (on a cluster: no)")),
    ] = None,
    queue: Annotated[int, typer.Option("--queue", help=t("排队上限", "Submissions that may wait"), min=1)] = 1000,
    lang: Lang = None,
) -> None:
    """Open the gateway of a book (网关): documents in, stock, entries and alerts out, over HTTP."""
    opened = open_to_keep(book)
    try:
        listener = listen(host, port)
        kept = lake if lake is not None else isinstance(opened, Book)
        courier = LakeCourier(book) if kept else None
        fault = run(opened, listener, courier, Limits(queue_letters_max=queue))
    finally:
        opened.close()
    events.log(events.STOPPED, position=position(opened))
    if fault:
        raise typer.Exit(FAULT_EXIT_CODE)


if __name__ == "__main__":
    command = typer.Typer()
    command.command()(serve)
    try:
        command()
    except LedgerError as broken:
        sys.stderr.write(f"{broken}\n")
        sys.exit(broken.exit_code)
