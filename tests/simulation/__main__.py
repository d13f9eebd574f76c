"""Run many seeds: `python -m tests.simulation --seeds 1000`, or one again: `python -m tests.simulation --seed 17`."""

import argparse
import sys
import time

from tests.simulation.world import simulate


def main() -> int:
    """Run the seeds asked for; return 1 if one failed."""
    parser = argparse.ArgumentParser(prog="tests.simulation", description="Devices, a bad line, a crashing book.")
    parser.add_argument("--seeds", type=int, default=100, help="how many seeds to run")
    parser.add_argument("--seed", type=int, help="run this one, and show where it fails")
    asked = parser.parse_args()
    if asked.seed is not None:
        simulate(asked.seed)
        return 0
    failed, crashes, began = [], 0, time.monotonic()
    for seed in range(asked.seeds):
        try:
            crashes += simulate(seed).crashes
        except AssertionError as error:
            failed.append(seed)
            sys.stdout.write(f"seed {seed}: {error}\n")
    seconds = time.monotonic() - began
    sys.stdout.write(f"{asked.seeds} seeds, {crashes} crashes, {len(failed)} failed {failed}, {seconds:.0f} s\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
