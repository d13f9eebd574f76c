"""Commands about the topics of a book on Kafka: make them, check them, open a book in them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.cli.language import t
from ledger.cli.options import Format, Lang, Shown
from ledger.cli.output import notes, show
from ledger.errors import WrongUse

if TYPE_CHECKING:
    from ledger.logs.kafka.matching import Check

FileOption = Annotated[Path, typer.Option("--file", help=t("主题文件", "File of topics"))]
Volumes = Annotated[
    int | None, typer.Option("--volumes", help=t("册数(默认按文件)", "Volumes (default: the file's)"), min=1)
]
Replicas = Annotated[
    int | None, typer.Option("--replicas", help=t("副本数(默认按文件)", "Replicas (default: the file's)"), min=1)
]
TOPICS_FILE = Path("deploy/topics.yaml")


def apply(
    file: FileOption = TOPICS_FILE, volumes: Volumes = None, replicas: Replicas = None, lang: Lang = None
) -> None:
    """Make what is missing; then check. Exit 1 when something still differs."""
    from ledger import topics
    from ledger.logs.kafka.cluster import Cluster

    cluster = Cluster.from_environment()
    wanted = topics.read_topics(file, volumes=volumes, replicas=replicas)
    for name in topics.apply(cluster, wanted):
        notes.print(t(f"✓ 已设置 {name}", f"✓ Set {name}"))
    check(file, volumes, replicas, Format.TABLE, lang)


def check(
    file: FileOption = TOPICS_FILE, volumes: Volumes = None, replicas: Replicas = None,
    shown: Shown = Format.TABLE, lang: Lang = None,
) -> None:  # fmt: skip
    """Show every difference between the file and the cluster. Exit 1 when there is one."""
    from ledger import topics
    from ledger.logs.kafka.cluster import Cluster

    wanted = topics.read_topics(file, volumes=volumes, replicas=replicas)
    found = topics.compare(Cluster.from_environment(), wanted)
    columns = {
        "topic": t("主题", "topic"), "setting": t("设置", "setting"), "expected": t("应为", "expected"),
        "found": t("实为", "found"),
    }  # fmt: skip
    if found or shown is not Format.TABLE:
        show([difference.as_dict() for difference in found], columns, shown, t("主题差异", "Differences"))
    if found:
        raise typer.Exit(1)
    notes.print(t(f"✓ {len(wanted)} 个主题与文件一致", f"✓ {len(wanted)} topics are as the file says"))


def open_book(
    rehearsal: Annotated[
        bool, typer.Option("--rehearsal", help=t("演练账本", "A rehearsal (演练), not the real book"))
    ] = False,
    title: Annotated[str, typer.Option("--title", help=t("账本名称", "What the book is of"))] = "",
    lang: Lang = None,
) -> None:
    """Open a new book, real or rehearsal, in empty topics."""
    from ledger.logs.kafka import writing
    from ledger.logs.kafka.cluster import Cluster

    opened = writing.open_book(Cluster.from_environment(), nature="rehearsal" if rehearsal else "real", title=title)
    nature = t("演练", "rehearsal") if rehearsal else t("正式", "real")
    volumes = opened.opening.volumes
    notes.print(
        t(f"✓ 已建账 {opened.book}({nature},{volumes} 册)", f"✓ Opened {nature} book {opened.book}, {volumes} volumes")
    )


def grow(
    volumes: Annotated[int, typer.Option("--volumes", help=t("新版的册数", "Volumes of the new edition"), min=2)],
    prefix: Annotated[str, typer.Option("--prefix", help=t("新版主题的前缀", "Prefix of the new edition's topics"))],
    file: FileOption = TOPICS_FILE,
    replicas: Replicas = None,
    shown: Shown = Format.TABLE,
    lang: Lang = None,
) -> None:
    """Close the book to writers and carry it into a new edition with more volumes. May be run again after a stop."""
    from dataclasses import replace

    from ledger import topics
    from ledger.logs.kafka import growing
    from ledger.logs.kafka.cluster import Cluster

    old = Cluster.from_environment()
    new = replace(old, prefix=prefix)
    if old.prefix == new.prefix:
        raise WrongUse("grow_into_itself", prefix=prefix)
    growing.close_edition(old)
    topics.apply(new, topics.read_topics(file, volumes=volumes, replicas=replicas))
    written = growing.grow(old, new, volumes)
    _show_checks(growing.compare_editions(old, new), shown, t("新旧两版核对", "Old edition and new"))
    notes.print(
        t(
            f"✓ 新版已成:{volumes} 册,写入 {written} 页。把设置文件的 prefix 改为 {prefix},再启动工作进程与网关",
            f"✓ The new edition is there: {volumes} volumes, {written} pages written. "
            f"Set prefix to {prefix} in the settings, then start workers and gateway",
        )
    )


def verify(shown: Shown = Format.TABLE, lang: Lang = None) -> None:
    """Replay every page and compare chain, seals, answers and the stock workers' figures. Exit 1 on a difference."""
    from ledger.logs.kafka import verifying
    from ledger.logs.kafka.cluster import Cluster

    checks = [check for volume in verifying.verify(Cluster.from_environment()) for check in volume.checks]
    _show_checks(checks, shown, t("核对结果", "Verification"))
    notes.print(t("✓ 封印、提交与结存一致", "✓ Seals, submissions and balances agree"), style="bold green")


def _show_checks(checks: "list[Check]", shown: Shown, title: str) -> None:
    """Show what was compared. Exit 1 on a difference."""
    columns = {
        "name": t("核对项", "check"), "compared": t("比较数", "compared"), "differing": t("不符数", "differing"),
        "first_difference": t("首个不符", "first difference"),
    }  # fmt: skip
    show([check.as_dict() for check in checks], columns, shown, title)
    if any(check.differing for check in checks):
        notes.print(t("✗ 有不符", "✗ Something differs"), style="bold red")
        raise typer.Exit(1)


def register(app: typer.Typer) -> None:
    """Add these commands under `topics`."""
    topics = typer.Typer(no_args_is_help=True, help=t("Kafka 上的主题", "The topics of a book on Kafka"))
    topics.command("apply", help=t("按文件建立主题", "Make the topics as the file says"))(apply)
    topics.command("check", help=t("核对主题与文件", "Check the topics against the file"))(check)
    topics.command("verify", help=t("重放并核对", "Replay the book and compare"))(verify)
    topics.command("grow", help=t("换成册数更多的新版", "A new edition with more volumes"))(grow)
    topics.command("open", help=t("在空主题上建账", "Open a new book in empty topics"))(open_book)
    app.add_typer(topics, name="topics")
