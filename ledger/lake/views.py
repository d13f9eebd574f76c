"""The SQL of the lake, read from files under projections/sql: views with their words, and pages of docs made from them.

One view a file. Its first lines say title, question or purpose, rules, columns and an example, in both languages;
comments in the database and the documents are made from them. It runs nothing but `define`.
"""

import re
from dataclasses import dataclass, field
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

from duckdb import DuckDBPyConnection

SQL = Path(__file__).resolve().parents[2] / "projections" / "sql"
AUDIT = "audit_"
_PUBLISHED = ("views", "audits")
_CREATE = re.compile(r"^CREATE (VIEW|MACRO) (\w+)", re.MULTILINE)
_WORD = re.compile(r"\b[a-z_]+\b")


@dataclass(frozen=True, slots=True)
class Words:
    """The same said twice."""

    en: str
    zh: str

    def __str__(self) -> str:
        """Write both, as comments in the database do."""
        return f"{self.en} · {self.zh}"


@dataclass(frozen=True, slots=True)
class View:
    """A published view or macro with what is said of it."""

    name: str
    is_macro: bool
    body: str
    title: Words
    about: Words
    rules: tuple[str, ...]
    columns: dict[str, Words] = field(default_factory=dict)
    example: str = ""

    @property
    def is_audit(self) -> bool:
        """Whether it returns faulty rows rather than figures."""
        return self.name.startswith(AUDIT)


@cache
def read_sql(name: str) -> str:
    """Return the text of one file under projections/sql."""
    return (SQL / name).read_text(encoding="utf-8")


@cache
def published() -> tuple[View, ...]:
    """Return every view and macro in an order in which each stands on those before it, the same in every process."""
    views = {v.name: v for v in (read_view(p) for p in sorted(SQL.glob("*/*.sql")) if p.parent.name in _PUBLISHED)}
    words = {name: set(_WORD.findall(_without_comments(view.body))) for name, view in views.items()}
    needs = {name: sorted(words[name] & views.keys() - {name}) for name in views}
    return tuple(views[name] for name in TopologicalSorter(needs).static_order())


def read_view(path: Path) -> View:
    """Read one view file. A file that does not say what it must is our own mistake and fails an assertion."""
    text = path.read_text(encoding="utf-8")
    created = _CREATE.search(text)
    assert created is not None, f"{path.name} creates no view"
    assert created[2] == path.stem, f"{path.name} creates {created[2]}"
    head, body = text[: created.start()], text[created.start() :]
    said: dict[str, str] = {}
    columns: dict[str, Words] = {}
    for line in head.splitlines():
        key, _, value = line.removeprefix("-- ").partition(":")
        if key.startswith("  "):
            columns[key.strip()] = _words(path, value)
        else:
            said[key] = value.strip()
    missing = {"title", "about", "rules", "example"} - said.keys()
    assert not missing, f"{path.name} does not say {missing}"
    rules = tuple(r.strip() for r in said["rules"].split(","))
    return View(
        created[2], created[1] == "MACRO", body, _words(path, said["title"]), _words(path, said["about"]), rules,
        columns, said["example"],
    )  # fmt: skip


def define(connection: DuckDBPyConnection) -> None:
    """Make every published view and macro, with its comments, on a connection that has the lake attached."""
    connection.execute(f"BEGIN; {definitions()} COMMIT")


@cache
def definitions() -> str:
    """Return the statements that make every published view and macro, with its comments."""
    parts = []
    for view in published():
        parts.append(view.body.rstrip().rstrip(";") + ";")
        if view.is_macro:
            table = " TABLE" if " AS TABLE" in view.body else ""
            parts.append(f"COMMENT ON MACRO{table} {view.name} IS {_quoted(str(view.about))};")
            continue
        parts.append(f"COMMENT ON VIEW {view.name} IS {_quoted(str(view.about))};")
        parts += [f'COMMENT ON COLUMN {view.name}."{c}" IS {_quoted(str(w))};' for c, w in view.columns.items()]
    return "\n".join(parts)


def _without_comments(body: str) -> str:
    return re.sub(r"--.*", "", body)


def _words(path: Path, text: str) -> Words:
    en, dot, zh = text.strip().partition(" · ")
    assert dot, f"{path.name} says only in one language: {text}"
    return Words(en, zh)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
