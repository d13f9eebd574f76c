"""Everything that can fail on Kafka is made to fail, in turn, while documents flow; after each, all is compared.

    python -m tests.kafka.drills --kills 200              the long form; --seed N for another order
    python -m tests.kafka.drills --kills 10 --short       as CI runs it

It prints a table, and ends with 1 if anything was lost, double or wrong.
"""

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.kafka.drilling import Drill, Row
from tests.kafka.faults import FAULTS, damage_pages, kill_each_kind

HEADING = (
    "| fault | times | lost | double | wrong | seconds to serve again (median / worst) |\n|---|---|---|---|---|---|"
)


def run(folder: Path, kills: int, seed: int, *, short: bool, only: str = "") -> list[Row]:
    """Do every fault; return a row for each. `only`: faults whose function names hold this word."""
    folder.mkdir(parents=True, exist_ok=True)
    drill = Drill(folder, seed)
    rows = []
    try:
        drill.served(time.monotonic())
        for fault, times_short, times_long in FAULTS:
            if only not in fault.__name__:
                continue
            times = kills if fault is kill_each_kind else times_short if short else times_long
            row = Row(fault.__doc__ or fault.__name__, times)
            try:
                row.seconds = list(fault(drill, times))
            except AssertionError as error:  # what was to fail did not fail as it must: the others are still tried
                row.wrong, row.said = 1, [str(error)]
            drill.judge(row)
            rows.append(_told(row))
        if only in damage_pages.__name__:
            rows.append(_told(damage_pages(drill, folder)))
    finally:
        drill.stop()
    sys.stdout.write(
        f"{len(drill.witness.identities)} documents in the book, {len(drill.traffic.acknowledged)} by `scans`"
        f" ({drill.traffic.repeated} of them twice), {len(drill.traffic.poison)} poison\n"
    )
    return rows


def _told(row: Row) -> Row:
    sys.stdout.write(row.text() + "\n" + "".join(f"    {said}\n" for said in row.said))
    sys.stdout.flush()
    return row


def main() -> int:
    """Run the drill the command line asks for; 1 when a promise was broken."""
    asked = argparse.ArgumentParser(prog="tests.kafka.drills")
    asked.add_argument("--kills", type=int, default=200)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--short", action="store_true")
    asked.add_argument("--only", default="")
    asked.add_argument("--folder", type=Path)
    given = asked.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="baogong-drill-"))
    sys.stdout.write(HEADING + "\n")
    began = time.monotonic()
    rows = run(folder, given.kills, given.seed, short=given.short, only=given.only)
    broken = any(row.lost or row.double or row.wrong for row in rows)
    if not broken and given.folder is None:
        shutil.rmtree(folder)
    sys.stdout.write(f"{time.monotonic() - began:.0f} s{f'; see {folder}' if broken else ''}\n")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
