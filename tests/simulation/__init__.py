"""A seeded simulation: devices, a bad line, a door and a book that crashes, beside a second model that knows no book.

`python -m tests.simulation --seeds 1000` runs many; a seed that fails is printed and repeats the failure exactly.
"""
