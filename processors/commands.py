"""The commands that start processes. `ledger.cli` finds them by their entry point, so the arrow of imports stays."""

from typing import Annotated

import typer

from ledger.cli.language import t
from ledger.cli.options import Lang
from processors.letters import letters
from processors.rehearse import play
from processors.serve import serve

Role = Annotated[
    str,
    typer.Argument(
        help=t(
            "gatherer、admission、folds、alerts、cases、lake、notifier 或 all",
            "gatherer, admission, folds, alerts, cases, lake, notifier or all",
        )
    ),
]
Instance = Annotated[
    str | None,
    typer.Option("--instance", help=t("固定的成员名(静态成员)", "Name of this member for static membership")),
]
Volumes = Annotated[
    str, typer.Option("--volumes", help=t("只负责这些册,如 0,2-3", "Carry only these volumes, such as 0,2-3"))
]


def worker(role: Role, instance: Instance = None, volumes: Volumes = "", lang: Lang = None) -> None:
    """Run a worker on the cluster BAOGONG_KAFKA names, until it is stopped."""
    from processors.worker import work

    work(role, instance, volumes)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("serve", help=t("启动网关", "Open the gateway of a book"))(serve)
    app.command("worker", help=t("在 Kafka 上运行一个工作进程", "Run a worker of the book on Kafka"))(worker)
    app.command("rehearse", help=t("按计划演练", "Rehearse a plan, with planted faults"))(play)
    app.add_typer(letters, name="letters", help=t("未送达的预警", "Alerts that could not be delivered"))
