"""docs/commands.md: every command with its arguments and options, made from the commands themselves.

`BAOGONG_LANG=zh python -m ledger.cli.docs` prints the Chinese page, `BAOGONG_LANG=en` the English one.
"""

import sys
from collections.abc import Iterator
from typing import Any

import typer

from ledger.cli import app, load_extensions
from ledger.cli.language import t


def document_commands() -> str:
    """Return the page in the language of this process."""
    load_extensions()
    title = t("命令", "Commands")
    head = t(
        "由命令本身生成(`make docs`)。退出码:0 无问题,1 查出问题,2 用法不对,3 环境有误,4 数据损坏。",
        "Made from the commands themselves by `make docs`. Exit codes: 0 holds, 1 a check found something, "
        "2 wrong use, 3 environment, 4 damage.",
    )
    return "\n\n".join([f"# {title}", head, *_sections("baogong", typer.main.get_command(app))]) + "\n"


def parts_of(command: Any) -> dict[str, Any]:
    """Return the commands of a group by name; none for a command that is not a group."""
    return getattr(command, "commands", {})


def _sections(name: str, command: Any) -> Iterator[str]:
    parts = parts_of(command)
    if parts:
        for part in sorted(parts):
            yield from _sections(f"{name} {part}", parts[part])
        return
    rows = [_row(parameter) for parameter in command.params if parameter.name not in ("help", "lang")]
    table = "\n".join(["| | |", "|---|---|", *rows]) if rows else ""
    yield "\n\n".join(part for part in (f"## `{name}`", command.help or "", table) if part)


def _row(parameter: Any) -> str:
    argument = parameter.param_type_name == "argument"
    names = f"`{parameter.name.upper()}`" if argument else ", ".join(f"`{name}`" for name in parameter.opts)
    return f"| {names} | {(parameter.help or '').replace('|', '/')} |"


if __name__ == "__main__":
    sys.stdout.write(document_commands())
