"""Commands people can rely on: every one documented, every one with the options that mean the same everywhere."""

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from ledger import cli
from ledger.cli.docs import parts_of

ROOT = Path(__file__).parents[1]
cli.load_extensions()
COMMANDS = {
    path: command
    for name, top in parts_of(typer.main.get_command(cli.app)).items()
    for path, command in ({f"{name} {part}": inner for part, inner in parts_of(top).items()} or {name: top}).items()
}
ON_A_CLUSTER = {"topics", "worker"}
"""Commands about the cluster that BAOGONG_KAFKA names rather than about a folder."""
WITHOUT_ROWS = {
    "init", "rebuild", "export", "serve", "quarantine resubmit", "scan", "token add", "token remove", "letters resend",
    "worker", "topics apply", "topics open",
}  # fmt: skip


@pytest.mark.parametrize(("page", "lang"), [("commands.md", "en"), ("commands.zh.md", "zh")])
def test_every_command_is_documented_as_it_is(page: str, lang: str) -> None:
    made = subprocess.run(
        [sys.executable, "-m", "ledger.cli.docs"], env={**os.environ, "BAOGONG_LANG": lang}, cwd=ROOT,
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert (ROOT / "docs" / page).read_text(encoding="utf-8") == made, "run `make docs` and commit what it wrote"
    assert all(f"## `baogong {name}`" in made for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_says_what_it_does_and_takes_the_common_options(name: str) -> None:
    command = COMMANDS[name]
    options = {option for parameter in command.params for option in parameter.opts}
    assert command.help
    assert "--lang" in options
    assert "--book" in options or name.split(maxsplit=1)[0] in ON_A_CLUSTER
    assert name in WITHOUT_ROWS or "--format" in options
    assert all(getattr(p, "help", None) for p in command.params if p.name != "help"), "an option without words"


@pytest.mark.parametrize(
    ("arguments", "exit_code", "said"),
    [
        (["stock", "--book", "nowhere"], 3, "There is no book at nowhere"),
        (["audit", "run", "no_such_audit", "--book", "nowhere"], 2, "There is no audit"),
        (["report", "daily", "--day", "2020-01-30", "--book", "nowhere"], 3, "There is no book at nowhere"),
        (["policy", "set", "no_such_key", "1", "--reason", "x", "--book", "nowhere"], 2, "There is no policy"),
        (["no-such-command"], 2, "No such command"),
    ],
)
def test_wrong_use_and_missing_things_are_said_in_a_sentence_with_their_exit_code(
    arguments: list[str], exit_code: int, said: str, tmp_path: Path
) -> None:
    command = [str(Path(sys.executable).parent / "baogong"), *arguments]
    env = {**os.environ, "BAOGONG_LANG": "en", "COLUMNS": "200"}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == exit_code
    assert said in done.stderr + done.stdout
    assert "Traceback" not in done.stderr + done.stdout


def test_a_book_nobody_has_asked_by_sql_yet_verifies_and_a_damaged_one_does_not(tmp_path: Path) -> None:
    def baogong(*words: str) -> subprocess.CompletedProcess[str]:
        command = [str(Path(sys.executable).parent / "baogong"), *words, "--book", str(tmp_path / "book")]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    assert baogong("init", "--rehearsal").returncode == 0
    assert baogong("submit", str(ROOT / "examples" / "tour" / "catalogue.ndjson")).returncode == 0
    assert not (tmp_path / "book" / "lake").exists()
    assert baogong("verify").returncode == 0

    shutil.rmtree(tmp_path / "book" / "lake")
    log = sqlite3.connect(tmp_path / "book" / "log.sqlite3")
    log.execute("UPDATE pages SET stored = CAST(replace(stored, 'KN95', 'KN96') AS BLOB) WHERE page = 2")
    log.commit()
    log.close()
    damaged = baogong("verify")
    assert damaged.returncode == 4, damaged.stdout
    assert "Traceback" not in damaged.stdout + damaged.stderr
