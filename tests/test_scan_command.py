"""A scanner at a keyboard: `baogong scan`, and with it submit, reverse and token, as a user types them."""

import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryFile

import pytest

from ledger.book import Book
from tests.conftest import ROOT
from tests.serving import Served, new_book, new_token
from tests.spec import ANYONE, Numbers, described, donated, issued, received

GLOVES = "06901234567892"


def baogong(*arguments: str | Path, typed: str | bytes = "", lang: str = "en", code: int | None = 0) -> str:
    """Run a command in a process of its own (a fork: quick) and return what it printed on both channels."""
    with TemporaryFile() as keys, TemporaryFile() as notes, TemporaryFile() as rows:
        keys.write(typed.encode() if isinstance(typed, str) else typed)
        keys.seek(0)
        process = os.fork()
        if process == 0:
            _run_and_end([str(a) for a in arguments], lang, [keys.fileno(), rows.fileno(), notes.fileno()])
        status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        notes.seek(0)
        rows.seek(0)
        said = notes.read().decode() + rows.read().decode()
    assert code in (None, status), said
    assert "Traceback" not in said
    return said


def _run_and_end(arguments: list[str], lang: str, channels: list[int]) -> None:
    """Be the command: its channels, its language read anew, its exit code."""
    code: object = 70
    try:
        for number, file in enumerate(channels):
            os.dup2(file, number)
        sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w")  # noqa: SIM115 - open to the end
        os.environ.update({"BAOGONG_LANG": lang, "COLUMNS": "200", "NO_COLOR": "1"})
        sys.argv = ["baogong", *arguments]
        for name in [name for name in sys.modules if name.startswith("ledger.cli")]:
            del sys.modules[name]
        from ledger.cli import main

        main()
        code = 0
    except SystemExit as end:
        code = end.code
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 0 if code is None else 1)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A book that knows one item by its barcode."""
    path = new_book(tmp_path / "book")
    with_gloves = described("GLOVE", "双").but(gtins=[GLOVES])
    opened = Book.open(path, writable=True)
    opened.submit([with_gloves.numbered(Numbers()).bytes()], ANYONE)
    opened.close()
    return path


def lines_of(book: Path) -> list[dict[str, object]]:
    opened = Book.open(book)
    documents = [json.loads(e.raw) for page, _ in opened.pages() for e in page.entries]
    opened.close()
    return [line | {"kind": d["kind"]} for d in documents for line in d.get("lines", ())]


def on_hand(book: Path, site: str = "WH-01", item: str = "GLOVE") -> int:
    opened = Book.open(book)
    total = opened.folds.stock.totals.get((site, item))
    opened.close()
    return total.on_hand if total else 0


def test_scans_become_lines_with_their_lot_expiry_quantity_and_the_books_unit(book: Path) -> None:
    typed = f"(01){GLOVES}(17)270131(10)A12\n25\n\n(01){GLOVES}(10)B7\n"
    said = baogong("scan", "--site", "WH-01", "--kind", "received", "--book", book, typed=typed)
    assert "lot A12, expires 2027-01-31" in said
    assert "× 25" in said
    first, second = lines_of(book)
    assert first == {
        "line": 1, "item": GLOVES, "unit": "双", "quantity": 25, "lot": "A12", "expires_on": "2027-01-31",
        "scan": f"(01){GLOVES}(17)270131(10)A12", "kind": "goods_received.v1",
    }  # fmt: skip
    assert (second["lot"], second["quantity"], second["line"]) == ("B7", 1, 1)
    assert on_hand(book) == 26


def test_the_person_at_the_scanner_is_spoken_to_in_chinese(book: Path) -> None:
    typed = f"(01){GLOVES}(10)A12\n"
    said = baogong("scan", "--site", "WH-01", "--kind", "received", "--book", book, typed=typed, lang="zh")
    assert "批号 A12" in said
    assert "已保存 WH-01/" in said


@pytest.mark.parametrize(
    ("kind", "more", "left"),
    [
        ("received", [], 3), ("issued", ["--receiver", "ward-3"], -3), ("counted", [], 0),
        ("returned", ["--receiver", "ward-3"], 3), ("returned", ["--receiver", "ward-3", "--condition", "lost"], 0),
    ],
)  # fmt: skip
def test_each_kind_of_scan_moves_the_book_as_its_document_does(
    book: Path, kind: str, more: list[str], left: int
) -> None:
    baogong("scan", "--site", "WH-01", "--kind", kind, "--book", book, *more, typed=f"(01){GLOVES}\n3\n")
    assert len(lines_of(book)) == 1
    assert on_hand(book) == left


def test_a_scan_whose_lot_and_serial_ran_together_is_refused_and_kept_with_its_characters(book: Path) -> None:
    merged = f"01{GLOVES}10A1221455"
    typed = f"(01){GLOVES}(10)OK1\n{merged}\n4\n"
    said = baogong("scan", "--site", "WH-01", "--kind", "received", "--book", book, typed=typed, code=1)
    assert "nothing is guessed" in said
    assert [(line["lot"], line["quantity"]) for line in lines_of(book)] == [("OK1", 4)]
    opened = Book.open(book)
    refused = [r for page, _ in opened.pages() for r in page.header.refused]
    kept = json.loads(opened.log.refused(refused[0].digest) or b"")
    opened.close()
    assert len(refused) == 1
    assert kept["lines"] == [{"line": 1, "scan": merged}]
    assert "separator_lost" in kept["note"]


def test_the_separator_of_a_scan_survives_the_keyboard(book: Path) -> None:
    typed = f"01{GLOVES}10A12\x1d21S9\x1d\n\n".encode()
    baogong("scan", "--site", "WH-01", "--kind", "received", "--book", book, typed=typed)
    assert [line["lot"] for line in lines_of(book)] == ["A12"]


def test_nothing_issued_is_no_movement_but_nothing_found_is_a_count(book: Path) -> None:
    baogong("scan", "--site", "WH-01", "--kind", "counted", "--book", book, typed=f"(01){GLOVES}\n0\n")
    issue = ["--kind", "issued", "--receiver", "w"]
    said = baogong("scan", "--site", "WH-01", *issue, "--book", book, typed=f"(01){GLOVES}\n0\n")
    assert "At least 1" in said
    assert [line["quantity"] for line in lines_of(book)] == [0, 1]


def test_an_issue_without_a_receiver_is_wrong_use_before_anything_is_scanned(book: Path) -> None:
    assert "--receiver" in baogong("scan", "--site", "WH-01", "--kind", "issued", "--book", book, code=2)


def test_scans_reach_the_gateway_and_while_it_is_away_they_wait_in_the_outbox(book: Path, tmp_path: Path) -> None:
    outbox, token = tmp_path / "o.sqlite3", tmp_path / "token"
    token.write_text(new_token(book) + "\n")
    with Served(book) as gateway:
        way = ["--via", gateway.url, "--token-file", token, "--outbox", outbox]
        baogong("scan", "--site", "WH-01", "--kind", "received", *way, typed=f"(01){GLOVES}\n5\n")
        assert gateway.get("/v1/stock")["rows"][0]["on_hand"] == 5
    way[1] = "http://127.0.0.1:9"
    said = baogong("scan", "--site", "WH-01", "--kind", "received", "--unit", "双", *way, typed=f"(01){GLOVES}\n7\n")
    assert "waiting" in said
    assert on_hand(book) == 5
    with Served(book) as gateway:
        way[1] = gateway.url
        assert json.loads(baogong("submit", *way, "--format", "json"))[0]["result"] == "admitted"
    assert on_hand(book) == 12


def test_a_file_submitted_twice_counts_once_and_says_so(book: Path, tmp_path: Path) -> None:
    file = tmp_path / "documents.ndjson"
    fields = {k: v for k, v in received(9, item="GLOVE", unit="双").fields.items() if k not in ("source", "number")}
    file.write_text(json.dumps(fields) + "\n\n" + json.dumps(fields | {"lines": []}) + "\n")
    first = baogong("submit", file, "--book", book, code=1)
    assert "unreadable" in first
    assert "2 of them were in the outbox already" in baogong("submit", file, "--book", book, code=1)
    assert on_hand(book) == 9
    baogong("submit", "-", "--book", book, typed=json.dumps(fields | {"note": "by pipe"}))
    assert on_hand(book) == 18


def test_an_entry_is_reversed_with_its_own_bytes_and_only_once(book: Path, tmp_path: Path) -> None:
    wrong = issued(4, item="GLOVE", unit="双").but(number=1)
    baogong("submit", "-", "--book", book, typed=wrong.bytes())
    assert on_hand(book) == -4
    baogong("reverse", "WH-01/dev-1.t1/1", "--reason", "wrong ward", "--book", book)
    assert on_hand(book) == 0
    assert "reversed already" in baogong("reverse", "WH-01/dev-1.t1/1", "--reason", "again", "--book", book, code=1)
    baogong("reverse", "WH-01/dev-1.t1/2", "--reason", "x", "--book", book, code=2)
    baogong("reverse", "nonsense", "--reason", "x", "--book", book, code=2)


def test_a_reversal_names_the_entry_that_says_it_right_and_the_public_list_shows_both(book: Path) -> None:
    """(B8) It need not be there yet."""
    wrong, right = (donated(n, donor, item="GLOVE", unit="双") for n, donor in ((30, "a firm"), (13, "The Firm")))
    baogong("submit", "-", "--book", book, typed=wrong.but(number=1).bytes())
    said = ("--reason", "wrong figure", "--corrected-by", "WH-01/dev-1.t1/2")
    baogong("reverse", "WH-01/dev-1.t1/1", *said, "--book", book)
    baogong("submit", "-", "--book", book, typed=right.but(number=2).bytes())
    shown = baogong("audit", "sql", "SELECT donor, quantity, corrected_from FROM donations", "--book", book)
    assert "The Firm" in shown
    assert "30 双" in shown
    baogong("reverse", "WH-01/dev-1.t1/2", "--reason", "x", "--corrected-by", "nonsense", "--book", book, code=2)


def test_an_entry_is_reversed_through_the_gateway_too(book: Path, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text(new_token(book))
    with Served(book) as gateway:
        gateway.post(received(6, item="GLOVE", unit="双").but(number=1))
        way = ["--via", gateway.url, "--token-file", token, "--outbox", tmp_path / "o.sqlite3"]
        baogong("reverse", "WH-01/dev-1.t1/1", "--reason", "wrong site", *way)
        assert gateway.get("/v1/stock")["rows"][0]["on_hand"] == 0


def test_a_token_is_shown_once_and_can_be_listed_and_withdrawn(book: Path) -> None:
    secret = baogong("token", "add", "dev-5", "--site", "WH-05", "--source", "dev-5", "--book", book).split()[-1]
    listed = baogong("token", "list", "--book", book, "--format", "json")
    assert secret not in listed
    assert json.loads(listed)[0]["sites"] == ["WH-05"]
    baogong("token", "add", "dev-5", "--book", book, code=2)
    baogong("token", "remove", "dev-5", "--book", book)
    assert json.loads(baogong("token", "list", "--book", book, "--format", "json")) == []
    baogong("token", "remove", "dev-5", "--book", book, code=2)


def test_serve_prints_the_port_it_chose_and_says_who_holds_a_book(book: Path) -> None:
    command = [sys.executable, "-m", "processors.serve", "--book", str(book), "--port", "0", "--no-lake"]
    serving = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert serving.stdout is not None
    assert "http://127.0.0.1:" in serving.stdout.readline()
    assert str(serving.pid) in baogong("submit", "-", "--book", book, typed="{}", code=3)
    serving.terminate()
    assert serving.wait(20) == 0
    serving.communicate()
