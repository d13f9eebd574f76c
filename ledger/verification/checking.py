"""Verification (promises 3–5): the log against its seals, live folds against a replay, the lake against both.

It reads, compares and reports; it mends nothing. What is damaged is a row of the report, never a crash.
"""

from collections.abc import Sequence
from pathlib import Path

from ledger.errors import LedgerError
from ledger.folds import Folds
from ledger.joint import Joint
from ledger.logs.embedded import EmbeddedLog
from ledger.logs.opening import PageLog, open_log
from ledger.settings import read_settings
from ledger.standing import Standing, open_standing
from ledger.verification import lake as verify_lake
from ledger.verification.lake import FoundLake
from ledger.verification.replaying import Progress, Replay
from ledger.verification.rows import Compared, Report, broken, together, whole
from ledger.verification.states import KeptByWorkers, compare_states


def verify(book_path: Path, progress: Progress | None = None) -> Report:
    """Check everything a book holds against everything else. Raises `LedgerError` only if there is no log to read.

    A writer may go on meanwhile: the lake is looked at in one snapshot, and every comparison is at one page.
    """
    log = open_log(book_path)
    try:
        with verify_lake.look(book_path) as lake:
            return Report(tuple(_verify(book_path, log, lake, progress)))
    finally:
        log.close()


def _verify(book_path: Path, log: PageLog, lake: FoundLake | Compared, progress: Progress | None) -> list[Compared]:
    rows = _structure(book_path, log)
    joint = Joint()
    replays = [Replay(log, volume, progress, joint) for volume in range(log.volumes)]
    live: Standing | None = None
    try:
        live = open_standing(book_path)
        kept = _kept_by_workers(book_path, log.volumes)
        if isinstance(lake, Compared):
            drawn = [lake]
        else:
            kept.compare(replays, [lake.page(replay.volume) for replay in replays])
            drawn = _draw(lake, log, replays)
        kept.compare(replays)
        for replay, folds in zip(replays, live.volumes, strict=True):
            replay.to(folds.admission.page)
    except LedgerError as error:
        # By a book that is not whole nothing can be judged.
        return [*rows, broken("seals_and_chain", error, _pages(replays))]
    finally:
        if live is not None:
            live.close()
    rows += [whole("seals_and_chain", _pages(replays)), _refused(log, replays)]
    return rows + _live(live.volumes, replays) + _joint(book_path, live, joint) + kept.rows() + drawn


def _pages(replays: Sequence[Replay]) -> int:
    return sum(replay.folds.admission.page for replay in replays)


def _structure(book_path: Path, log: PageLog) -> list[Compared]:
    """Check the log as a store: the file of an embedded one; on Kafka every record, also those that repeat a page."""
    if isinstance(log, EmbeddedLog):
        return [_file(log)]
    from ledger.verification.cluster import topics  # noqa: PLC0415 - only a book on a cluster loads a Kafka client

    cluster = read_settings(book_path).cluster
    assert cluster is not None, "what is not in a folder is on a cluster"
    return topics(cluster)


def _kept_by_workers(book_path: Path, volumes: int) -> KeptByWorkers:
    cluster = read_settings(book_path).cluster
    if cluster is None:
        return KeptByWorkers([])
    from ledger.verification.cluster import snapshots  # noqa: PLC0415 - as above

    return snapshots(cluster, volumes)


def _joint(book_path: Path, live: Standing, replayed: Joint) -> list[Compared]:
    """Compare the chapters of all volumes; a book in a folder has one volume, and they are among its folds."""
    if read_settings(book_path).cluster is None:
        return []
    from ledger.verification.cluster import joint  # noqa: PLC0415 - as above

    return joint(live, replayed)


def _file(log: EmbeddedLog) -> Compared:
    try:
        log.integrity()
    except LedgerError as error:
        return broken("log_file", error)
    return whole("log_file", 1)


def _draw(lake: FoundLake, log: PageLog, replays: Sequence[Replay]) -> list[Compared]:
    """Compare the lake with the log and with the replay at the pages the lake is at."""
    at = verify_lake.position(lake, log)
    if at.differing:
        return [at]
    for replay in replays:
        replay.to(lake.page(replay.volume))
    return [at, *verify_lake.content(lake, log), *verify_lake.figures(lake, [replay.folds for replay in replays])]


def _refused(log: PageLog, replays: Sequence[Replay]) -> Compared:
    """Read back the bytes of every refused document; a digest must be listed on a page, and its bytes must be there."""
    differing, first = 0, ""
    kept = {digest: (replay.volume, page) for replay in replays for digest, page in replay.kept.items()}
    for digest, (volume, page) in kept.items():
        try:
            where = f"volume {volume} page {page}" if volume else f"page {page}"
            problem = "" if log.refused(digest) is not None else f"{where}: {digest}: bytes missing"
        except LedgerError as error:
            problem = broken("", error).first_difference
        if problem:
            differing += 1
            first = first or problem
    return Compared("refused_documents", len(kept), differing, first)


def _live(live: Sequence[Folds], replays: Sequence[Replay]) -> list[Compared]:
    return together(
        compare_states("live", folds, replay.folds, "live|replay", replay.volume)
        for folds, replay in zip(live, replays, strict=True)
    )
