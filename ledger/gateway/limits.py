"""What the gateway takes at once, and how it says no: a status, a code, the words in both languages."""

from dataclasses import dataclass, field

from ledger.words import LANGUAGES, say


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of the gateway. Each is stated in the refusal that rests on it."""

    body_bytes_max: int = 8_000_000
    documents_max: int = 10_000
    queue_letters_max: int = 1_000
    queue_bytes_max: int = 64_000_000
    group_letters_max: int = 500
    group_bytes_max: int = 16_000_000
    window_milliseconds: int = 10
    """How long the first letter of a group waits for others."""
    streams_max: int = 200
    rows_max: int = 10_000
    pages_searched_max: int = 5_000
    """Pages one answer about entries looks through before it gives what it has and where to go on."""
    wait_seconds_max: int = 5
    answer_seconds_max: int = 20
    """How long documents sent to a cluster may be without a page before their sender is told to come again."""
    heartbeat_seconds: int = 15
    lake_lag_pages_max: int = 100_000
    """A lake further behind than this makes the gateway not ready."""


@dataclass(slots=True)
class Refusal(Exception):
    """A request that is not carried out: HTTP status, code of the words, facts to fill them, further headers."""

    status: int
    code: str
    facts: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


def in_words(code: str, facts: dict[str, str]) -> dict[str, object]:
    """Return a code with its facts and its words in every language."""
    return {"code": code, "facts": facts, **{lang: say(code, lang, **facts) for lang in LANGUAGES}}
