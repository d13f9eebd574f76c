"""Verification of a whole book, and filling its lake before it."""

import shutil

from ledger.lake import LakeWriter
from ledger.verification import verify
from tests.bench.books import recorded
from tests.bench.figures import Figure, Figures, Run, Watch


def verify_book(run: Run) -> Figures:
    """`baogong verify`: file, seals, live folds = replay = SQL, key by key; and filling the lake before it."""
    path, _ = recorded(run, 100)
    filling, checking = Watch(), Watch()
    shutil.rmtree(path / "lake", ignore_errors=True)
    with filling.on(), LakeWriter(path) as lake:
        lake.catch_up()
    with checking.on():
        report = verify(path)
    assert report.ok, f"a sound book verifies: {report.rows}"
    lines = run.share(1)
    compared = sum(row.compared for row in report.rows)
    note = f"{lines:,} lines, 100 a document; {len(report.rows)} checks over {compared:,} pages, keys and rows"
    return {
        "verify_1m": Figure(round(checking.seconds, 3), "s", note=note),
        "lake_catch_up_1m": Figure(round(filling.seconds, 3), "s", note=f"the lake from nothing, {lines:,} lines"),
    }
