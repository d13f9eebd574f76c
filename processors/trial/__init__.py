"""The trial (演练): a shipped rehearsal, played through the gateway as scanners would and checked for what was planted.

`make run` starts it. It plans, plays, looks and prints; it decides nothing about stock and writes no page itself.
"""
