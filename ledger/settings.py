"""What `settings.toml` in a book's folder says: where log and lake are, and whom to tell of alerts. No secret.

A folder without it is a book of its own. `log = "kafka"` makes it a place to work at a book on a cluster: the table
`kafka` of the same file says which, as in deploy/settings.example.toml; without that table, `BAOGONG_KAFKA` does. The
table `lake` names a lake that many machines share; without it the lake is in the folder.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ledger.errors import WrongUse

if TYPE_CHECKING:
    from ledger.lake.shared import SharedLake
    from ledger.logs.kafka.cluster import Cluster

SETTINGS_FILE = "settings.toml"
LOGS = ("embedded", "kafka")
_KNOWN = frozenset({"log", "kafka", "lake", "notify"})


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one folder."""

    cluster: "Cluster | None" = None
    """Where the log is; None: in the folder itself."""
    notify: tuple[dict[str, str], ...] = ()
    """Targets as they are written; `processors.telling` reads them."""


def read_settings(book: Path) -> Settings:
    """Read the settings of a book's folder; there may be none. Raises `WrongUse` with what is wrong."""
    path = book / SETTINGS_FILE
    said = _said(path)
    try:
        log, notify = said.get("log", LOGS[0]), tuple(dict(one) for one in said.get("notify", ()))
        if log not in LOGS:
            raise ValueError(f"log = {log!r}, not one of {', '.join(LOGS)}")
    except (ValueError, TypeError) as error:
        raise _unreadable(path, error) from error
    return Settings(_cluster(path, said) if log == "kafka" else None, notify)


def lake_of(book: Path) -> "SharedLake | None":
    """Return where the lake of a book's folder is shared; None: it is in the folder. Raises `WrongUse`."""
    path = book / SETTINGS_FILE
    said = _said(path)
    if "lake" not in said:
        return None
    from ledger.lake.shared import SharedLake  # noqa: PLC0415 - only a shared lake is read

    try:
        return SharedLake.read(book, said["lake"])
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise _unreadable(path, error) from error


def _said(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        said: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        if unknown := sorted(set(said) - _KNOWN):
            raise ValueError(f"unknown: {', '.join(unknown)}")
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    return said


def _unreadable(path: Path, error: Exception) -> WrongUse:
    return WrongUse("settings_unreadable", path=path, found=f"{type(error).__name__}: {error}")


def _cluster(path: Path, said: dict[str, Any]) -> "Cluster":
    from ledger.logs.kafka.cluster import Cluster  # noqa: PLC0415 - only a book on a cluster loads a Kafka client

    return Cluster.read(path) if "kafka" in said else Cluster.from_environment()
