"""Commands about stock: `stock` (库存) and `card` (货卡), from the live folds."""

from typing import Annotated

import typer

from ledger.card import card_of
from ledger.cli.language import LANG, t
from ledger.cli.options import DEFAULT_BOOK, BookPath, Format, Item, Lang, Shown, Site
from ledger.cli.output import show
from ledger.shelf import shelf
from ledger.standing import Standing, open_standing, said_position
from ledger.words import say

LOTS_HELP = t("按批号列出", "One row a lot")


def stock(
    site: Site = None,
    item: Item = None,
    lots: Annotated[bool, typer.Option("--lots", help=LOTS_HELP)] = False,
    book: BookPath = DEFAULT_BOOK,
    shown: Shown = Format.TABLE,
    lang: Lang = None,
) -> None:
    """Show what is on hand, held, kept for named receivers, in transit and available."""
    opened = open_standing(book)
    rows = [row.as_dict() for row in shelf(opened, site=site, item=item, lots=lots)]
    columns = {
        "site": t("站点", "site"), "item": t("物资", "item"), "name": t("名称", "name"), "lot": t("批号", "lot"),
        "unit": t("单位", "unit"), "on_hand": t("账存", "on hand"), "held": t("待处理", "held"),
        "designated": t("定向", "designated"), "expired": t("过期", "expired"), "available": t("可用", "available"),
        "in_transit": t("在途", "in transit"), "expires_on": t("效期", "expires"),
    }  # fmt: skip
    for absent in () if lots else ("lot", "expires_on"):
        del columns[absent]
    for absent in ("designated", "available", "in_transit") if lots else ():
        del columns[absent]
    page, nature = said_position(opened), _nature(opened)
    show(rows, columns, shown, t(f"库存(至第 {page} 页,{nature})", f"Stock at page {page} ({nature})"))
    opened.close()


def card(
    item: Annotated[str, typer.Argument(help=t("物资编号或名称", "Item, by id or any recorded name"))],
    site: Annotated[str, typer.Option("--site", help=t("站点", "Site"))],
    lot: Annotated[str | None, typer.Option("--lot", help=t("只看一个批号", "One lot only"))] = None,
    book: BookPath = DEFAULT_BOOK,
    shown: Shown = Format.TABLE,
    lang: Lang = None,
) -> None:
    """Show every entry that moved an item at a site, in book order, with the balance after each."""
    opened = open_standing(book)
    rows = card_of(opened, site, item, lot)
    columns = {
        "seq": t("账序", "seq"), "happened_at": t("发生", "happened"), "recorded_at": t("入账", "recorded"),
        "kind": t("单据", "kind"), "entry": t("单号", "entry"), "lot": t("批号", "lot"), "party": t("对方", "party"),
        "change": t("增减", "change"), "balance": t("结存", "balance"), "counted": t("盘点", "counted"),
    }  # fmt: skip
    if shown is Format.TABLE:
        said = [row.as_dict() | {"kind": say(f"kind_{row.kind.partition('.')[0]}", LANG)} for row in rows]
    else:
        said = [row.as_dict() for row in rows]
    show(said, columns, shown, t(f"货卡 {site} · {item}", f"Stock card {site} · {item}"))
    opened.close()


def _nature(book: Standing) -> str:
    return t("演练", "rehearsal") if book.opening.nature == "rehearsal" else t("正式", "real")


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("stock", help=t("库存", "What is on hand, held, designated, in transit, available"))(stock)
    app.command("card", help=t("一种物资的货卡", "Every entry that moved one item at one site"))(card)
