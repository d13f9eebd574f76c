"""What we say to people, in Chinese and English: one place, by code. Everything a reader sees comes through `say`."""

from functools import cache
from pathlib import Path
from tomllib import loads
from typing import Final

LANGUAGES: Final = ("zh", "en")
_WORDS: Final[dict[str, dict[str, str]]] = loads((Path(__file__).parent / "words.toml").read_text(encoding="utf-8"))


class _Facts(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "?"


def say(code: str, lang: str, **facts: str) -> str:
    """Return the words of a code in `zh` or `en`, filled with facts. A code nobody gave words to is shown as it is."""
    words = _WORDS.get(code)
    if words is None:
        return f"{code} {facts}" if facts else code
    return words[lang if lang in LANGUAGES else "en"].format_map(_Facts(facts))


def unfilled(code: str, lang: str) -> str:
    """Return the words of a code as they are written, with the names of its facts: `{where}`. It must have words."""
    return _WORDS[code][lang]


@cache
def known_codes() -> frozenset[str]:
    """Return every code that has words."""
    return frozenset(_WORDS)
