"""`python -m processors.trial` (`make run`): open or reopen the rehearsal book, play the trial, print, check, serve.

With `--kafka` (`make run-kafka`) the book is on a cluster, with two workers of each kind. ONCE=1 ends after printing;
exit 0 only if verification held and every planted fault was found. BAOGONG_TRIAL_BOOK names the folder of the book
(default var/trial, on a cluster var/trial-kafka).
"""

import os
import signal
import sys
import time
from contextlib import AbstractContextManager, closing, nullcontext
from datetime import timedelta
from pathlib import Path

from ledger.cli.language import LANG, t
from ledger.cli.output import notes, progress
from ledger.cli.reading import rows_of
from ledger.errors import BrokenEnvironment, LedgerError, WrongUse
from ledger.lake import Lake
from ledger.lake.files import folder_of
from ledger.logs.opening import open_log
from ledger.settings import read_settings
from ledger.standing import open_book as make_book
from ledger.standing import open_to_keep
from ledger.verification import verify
from processors.trial import show
from processors.trial.findings import examine
from processors.trial.gateway_process import Running, gateway
from processors.trial.plan import Plan, make_plan
from processors.trial.play import hand_out_tokens, play, scanners

DEFAULT_BOOK = Path("var/trial")
ON_KAFKA = "--kafka"
_THERE = ("book_exists", "kafka_book_exists")
LAKE_SECONDS_MAX = 60
LOOKING_SECONDS = 0.2


def main() -> int:
    """Run the trial; return the exit code. Whatever the environment does to it is said in the user's language."""
    # A supervisor's SIGTERM ends us as Ctrl-C does: the gateway is stopped in order.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    on_kafka = ON_KAFKA in sys.argv[1:]
    usual = DEFAULT_BOOK.with_name(f"{DEFAULT_BOOK.name}-kafka") if on_kafka else DEFAULT_BOOK
    path = Path(os.environ.get("BAOGONG_TRIAL_BOOK") or usual).absolute()
    try:
        with _place(path, on_kafka=on_kafka):
            return run(make_plan(), path, once=bool(os.environ.get("ONCE")))
    except LedgerError as error:
        notes.print(f"✗ {error.text(LANG)}", style="bold red", markup=False)
        return error.exit_code
    except KeyboardInterrupt:
        return 130


def _place(path: Path, *, on_kafka: bool) -> AbstractContextManager[None]:
    if not on_kafka:
        return nullcontext()
    from processors.trial.cluster import cluster  # noqa: PLC0415 - only a trial on a cluster loads a Kafka client

    return cluster(path)


def run(plan: Plan, path: Path, *, once: bool) -> int:
    """Play a plan into the book at `path` through its gateway, look, print; serve unless `once`. 0 when all held."""
    reopened = open_book(path, plan)
    secrets = hand_out_tokens(path, plan.materials.devices)
    with gateway(path) as running:
        with scanners(plan.materials.devices, running.url, secrets) as door, progress(t("演练", "Playing")) as bar:
            tally = play(plan, door, bar)
        show.say_tally(plan, tally)
        wait_for_lake(path)
        show.show_stock(path)
        outcome = examine(plan, path, sent_before=reopened)
        show.show_alerts(outcome)
        show.show_findings(outcome)
        with progress(t("核对", "Verifying")) as bar:
            report = verify(path, bar)
        show.show_verification(report)
        ok = report.ok and outcome.ok and not tally.surprises
        show.say_end(ok=ok)
        if not once:
            show.say_next(path, running.url, secrets)
            _serve_until_interrupted(running)
    return 0 if ok else 1


def open_book(path: Path, plan: Plan) -> bool:
    """Open the rehearsal book, or make it; tell whether it was there. Raises `WrongUse` for another, `BookHeld`."""
    opened_at = plan.batches[0].recorded_at - timedelta(minutes=1)
    try:
        make_book(path, nature="rehearsal", title=plan.title, opened_at=opened_at)
    except BrokenEnvironment as error:
        if error.code not in _THERE:
            raise
    else:
        _wait_until_opened(path)
        notes.print(t(f"✓ 已建演练账本:{path}", f"✓ Opened a rehearsal book at {path}"), highlight=False)
        return False
    # For writing, though nothing is written: a trial still serving in another window is told before tokens change.
    book = open_to_keep(path)
    opening = book.opening
    book.close()
    if opening.nature != "rehearsal" or opening.title != plan.title:
        found = f"{opening.nature} {opening.title}"
        raise WrongUse("trial_book_of_another", path=path, expected=plan.title, found=found)
    notes.print(t(f"✓ 演练账本已在 {path},再放一遍", f"✓ The rehearsal book is at {path}: playing it again"))
    return True


def _wait_until_opened(path: Path) -> None:
    if read_settings(path).cluster is not None:
        from processors.trial.cluster import wait_until_opened  # noqa: PLC0415 - as above

        wait_until_opened(path)


def wait_for_lake(path: Path) -> None:
    """Wait until the lake has every page there is. Raises `BrokenEnvironment` if it does not get there."""
    log = open_log(path)
    wanted = {volume: log.last_page(volume) for volume in range(log.volumes)}
    log.close()
    lag, deadline = sum(wanted.values()), time.monotonic() + LAKE_SECONDS_MAX
    while lag and time.monotonic() < deadline:
        time.sleep(LOOKING_SECONDS)
        lag = sum(wanted.values()) - _pages_in_lake(path)
    if lag:
        raise BrokenEnvironment("trial_lake_behind", path=path, found=lag)


def _pages_in_lake(path: Path) -> int:
    if not folder_of(path).exists():
        return 0
    with closing(Lake.connect(path)) as lake:
        return sum(row["pages"] for row in rows_of(lake, "SELECT max(page) AS pages FROM pages GROUP BY volume"))


def _serve_until_interrupted(running: Running) -> None:
    try:
        running.wait()
    except KeyboardInterrupt:
        notes.print(t("正在停下…", "Stopping…"))


if __name__ == "__main__":
    sys.exit(main())
