"""Every way the world around the book can fail a user. Each says what, what was expected, what was found, what to do.

Our own bugs are not here: they hit `assert`.
"""

from typing import ClassVar

from ledger.words import say


class LedgerError(Exception):
    """A failure a user can act on. `code` selects the words (Chinese and English); `facts` fill them in."""

    exit_code: ClassVar[int] = 3

    def __init__(self, code: str, **facts: object) -> None:
        """Keep the code and facts; the words are chosen when it is shown."""
        super().__init__(code, facts)
        self.code = code
        self.facts = {name: str(value) for name, value in facts.items()}

    def text(self, lang: str) -> str:
        """Say it in `zh` or `en`."""
        return say(self.code, lang, **self.facts)

    def __str__(self) -> str:
        """Say it in English."""
        return self.text("en")


class WrongUse(LedgerError):
    """The command or call cannot mean anything: exit code 2."""

    exit_code = 2


class BrokenEnvironment(LedgerError):
    """Something the book needs is missing, busy or in the way: exit code 3."""

    exit_code = 3


class BookHeld(BrokenEnvironment):
    """Another process writes this book; a book has one writer."""


class Damage(LedgerError):
    """Recorded data is not what was recorded: exit code 4. We stop; we never serve it."""

    exit_code = 4
