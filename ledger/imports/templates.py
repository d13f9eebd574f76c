"""Templates: `"{item} {spec}"` filled from the columns of a row. Compiled once, so that a row costs little."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Cells = dict[str, str]
Fill = Callable[[Cells], Any]
_PLACE = re.compile(r"\{([^{}]+)\}")


def compile_text(template: str) -> Callable[[Cells], str]:
    """Return what fills a template; a column that is blank or absent fills in nothing."""
    names = _PLACE.findall(template)
    if not names:
        return lambda cells: template
    if template == "{" + names[0] + "}":
        only = names[0]
        return lambda cells: cells.get(only, "")
    return lambda cells: _PLACE.sub(lambda m: cells.get(m[1], ""), template).strip()


def columns_in(value: Any) -> Iterator[str]:
    """Yield the columns that the templates of a tree of tables and lists read."""
    if isinstance(value, str):
        yield from _PLACE.findall(value)
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from columns_in(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from columns_in(part)


def compile_tree(value: Any) -> Fill:
    """Return what fills every template of a tree of tables and lists. Texts left blank are left out of their table."""
    if isinstance(value, str):
        return compile_text(value)
    if isinstance(value, Mapping):
        parts = [(key, compile_tree(part)) for key, part in value.items()]
        return lambda cells: {key: filled for key, fill in parts if (filled := fill(cells)) != ""}
    if isinstance(value, list | tuple):
        items = [compile_tree(part) for part in value]
        return lambda cells: [filled for fill in items if (filled := fill(cells)) != ""]
    return lambda cells: value


def matches(when: Mapping[str, re.Pattern[str]], cells: Cells) -> bool:
    """Tell whether every named column matches its pattern whole."""
    return all(pattern.fullmatch(cells.get(column, "")) for column, pattern in when.items())
