"""`python -m processors.trial` (`make run`): open or reopen the rehearsal book, play the trial, print, check, serve.

ONCE=1 ends after printing; exit 0 only if verification held and every planted fault was found. BAOGONG_TRIAL_BOOK
names the folder of the book (default var/trial).
"""

import os
import signal
import sys
import time
from datetime import timedelta
from pathlib import Path

from ledger.book import LOG_FILE, Book
from ledger.cli.language import LANG, t
from ledger.cli.output import notes, progress
from ledger.courier import Courier
from ledger.errors import BrokenEnvironment, LedgerError, WrongUse
from ledger.verification import verify
from processors.trial import show
from processors.trial.findings import examine
from processors.trial.gateway_process import Running, gateway
from processors.trial.plan import Plan, make_plan
from processors.trial.play import READER, hand_out_tokens, play, scanners

DEFAULT_BOOK = Path("var/trial")
TITLE = "演练 trial 2020-01"
LAKE_SECONDS_MAX = 60
LOOKING_SECONDS = 0.2


def main() -> int:
    """Run the trial; return the exit code. Whatever the environment does to it is said in the user's language."""
    # A supervisor's SIGTERM ends us as Ctrl-C does: the gateway is stopped in order.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    path = Path(os.environ.get("BAOGONG_TRIAL_BOOK") or DEFAULT_BOOK)
    try:
        return run(make_plan(), path, once=bool(os.environ.get("ONCE")))
    except LedgerError as error:
        notes.print(f"✗ {error.text(LANG)}", style="bold red", markup=False)
        return error.exit_code
    except KeyboardInterrupt:
        return 130


def run(plan: Plan, path: Path, *, once: bool) -> int:
    """Play a plan into the book at `path` through its gateway, look, print; serve unless `once`. 0 when all held."""
    reopened = open_book(path, plan)
    secrets = hand_out_tokens(path, plan.materials.devices)
    with gateway(path) as running:
        with scanners(plan.materials.devices, running.url, secrets) as door, progress(t("演练", "Playing")) as bar:
            tally = play(plan, door, bar)
        show.say_tally(plan, tally)
        wait_for_lake(path, running.url, secrets[READER])
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
    if not (path / LOG_FILE).exists():
        opened_at = plan.batches[0].recorded_at - timedelta(minutes=1)
        Book.create(path, nature="rehearsal", title=TITLE, opened_at=opened_at).close()
        notes.print(t(f"✓ 已建演练账本:{path}", f"✓ Opened a rehearsal book at {path}"), highlight=False)
        return False
    # For writing, though nothing is written: a trial still serving in another window is told before tokens change.
    book = Book.open(path, writable=True)
    opening = book.opening
    book.close()
    if opening.nature != "rehearsal" or opening.title != TITLE:
        raise WrongUse("trial_book_of_another", path=path, expected=TITLE, found=f"{opening.nature} {opening.title}")
    notes.print(t(f"✓ 演练账本已在 {path},再放一遍", f"✓ The rehearsal book is at {path}: playing it again"))
    return True


def wait_for_lake(path: Path, url: str, secret: str) -> None:
    """Wait until the gateway says that its lake has every page. Raises `BrokenEnvironment` if it does not get there."""
    lag, deadline = 0, time.monotonic() + LAKE_SECONDS_MAX
    with Courier(url, secret) as courier:
        while time.monotonic() < deadline:
            ready = courier.ask("/readyz")
            assert ready is not None, "every gateway answers /readyz"
            lag = int(ready["lake_lag_pages"])
            if lag == 0:
                return
            time.sleep(LOOKING_SECONDS)
    raise BrokenEnvironment("trial_lake_behind", path=path, found=lag)


def _serve_until_interrupted(running: Running) -> None:
    try:
        running.wait()
    except KeyboardInterrupt:
        notes.print(t("正在停下…", "Stopping…"))


if __name__ == "__main__":
    sys.exit(main())
