"""Commands that look ahead: `forecast cover`, `forecast need` (D3), `forecast resume` (改进均值偏差法, D4)."""

from datetime import date
from typing import Annotated

import typer

from ledger import forecasting
from ledger.cli.language import t
from ledger.cli.options import DEFAULT_BOOK, BookPath, Format, Item, Lang, Shown, Site
from ledger.cli.output import show
from ledger.cli.reading import open_lake, rows_of
from ledger.errors import WrongUse
from ledger.forecasting import Period

forecast = typer.Typer(no_args_is_help=True)

AtSite = Annotated[str, typer.Argument(help=t("站点", "Site"))]
OfItem = Annotated[str, typer.Argument(help=t("物资编号", "Item id"))]
Driver = Annotated[
    str | None, typer.Option("--driver", help=t("驱动因素,如 staff_on_duty", "A driver, such as staff_on_duty"))
]
_COVER = (
    "SELECT * FROM cover WHERE coalesce(site = $1, true) AND coalesce(item = $2, true) ORDER BY days_left, site, item"
)


@forecast.command("cover", help=t("可用天数", "How long what is available lasts, beside its target"))
def cover(
    site: Site = None,
    item: Item = None,
    book: BookPath = DEFAULT_BOOK,
    shown: Shown = Format.TABLE,
    lang: Lang = None,
) -> None:
    """Show days of cover of every item (D6), and hours to empty of class I."""
    columns = {
        "site": t("站点", "site"), "item": t("物资", "item"), "available": t("可用", "available"),
        "daily": t("日均需求", "a day"), "days_left": t("可用天数", "days"), "target_days": t("目标", "target"),
        "class": t("类别", "class"), "hours_to_empty": t("可用小时", "hours"),
    }  # fmt: skip
    show(rows_of(open_lake(book), _COVER, [site, item]), columns, shown, t("可用天数", "Days of cover"))


@forecast.command("need", help=t("近期需求预测", "What the next days need, and everything it was worked out from"))
def need(
    site: AtSite,
    item: OfItem,
    days: Annotated[
        int | None, typer.Option("--days", min=1, max=366, help=t("天数;默认按规则参数", "Days ahead; as policy says"))
    ] = None,
    driver: Driver = None,
    expect: Annotated[
        str | None, typer.Option("--expect", help=t("今后各日该因素的数,逗号分隔", "Its figures ahead, with commas"))
    ] = None,
    book: BookPath = DEFAULT_BOOK,
    shown: Shown = Format.TABLE,
    lang: Lang = None,
) -> None:
    """Forecast by history and trend, or by a driver and its figures ahead (D3)."""
    if (driver is None) != (expect is None):
        raise WrongUse("forecast_driver_alone")
    ahead = [_whole(part) for part in expect.split(",")] if expect else []
    _show(forecasting.need(open_lake(book), site, item, days=days, driver=driver, ahead=ahead), shown)


@forecast.command("resume", help=t("复工需求预测(改进均值偏差法)", "Demand when normal work resumes (D4)"))
def resume(
    site: AtSite,
    item: OfItem,
    resumed: Annotated[
        str, typer.Option("--resumed", help=t("复工水平的时段,如 2019-11-01..2019-11-30", "Days at the resumed level"))
    ],
    sample: Annotated[
        str | None, typer.Option("--sample", help=t("样本期;默认按规则参数", "Sample period; as policy says"))
    ] = None,
    present: Annotated[
        str | None, typer.Option("--present", help=t("现水平的时段;默认同样本期", "Days at the present level"))
    ] = None,
    driver: Driver = None,
    book: BookPath = DEFAULT_BOOK,
    shown: Shown = Format.TABLE,
    lang: Lang = None,
) -> None:
    """Forecast by (mean issued + safety stock) × coefficient; outliers are left out and listed."""
    periods = {"sample": sample, "present": present}
    read = {name: _period(written) if written else None for name, written in periods.items()}
    found = forecasting.resume(open_lake(book), site, item, **read, resumed=_period(resumed), driver=driver)
    _show(found, shown)


def _show(rows: list[forecasting.Row], shown: Format) -> None:
    columns = {"figure": t("项", "figure"), "on_day": t("日期", "day"), "value": t("值", "value")}
    show(rows, columns, shown, t("预测", "Forecast"))


def _whole(written: str) -> int:
    if not written.strip().isdecimal():
        raise WrongUse("forecast_number_unreadable", found=written)
    return int(written)


def _period(written: str) -> Period:
    first, _, last = written.partition("..")
    try:
        period = date.fromisoformat(first), date.fromisoformat(last or first)
    except ValueError as error:
        raise WrongUse("period_unreadable", found=written) from error
    if period[0] > period[1]:
        raise WrongUse("period_unreadable", found=written)
    return period


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(forecast, name="forecast", help=t("预测与可用天数", "Forecasts and days of cover"))
