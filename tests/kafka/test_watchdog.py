"""How a worker ends itself: when its work stands still, on our own bug, on damage; and not while its work moves."""

import json
import subprocess
import sys

import pytest

from tests.conftest import ROOT

BEGIN = "import time\nfrom ledger.errors import Damage\nfrom processors.watchdog import Watch\nw = Watch('stock', 1)\n"
CASES = [
    ("with w.work():\n    time.sleep(30)", 70, "worker.stalled"),
    ("with w.work():\n    1 / 0", 70, "worker.fault"),
    ("with w.work():\n    raise Damage('page_missing', expected=2, found=3)", 4, "worker.stopped"),
]


def run(work: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", BEGIN + work], cwd=ROOT, capture_output=True, text=True, check=False, timeout=20
    )


@pytest.mark.parametrize(("work", "code", "event"), CASES)
def test_a_worker_that_cannot_go_on_ends_itself_and_says_why(work: str, code: int, event: str) -> None:
    ended = run(work)
    assert ended.returncode == code
    said = json.loads(ended.stderr.splitlines()[-1])
    assert said["event"] == event
    if event == "worker.stopped":
        assert "Page 2 is missing" in said["en"]
        assert "缺第 2 页" in said["zh"]


def test_long_work_that_moves_and_a_worker_without_work_live() -> None:
    moving = "with w.work():\n    for _ in w.each(range(6)):\n        time.sleep(0.5)\ntime.sleep(2.5)\nprint('alive')"
    assert run(moving).stdout == "alive\n"
