"""The book over HTTP: one writer thread, many readers, bearer tokens. No rule of the domain lives here."""

from ledger.gateway.app import create_app
from ledger.gateway.limits import Limits

__all__ = ["Limits", "create_app"]
