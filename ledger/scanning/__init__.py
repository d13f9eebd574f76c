"""What a barcode scanner at a keyboard typed: read, or refused with a reason. The raw scan is kept exactly.

It must not guess, do I/O or know the book: which item a GTIN stands for is decided elsewhere.
"""

from ledger.scanning.outcomes import Reason, RefusedScan, Scan
from ledger.scanning.reading import read_scan

__all__ = ["Reason", "RefusedScan", "Scan", "read_scan"]
