"""Runs the tours of the READMEs: every `$ command` of a console block, in order, in an empty folder, for real.

`python -m tests.readme` writes what the commands print into the READMEs; tests/test_readme.py compares.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
READMES = {"README.md": "en", "README.zh.md": "zh"}
_BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)
_MASKS = (
    (re.compile(r"bg-[0-9a-f]{16}"), "bg-0123456789abcdef"),
    (re.compile(r"\b(desk|dev|import)\.[2-9a-z]{6}\b"), r"\1.a2b3c4"),
)
"""What chance decides anew each time: the book's id and the epoch of a fresh outbox."""


def replay(text: str, lang: str) -> str:
    """Return a README with what its commands print today."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "examples").symlink_to(ROOT / "examples")
        return _BLOCK.sub(lambda block: f"```console\n{_replay_block(block[1], Path(folder), lang)}```", text)


def _replay_block(block: str, folder: Path, lang: str) -> str:
    commands = [line.removeprefix("$ ") for line in block.splitlines() if line.startswith("$ ")]
    return "".join(f"$ {command}\n{_run(command, folder, lang)}" for command in commands)


def _run(command: str, folder: Path, lang: str) -> str:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "BAOGONG_LANG": lang, "COLUMNS": "110", "PYTHONUNBUFFERED": "1"}
    environment.pop("BAOGONG_BOOK", None)
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, timeout=120, check=False, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    lines = [line.rstrip() for line in done.stdout.splitlines()]
    said = "\n".join(line for line in lines if line)
    for mask, stands_for in _MASKS:
        said = mask.sub(stands_for, said)
    return f"{said}\n" if said else ""


if __name__ == "__main__":
    for name, language in READMES.items():
        file = ROOT / name
        file.write_text(replay(file.read_text(encoding="utf-8"), language), encoding="utf-8")
