"""Verification: seals, replay and SQL compared key by key (promises 3 and 4)."""

from ledger.verification.checking import verify

__all__ = ["verify"]
