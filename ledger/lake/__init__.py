"""The lake (design section 5): the book as tables for SQL. Any number of readers while one writes.

It is a cache: everything in it can be built anew from the log, and `ledger.verification` compares the two.
"""

from ledger.lake.asking import Lake, Reply, ask
from ledger.lake.clocks import Clocks
from ledger.lake.writer import LakeWriter, catch_up, rebuild

__all__ = ["Clocks", "Lake", "LakeWriter", "Reply", "ask", "catch_up", "rebuild"]
