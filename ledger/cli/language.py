"""Which language to speak, known before the first word is printed: `--lang`, then BAOGONG_LANG, then the locale."""

import os
import sys
from collections.abc import Mapping, Sequence


def detect(arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    """Return `zh` or `en`."""
    for here, following in zip(arguments, [*arguments[1:], ""], strict=True):
        if here == "--lang" and following:
            return "zh" if following.startswith("zh") else "en"
        if here.startswith("--lang="):
            return "zh" if here.removeprefix("--lang=").startswith("zh") else "en"
    spoken = next((v for k in ("BAOGONG_LANG", "LC_ALL", "LC_MESSAGES", "LANG") if (v := environment.get(k))), "")
    return "zh" if spoken.lower().startswith("zh") else "en"


LANG = detect(sys.argv, os.environ)
"""The language of this process."""


def t(zh: str, en: str) -> str:
    """Return the text in the language of this process."""
    return zh if LANG == "zh" else en
