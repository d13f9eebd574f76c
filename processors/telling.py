"""Has the notifier follow a served book: targets from `settings.toml`, a look after each commit and every half minute.

    [[notify]]                          [[notify]]
    name = "duty-desk"                  name = "keepers"
    webhook = "https://example.org/in"  apprise = "mailto://…"
    secret_file = "duty-desk.secret"    lang = "zh"

It must not decide what is told or remember what was: `processors.notify` and `ledger.deliveries` do.
"""

import threading
from pathlib import Path

from ledger.errors import LedgerError, WrongUse
from ledger.gateway import events
from ledger.gateway.state import Gateway
from ledger.settings import SETTINGS_FILE, read_settings
from processors.notify import AppriseTarget, Notifier, Target, Webhook

_SECONDS_A_LOOK = 30


def targets_of(book: Path) -> list[Target]:
    """Return the targets a book's settings name; none without settings. Raises `WrongUse` with what is wrong."""
    try:
        return [_target(book, one) for one in read_settings(book).notify]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        found = f"{type(error).__name__}: {error}"
        raise WrongUse("settings_unreadable", path=book / SETTINGS_FILE, found=found) from error


def _target(book: Path, said: dict[str, str]) -> Target:
    unknown = set(said) - {"name", "webhook", "secret_file", "apprise", "lang"}
    if unknown:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
    if "webhook" in said:
        return Webhook(said["name"], said["webhook"], (book / said["secret_file"]).read_bytes().strip())
    return AppriseTarget(said["name"], said["apprise"], said.get("lang", "zh"))


class NotifyCourier(threading.Thread):
    """Tells the targets what changed. A target that is down stops nothing."""

    def __init__(self, gateway: Gateway, targets: list[Target]) -> None:
        super().__init__(name="notifier", daemon=True)
        self.gateway = gateway
        self.notifier = Notifier(gateway.book.path, targets)
        self.woken = threading.Event()
        self.ending = threading.Event()
        gateway.writer.listeners.append(self.woken.set)

    def run(self) -> None:
        """Look, tell, wait for the next commit or half a minute."""
        while not self.ending.is_set():
            self.woken.clear()
            try:
                self._look()
            except LedgerError as error:
                events.log(events.NOTIFY_FAILED, code=error.code, said=str(error))
            self.woken.wait(_SECONDS_A_LOOK)

    def _look(self) -> None:
        with self.gateway.writer.reading() as book:
            (folds,), now = book.volumes, book.now()
            self.notifier.take_up(folds.alerts, folds.due(now), now)
        self.notifier.tell()  # the book is let go of first: a slow target never keeps a writer waiting

    def stop(self) -> None:
        """End, within a few seconds: what is not told yet is noted, and told when the book is served again."""
        self.ending.set()
        self.woken.set()
        self.join(timeout=5)
        if not self.is_alive():
            self.notifier.close()
