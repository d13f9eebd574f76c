"""Benchmarks (`make bench`): each measures the real parts in a process of its own, beside its baseline, in one run.

Nothing here is imported by the book, and no figure here is a test: tests/test_bench.py only keeps the code alive.
"""
