"""Pages become rows: the decoding, in SQL, of stored pages into the four tables of the lake.

The writer uses it to fill the lake, `ledger.verification` to see again what the lake should hold. It knows no position
and no transaction, and it decodes nothing in Python.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence

import orjson
from duckdb import DuckDBPyConnection

from ledger.lake.views import read_sql
from ledger.logs.embedded import StoredPage

TABLES = ("page", "entry", "line", "refused")
_SEAL_LENGTH = 64
Kept = Callable[[str], bytes | None]
"""Gives the bytes of a refused document by its digest."""


def make_tables(connection: DuckDBPyConnection) -> None:
    """Make the tables in what is attached as `lake`, all or none."""
    connection.execute(f"BEGIN; {read_sql('lake/tables.sql')} COMMIT")


def write_rows(connection: DuckDBPyConnection, pages: Sequence[StoredPage], kept: Kept) -> None:
    """Insert the rows of consecutive pages of one volume, whose seals were checked, into the tables of `lake`."""
    run = connection.execute
    has_entries = _stage(connection, pages)
    run(read_sql("lake/insert_pages.sql"))
    if has_entries:
        run(read_sql("lake/insert_entries.sql"))
        run(read_sql("lake/insert_lines.sql"))
    digests = run(
        "SELECT DISTINCT r.digest FROM (SELECT unnest(refused) AS r FROM staged_page WHERE len(refused) > 0)"
    ).fetchall()
    if digests:
        found = {digest: raw.hex() for (digest,) in digests if (raw := kept(digest)) is not None}
        run(read_sql("lake/insert_refused.sql"), {"kept": json.dumps(found)})


def batches(pages: Iterable[StoredPage], bytes_max: int) -> Iterator[list[StoredPage]]:
    """Yield pages in lists of at least `bytes_max` bytes, the last of what is left."""
    batch: list[StoredPage] = []
    length = 0
    for page in pages:
        batch.append(page)
        length += len(page.stored)
        if length >= bytes_max:
            yield batch
            batch, length = [], 0
    if batch:
        yield batch


def _stage(connection: DuckDBPyConnection, pages: Sequence[StoredPage]) -> bool:
    run = connection.execute
    parts = [p.stored[: -_SEAL_LENGTH - 1].partition(b"\n") for p in pages]
    headers = b"\n".join(header for header, _, _ in parts).decode()
    seals = "\n".join(p.stored[-_SEAL_LENGTH:].decode() for p in pages)
    run(read_sql("lake/stage_page.sql"), {"headers": headers, "seals": seals})
    documents = b"\n".join(body for _, _, body in parts if body).decode()
    if not documents:
        return False
    form = {"form": read_sql("lake/form.json")}
    first = orjson.loads(parts[0][0])["first_seq"]
    run(read_sql("lake/stage_entry.sql"), {"documents": documents, "first": first, **form})
    run(read_sql("lake/stage_said.sql"), form)
    run(read_sql("lake/stage_reading.sql"))
    return True
