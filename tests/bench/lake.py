"""The lake: what a commit costs, and questions of auditors over 1 and 10 million lines.

The large lakes are filled by SQL with lines made from a range, in the tables, files and views of a real lake: their
columns are those a book would give, but no log stands behind them, and their documents are a word, not JSON.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

from duckdb import DuckDBPyConnection

from ledger.book import LOG_FILE
from ledger.lake import Lake, LakeWriter
from ledger.logs.embedded import EmbeddedLog
from tests.bench.books import DOCUMENTS_A_COMMIT, DOCUMENTS_A_PAGE, commits, opened, record
from tests.bench.figures import Figure, Figures, Run, Watch, median_seconds
from tests.bench.trade import ITEMS, LOTS, SITES, Trade

Seconds = Mapping[str, tuple[float, float]]
"""By question: the median of its seconds, and those of the first asking."""
COMMIT_LINES = 1_000_000
PAGES_BEFORE = 2
"""The opening and the item descriptions, which every benchmark book begins with."""
_MADE_LINES = """
INSERT INTO lake.line BY NAME
SELECT 0 AS volume, 1 + i // 10_000 AS page, 1 + {items} + i // 100 AS seq, 1 + i % 100 AS place, 1 + i % 100 AS line,
    'WH-' || lpad((site)::VARCHAR, 2, '0') AS site, 'dev-1.b1' AS source, 1 + i // 100 AS number,
    CASE WHEN (i // 100) % 50 = 49 THEN 'stock_counted' WHEN (i // 100) % 50 < 20 THEN 'goods_received'
        ELSE 'goods_issued' END AS kind,
    1 AS sign, TIMESTAMPTZ '2020-01-29 08:00:00+08' + to_seconds(i // 100 * 20) AS happened_at,
    happened_at AS recorded_at,
    happened_at::DATE AS happened_on, 'item-' || lpad((h % {items})::VARCHAR, 3, '0') AS item, item AS item_written,
    CASE WHEN kind <> 'stock_counted' THEN 'L' || (h // 1000 % {lots}) END AS lot, '只' AS unit,
    1 + h // 7 % 30 AS quantity, 1 AS factor,
    CASE kind WHEN 'goods_received' THEN quantity WHEN 'goods_issued' THEN -quantity ELSE 0 END AS delta,
    0 AS held_delta, CASE WHEN kind = 'stock_counted' THEN quantity END AS counted, false AS lot_counted,
    CASE WHEN kind = 'goods_issued' THEN 'Ward ' || (h % 9) END AS party,
    CASE WHEN kind = 'goods_received' THEN DATE '2021-06-30' + (h // 1000 % {lots})::INTEGER * 180 END AS expires_on
FROM (
    SELECT i, (hash(i) % 1_000_003)::BIGINT AS h, (hash(i // 100) % {sites})::BIGINT AS site
    FROM range({low}, {high}) AS t(i)
)
"""
_MADE_ENTRIES = """
INSERT INTO lake.entry BY NAME
SELECT volume, page, seq, site, source, number, kind, 'v1' AS version, happened_at, happened_on, recorded_at,
    'keeper-1' AS recorded_by, 'bench' AS sender, false AS provisional, 'made' AS document, md5(seq::VARCHAR) AS digest
FROM lake.line WHERE place = 1 AND seq > {low} AND seq <= {high}
"""
_CARD = """
SELECT seq, happened_at, kind, entry, lot, delta, sum(delta) OVER (ORDER BY seq, line) AS balance
FROM lines WHERE site = 'WH-07' AND item = 'item-107' AND delta <> 0 ORDER BY seq, line
"""
_STOCK_BY_KEY = "SELECT site, item, lot, on_hand, held, last_seq FROM lots"
_COUNTS = """
SELECT count(*), sum(difference), sum(book_known_then), count(answered_by), min(recorded_by) FROM differences
"""
_IN_SQLITE = {
    _CARD: """
        SELECT seq, happened_at, kind, lot, delta, sum(delta) OVER (ORDER BY seq, line) FROM line
        WHERE site = 'WH-07' AND item = 'item-107' AND delta <> 0 ORDER BY seq, line""",
    _STOCK_BY_KEY: """
        SELECT site, item, lot, sum(delta), sum(held_delta), max(seq) FROM line
        WHERE kind <> 'stock_counted' GROUP BY site, item, lot""",
    _COUNTS: """
        SELECT count(*), sum(counted - book) FROM (
            SELECT counted, (SELECT coalesce(sum(delta), 0) FROM line AS m
                WHERE m.site = c.site AND m.item = c.item AND m.happened_at <= c.happened_at) AS book
            FROM line AS c WHERE kind = 'stock_counted'
        ) WHERE counted <> book""",
}
"""The baseline: what the same question costs in a plain SQLite table with an index on site, item and moment."""
_SQLITE_COLUMNS = "seq, line, site, item, lot, kind, happened_at, delta, held_delta, counted"


def lake_commit(run: Run) -> Figures:
    """Commits of 1,000 documents into the lake: decode in SQL, rows and position in one transaction."""
    return {
        "lake_commit": _lake_commit(run, run.share(0.03), 1),
        "lake_commit_100": _lake_commit(run, run.share(0.3), 100),
    }


def _lake_commit(run: Run, lines: int, per_document: int) -> Figure:
    path, watch = run.folder / f"book_lake_{per_document}", Watch()
    book = opened(path)
    record(book, commits(Trade().documents(lines, per_document), per_document), Watch())
    book.close()
    log = EmbeddedLog.open(path / LOG_FILE, writable=False)
    with LakeWriter(path) as lake:
        lake.commit(list(islice(log.pages(), PAGES_BEFORE)))
        pages = list(log.pages(0, lake.page()))
        a_commit = DOCUMENTS_A_COMMIT // DOCUMENTS_A_PAGE
        for first in range(0, len(pages), a_commit):
            with watch.on():
                lake.commit(pages[first : first + a_commit])
    log.close()
    milliseconds = round(1000 * watch.seconds / len(watch.laps))
    note = f"{len(watch.laps)} commits of 1,000 documents of {per_document}: {milliseconds} ms each"
    return Figure(round(1e6 * watch.seconds / lines, 2), "µs/line", note=note)


def lake_1m(run: Run) -> Figures:
    """A stock card and the whole reconcile over one million lines, and the same in plain SQLite."""
    return _questions(run, "1m", 1, beside_sqlite=True)


def lake_10m(run: Run) -> Figures:
    """The same questions over ten million lines."""
    return _questions(run, "10m", 10, beside_sqlite=False)


def _questions(run: Run, size: str, times: int, *, beside_sqlite: bool) -> Figures:
    path, lines = run.folder / "book_questions", run.share(times)
    with ProcessPoolExecutor(
        1, get_context("spawn")
    ) as another:  # so that the memory of this process is the questions'
        another.submit(fill, path, lines).result()
    connection = Lake.connect(path)
    ours = {sql: median_seconds(partial(_rows, connection, sql)) for sql in _IN_SQLITE}
    theirs = _ask_sqlite(run.folder / "lines.sqlite3", connection) if beside_sqlite else {}
    connection.close()
    stock, counts = ours[_STOCK_BY_KEY], ours[_COUNTS]
    parts = f"stock by key {stock[0]:.3f} s + counts against the book {counts[0]:.3f} s"
    first = f"first asked {stock[1] + counts[1]:.3f} s"
    return {
        f"card_{size}": _figure((_CARD,), ours, theirs, f"{lines:,} lines; first asked {ours[_CARD][1]:.3f} s"),
        f"reconcile_{size}": _figure((_STOCK_BY_KEY, _COUNTS), ours, theirs, f"{lines:,} lines: {parts}; {first}"),
    }


def _rows(connection: DuckDBPyConnection | sqlite3.Connection, sql: str) -> Sequence[object]:
    return connection.execute(sql).fetchall()


def _figure(questions: Sequence[str], ours: Seconds, theirs: Seconds, note: str) -> Figure:
    seconds = sum(ours[sql][0] for sql in questions)
    if not theirs:
        return Figure(round(seconds, 4), "s", note=note)
    plain = sum(theirs[sql][0] for sql in questions)
    return Figure(round(seconds, 4), "s", round(plain / seconds, 3), f"{note}; ratio to plain SQLite: {plain:.3f} s")


def fill(path: Path, lines: int) -> None:
    """Make a lake of so many lines, or add what an earlier one lacks. The item descriptions are real entries."""
    if not path.exists():
        opened(path).close()
    with LakeWriter(path) as lake:
        lake.catch_up()
        run = lake.connection.execute
        there = run("SELECT count(*) FROM lake.line").fetchall()[0][0]
        words = {"items": len(ITEMS), "sites": len(SITES), "lots": len(LOTS)}
        for low in range(there, lines, COMMIT_LINES):
            high = min(low + COMMIT_LINES, lines)
            run("BEGIN")
            run(_MADE_LINES.format(low=low, high=high, **words))
            run(_MADE_ENTRIES.format(low=len(ITEMS) + low // 100, high=len(ITEMS) + high // 100))
            run("COMMIT")
        lake.compact()


def _ask_sqlite(path: Path, lake: DuckDBPyConnection) -> Seconds:
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    connection.execute(f"CREATE TABLE line ({_SQLITE_COLUMNS})")
    rows = lake.execute(f"SELECT {_SQLITE_COLUMNS.replace('happened_at', 'epoch(happened_at)::BIGINT')} FROM lake.line")
    while some := rows.fetchmany(100_000):
        connection.executemany(f"INSERT INTO line VALUES ({', '.join('?' * len(some[0]))})", some)
    connection.execute("CREATE INDEX by_item ON line (site, item, happened_at, delta)")
    connection.commit()
    asked = {sql: median_seconds(partial(_rows, connection, sql), 1) for sql in _IN_SQLITE.values()}
    connection.close()
    return {ours: asked[theirs] for ours, theirs in _IN_SQLITE.items()}
