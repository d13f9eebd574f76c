"""The book for others: tables that need neither us nor the log to be read."""

from pathlib import Path

from ledger.errors import BrokenEnvironment
from ledger.lake import Lake
from ledger.lake.views import published


def export_lake(book: Path, to: Path, *, parquet: bool) -> int:
    """Write every published view as a table of one DuckDB file, or as one Parquet file each; return how many."""
    _must_be_new(to)
    lake = Lake.connect(book, still=True)
    views = [view for view in published() if not view.is_macro]
    if parquet:
        to.mkdir(parents=True)
        for view in views:
            lake.execute(f"COPY {view.name} TO '{_quoted(to / view.name)}.parquet' (FORMAT parquet)")
        return len(views)
    lake.execute(f"ATTACH '{_quoted(to)}' AS export")
    for view in views:
        lake.execute(f"CREATE TABLE export.{view.name} AS FROM {view.name}")
        lake.execute(f"COMMENT ON TABLE export.{view.name} IS '{_escaped(str(view.about))}'")
        for column, words in view.columns.items():
            lake.execute(f"COMMENT ON COLUMN export.{view.name}.\"{column}\" IS '{_escaped(str(words))}'")
    lake.execute("DETACH export")
    return len(views)


def _must_be_new(to: Path) -> None:
    if to.exists():
        raise BrokenEnvironment("export_exists", path=to)


def _quoted(path: Path) -> str:
    return _escaped(str(path.resolve()))


def _escaped(text: str) -> str:
    return text.replace("'", "''")
