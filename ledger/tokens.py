"""Bearer tokens (promise 7): who may read or write which sites, as which sources. `book/tokens.json`, mode 0600.

Only salted SHA-256 digests are stored: a secret is 32 random bytes, so nothing slower is needed, and it is shown once.
It must not decide what a token may do with one document: that is admission's, by `Sender.may_write`.
"""

import hashlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import Field, TypeAdapter, ValidationError

from ledger.errors import Damage, WrongUse
from schemas.document import EVERY_SITE, Digest, Name, Wire
from schemas.page import Sender

TOKENS_FILE = "tokens.json"
_SECRET_BYTES = 32


class Token(Wire):
    """One token as it is kept: everything but its secret."""

    name: Name
    salt: Name
    digest: Digest
    sites: tuple[Name, ...] = Field(default=(EVERY_SITE,), min_length=1)
    sources: tuple[Name, ...] = Field(default=("*",), min_length=1)
    """Full sources, or their names without the epoch: `dev-17` covers `dev-17.k3f9`."""
    may_read: bool = True
    may_write: bool = True

    def may_see(self, site: str) -> bool:
        """Tell whether this token may read about a site. The catalogue (site `*`) is for every reader."""
        return self.may_read and (site == EVERY_SITE or EVERY_SITE in self.sites or site in self.sites)

    def sender(self) -> Sender:
        """Return who this is to admission."""
        return Sender(name=self.name, sites=self.sites, sources=self.sources)


_TOKENS: TypeAdapter[tuple[Token, ...]] = TypeAdapter(tuple[Token, ...])


@dataclass(slots=True)
class TokenFile:
    """The tokens of one book. Read again whenever the file has changed, so that a removed token ends at once."""

    path: Path
    tokens: tuple[Token, ...] = ()
    _read_as: tuple[int, int, int] | None = None

    @classmethod
    def of(cls, book: Path) -> Self:
        """Open the tokens of the book in a folder; there may be none yet. Raises `Damage` when they cannot be read."""
        found = cls(book / TOKENS_FILE)
        found.refresh()
        return found

    def refresh(self) -> None:
        """Read the file if it is not the one last read."""
        if not self.path.exists():
            self.tokens, self._read_as = (), None
            return
        stat = self.path.stat()
        stamp = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        if stamp == self._read_as:
            return
        try:
            self.tokens = _TOKENS.validate_json(self.path.read_bytes())
        except ValidationError as error:
            raise Damage("tokens_unreadable", path=self.path, found=error.errors()[0]["msg"]) from error
        self._read_as = stamp

    def find(self, secret: str) -> Token | None:
        """Return the token of a secret, or None. Every token is compared, whatever the first ones gave."""
        self.refresh()
        found: Token | None = None
        for token in self.tokens:
            if hmac.compare_digest(_digest(token.salt, secret), token.digest):
                found = token
        return found

    def still_has(self, token: Token) -> bool:
        """Tell whether a token found earlier is still there, unchanged."""
        self.refresh()
        return token in self.tokens

    def add(self, name: str, sites: tuple[str, ...], sources: tuple[str, ...], *, read_only: bool = False) -> str:
        """Add a token and return its secret, which is kept nowhere. Raises `WrongUse` if the name is taken."""
        self.refresh()
        if any(token.name == name for token in self.tokens):
            raise WrongUse("token_exists", name=name)
        secret, salt = secrets.token_urlsafe(_SECRET_BYTES), secrets.token_hex(16)
        token = Token(
            name=name, salt=salt, digest=_digest(salt, secret), sites=sites or (EVERY_SITE,), sources=sources or ("*",),
            may_write=not read_only,
        )  # fmt: skip
        self._write((*self.tokens, token))
        return secret

    def remove(self, name: str) -> None:
        """Remove a token. Raises `WrongUse` if there is none of this name."""
        self.refresh()
        left = tuple(token for token in self.tokens if token.name != name)
        if len(left) == len(self.tokens):
            raise WrongUse("token_unknown", name=name, found=", ".join(t.name for t in self.tokens) or "-")
        self._write(left)

    def _write(self, tokens: tuple[Token, ...]) -> None:
        """Replace the file whole, never readable by others, not even for a moment."""
        fresh = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        fresh.unlink(missing_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump([token.model_dump() for token in tokens], file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path)
        self._read_as = None
        self.refresh()


def _digest(salt: str, secret: str) -> str:
    return hashlib.sha256(f"{salt}:{secret}".encode("utf-8", "surrogatepass")).hexdigest()
