"""Where the Kafka of a book is and how to speak to it: one file of settings, for laptop or city. No secret in it."""

import os
from dataclasses import dataclass
from pathlib import Path
from tomllib import TOMLDecodeError, loads
from typing import Any

from kafka.errors import KafkaError

from ledger.errors import BrokenEnvironment, WrongUse

SETTINGS_VARIABLE = "BAOGONG_KAFKA"
"""Names a settings file, or simply `host:port` of an unprotected local broker."""
REQUEST_BYTES_MAX = 67_108_864
"""The longest record of any topic; the longest page (deploy/topics.yaml)."""
_PASSWORD = "password_file"  # noqa: S105 - the name of a setting, not a password
_KNOWN = {
    "bootstrap", "prefix", "security_protocol", "sasl_mechanism", "username", _PASSWORD, "ca_file",
    "session_seconds", "state",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cluster:
    """Brokers, the prefix of the book's topics, and credentials."""

    bootstrap: tuple[str, ...]
    prefix: str = ""
    security_protocol: str = "PLAINTEXT"
    sasl_mechanism: str | None = None
    username: str | None = None
    password: str | None = None
    ca_file: Path | None = None
    session_seconds: int = 10
    """A worker that is silent for so long is dead: others take its volumes over."""
    state: Path | None = None
    """Folder for snapshots of folds: caches that shorten a start. Without it every start reads the whole book."""

    @classmethod
    def from_environment(cls) -> "Cluster":
        """Read the settings named by `BAOGONG_KAFKA`. Raises `WrongUse` when it is not set."""
        named = os.environ.get(SETTINGS_VARIABLE, "")
        if not named:
            raise WrongUse("kafka_settings_unnamed", variable=SETTINGS_VARIABLE)
        return cls.read(Path(named)) if not _is_address(named) else cls((named,))

    @classmethod
    def read(cls, path: Path) -> "Cluster":
        """Read a settings file (table `kafka`). Raises `BrokenEnvironment` or `WrongUse`, naming the file."""
        try:
            said: dict[str, Any] = loads(path.read_text(encoding="utf-8"))["kafka"]
        except OSError as error:
            raise BrokenEnvironment("file_unusable", path=path, found=error) from error
        except (TOMLDecodeError, KeyError, UnicodeDecodeError) as error:
            raise WrongUse("kafka_settings_unreadable", path=path, found=error) from error
        if unknown := sorted(set(said) - _KNOWN):
            raise WrongUse("kafka_settings_unreadable", path=path, found=", ".join(unknown))
        if not said.get("bootstrap"):
            raise WrongUse("kafka_settings_unreadable", path=path, found="no bootstrap")
        secret = said.pop(_PASSWORD, None)
        said["password"] = _secret(path.parent / secret) if secret else None
        for name in ("ca_file", "state"):
            said[name] = path.parent / said[name] if name in said else None
        return cls(bootstrap=tuple(said.pop("bootstrap")), **said)

    def topic(self, name: str) -> str:
        """Return the name on the cluster of one of the book's topics."""
        return self.prefix + name

    def group(self, role: str) -> str:
        """Return the consumer group of the workers of a role."""
        return f"{self.prefix}baogong-{role}"

    def snapshot(self, fold: str, volume: int) -> Path | None:
        """Return where the snapshot of a fold of one volume is kept, if anywhere."""
        return self.state / f"{self.prefix}{fold}.{volume}.snapshot" if self.state else None

    def client(self) -> dict[str, Any]:
        """Return what any kafka-python client needs to connect."""
        given: dict[str, Any] = {
            "bootstrap_servers": list(self.bootstrap), "security_protocol": self.security_protocol,
            "bootstrap_timeout_ms": 10_000,
            "reconnect_backoff_max_ms": 1_000,
        }  # fmt: skip
        if self.sasl_mechanism:
            given |= {
                "sasl_mechanism": self.sasl_mechanism, "sasl_plain_username": self.username,
                "sasl_plain_password": self.password,
            }  # fmt: skip
        if self.ca_file:
            given["ssl_cafile"] = str(self.ca_file)
        return given

    def unreachable(self, error: KafkaError) -> BrokenEnvironment:
        """Word what a client says of a cluster it cannot reach or use."""
        return BrokenEnvironment(
            "kafka_unreachable", brokers=",".join(self.bootstrap), found=f"{type(error).__name__}: {error}"
        )


def _is_address(named: str) -> bool:
    host, colon, port = named.rpartition(":")
    return bool(host and colon) and port.isdigit()


def _secret(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise BrokenEnvironment("file_unusable", path=path, found=error) from error
