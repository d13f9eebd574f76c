"""Commands about tokens: who may read and write through the gateway. `token add`, `list`, `remove`."""

import sys
from typing import Annotated

import typer

from ledger.cli.language import t
from ledger.cli.options import DEFAULT_BOOK, BookPath, Format, Lang, Shown
from ledger.cli.output import notes, show
from ledger.errors import BrokenEnvironment


def token_add(
    name: Annotated[str, typer.Argument(help=t("名称:设备或人员岗位", "Name: a device or a role"))],
    site: Annotated[
        list[str] | None, typer.Option("--site", help=t("站点(可多次;默认全部)", "Site (repeatable; default all)"))
    ] = None,
    source: Annotated[
        list[str] | None, typer.Option("--source", help=t("来源(可多次;默认全部)", "Source (repeatable; default all)"))
    ] = None,
    read_only: Annotated[bool, typer.Option("--read-only", help=t("只可查询", "May only read"))] = False,
    book: BookPath = DEFAULT_BOOK,
    lang: Lang = None,
) -> None:
    """Issue a token. The secret is printed once, on standard output, and kept nowhere."""
    from ledger.tokens import TokenFile

    if not book.is_dir():
        raise BrokenEnvironment("book_missing", path=book)
    secret = TokenFile.of(book).add(name, tuple(site or ()), tuple(source or ()), read_only=read_only)
    notes.print(t(f"✓ 令牌 {name}:只显示这一次,请妥善保存。", f"✓ Token {name}: shown this once, keep it safe."))
    sys.stdout.write(secret + "\n")


def token_list(book: BookPath = DEFAULT_BOOK, shown: Shown = Format.TABLE, lang: Lang = None) -> None:
    """Show every token and what it may do; no secret is kept that could be shown."""
    from ledger.tokens import TokenFile

    columns = {
        "name": t("名称", "name"), "sites": t("站点", "sites"), "sources": t("来源", "sources"),
        "may_read": t("可查", "reads"), "may_write": t("可记", "writes"),
    }  # fmt: skip
    show([token.model_dump() for token in TokenFile.of(book).tokens], columns, shown, t("令牌", "Tokens"))


def token_remove(
    name: Annotated[str, typer.Argument(help=t("名称", "Name"))], book: BookPath = DEFAULT_BOOK, lang: Lang = None
) -> None:
    """Withdraw a token. A running gateway refuses it from the next request on."""
    from ledger.tokens import TokenFile

    TokenFile.of(book).remove(name)
    notes.print(t(f"✓ 已收回令牌 {name}", f"✓ Token {name} withdrawn"))


def register(app: typer.Typer) -> None:
    """Add these commands."""
    tokens = typer.Typer(no_args_is_help=True, help=t("网关令牌", "Tokens of the gateway"))
    tokens.command("add", help=t("发放令牌", "Issue a token"))(token_add)
    tokens.command("list", help=t("列出令牌", "List tokens"))(token_list)
    tokens.command("remove", help=t("收回令牌", "Withdraw a token"))(token_remove)
    app.add_typer(tokens, name="token")
