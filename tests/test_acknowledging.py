"""Taking an alert on by command: one that is not open is said not to be, and the answer is recorded all the same."""

import subprocess
import sys
from pathlib import Path

from ledger.book import Book
from tests.on_disk import OnDisk
from tests.serving import Served
from tests.spec import described, issued

BAOGONG = str(Path(sys.executable).parent / "baogong")
OPEN = "negative_book/WH-01/KN95"
MISTYPED = "negative_book/WH-01/KN59"
SAID = f"No open alert is called {MISTYPED}"


def acknowledge(folder: Path, alert: str, *more: str) -> subprocess.CompletedProcess[str]:
    words = ["acknowledge", alert, "--measure", "counting again", "--lang", "en", "--source", "desk", *more]
    return subprocess.run([BAOGONG, *words], cwd=folder, capture_output=True, text=True, check=False)


def short(folder: Path) -> Path:
    """Make a book with one open alert."""
    disk = OnDisk(folder / "book")
    disk.admit(described(箱=700), issued(5))
    disk.book.close()
    return disk.path


def test_an_answer_to_an_alert_that_is_not_open_is_recorded_and_said_to_meet_none(tmp_path: Path) -> None:
    """(D8)"""
    book = short(tmp_path)
    mistyped = acknowledge(tmp_path, MISTYPED, "--book", str(book))
    assert (mistyped.returncode, SAID in mistyped.stderr) == (0, True), mistyped.stderr
    meant = acknowledge(tmp_path, OPEN, "--book", str(book))
    assert (meant.returncode, "No open alert" in meant.stderr) == (0, False), meant.stderr
    opened = Book.open(book)
    sources = opened.folds.admission.sources.items()
    assert [numbers.last for (site, source), numbers in sources if site == "WH-01" and "desk" in source] == [2]
    assert opened.folds.alerts.open[OPEN].state == "acknowledged"
    opened.close()


def test_a_gateway_is_asked_which_alerts_are_open(tmp_path: Path) -> None:
    """(D8)"""
    with Served(short(tmp_path)) as gateway:
        secret = tmp_path / "secret"
        secret.write_text(gateway.secret)
        way = ("--via", gateway.url, "--token-file", str(secret))
        mistyped, meant = (acknowledge(tmp_path, alert, *way) for alert in (MISTYPED, OPEN))
        assert (mistyped.returncode, SAID in mistyped.stderr) == (0, True), mistyped.stderr
        assert (meant.returncode, "No open alert" in meant.stderr) == (0, False), meant.stderr
        states = {alert["alert"]: alert["state"] for alert in gateway.client.get("/v1/alerts").json()["alerts"]}
        assert states[OPEN] == "acknowledged"
