"""The scenario suite: every file of tests/scenarios on every runtime, to the same stock, results and seals."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from ledger.book import ZONE
from ledger.folds import Folds
from projections.alerts import open_alerts
from projections.stock import Balance
from schemas.alerts import Alert
from schemas.entry import type_of_kind
from schemas.page import Result
from tests.scenarios.dialect import Book, Sent, Statement, moment, read, sent
from tests.scenarios.runtime import Embedded, Runtime, alerts_said
from tests.spec import Doc, Numbers

FILES = sorted((Path(__file__).parent / "scenarios").glob("*.txt"))
OPENED_AT = moment("2020-01-29", "08:00")
RUNTIMES: dict[str, Callable[[Path, str, datetime], Runtime]] = {"embedded": Embedded}


def alerts_of(folds: Folds) -> tuple[Alert, ...]:
    """Return every alert that is open at the moment of the last page, by an entry or by time."""
    recorded_at = folds.admission.recorded_at
    assert recorded_at is not None
    return (*open_alerts(folds.alerts), *folds.due(recorded_at.astimezone(ZONE)))


class Run:
    """One scenario on one runtime."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.book = Book()
        self.numbers = Numbers()
        self.last: Result | None = None
        self.kinds: set[str] = set()

    def play(self, statements: list[Statement]) -> None:
        """Play statement by statement; a document without `expect result` after it must be admitted."""
        followed_by = [s.words for s in statements[1:]] + [()]
        for statement, after in zip(statements, followed_by, strict=True):
            if statement.words[0] == "expect":
                self.expect(statement)
                continue
            self.send(sent(statement))
            if after[:2] != ("expect", "result"):
                assert self.last is Result.ADMITTED, f"{statement.place}: {self.last}"

    def send(self, said: Sent) -> None:
        made = said.make(self.book)
        doc = made.numbered(self.numbers) if isinstance(made, Doc) else None
        raw = doc.bytes() if doc else made
        assert isinstance(raw, bytes)
        self.last = self.runtime.submit([raw], said.recorded_at)[0]
        if doc and self.last is Result.ADMITTED:
            fields = doc.fields
            self.kinds.add(fields["kind"])
            self.book[f"{fields['site']}/{fields['source']}#{fields['number']}"] = (doc, self.runtime.readings()[0])

    def expect(self, statement: Statement) -> None:
        _, what, *words = statement.words
        folds = self.runtime.folds()
        match what, words:
            case "result", [result]:
                found: object = str(self.last)
                wanted: object = result
            case "stock", [site, item, *figures]:
                wanted = {name: int(value) for name, value in zip(figures[::2], figures[1::2], strict=True)}
                found = {name: stock_figure(folds, site, item, name) for name in wanted}
            case "lot", [site, item, lot, *figures]:
                balance = folds.stock.balances.get((site, item, lot), Balance())
                wanted = dict(zip(figures[::2], figures[1::2], strict=True))
                found = {name: str(getattr(balance, name)) for name in wanted}
            case "transit", [transfer, item, quantity]:
                legs = {k: leg.in_transit() for k, leg in folds.transfers.legs.items() if k[:2] == (transfer, item)}
                found, wanted = sum(legs.values()), int(quantity)
            case "gaps", [site, source, *gaps]:
                found = [f"{low}-{high}" for low, high in folds.admission.sources[site, source].gaps]
                wanted = gaps
            case "alerts", names:
                found = sorted(a.alert for a in alerts_of(folds))
                wanted = sorted(names)
            case "seal", [seal]:
                found, wanted = folds.admission.seal, seal
            case _:
                raise AssertionError(f"{statement.place}: nobody knows the words {statement.words}")
        assert found == wanted, f"{statement.place}: found {found}, expected {wanted}"


def stock_figure(folds: Folds, site: str, item: str, name: str) -> int:
    if name == "designated":
        return folds.stock.reserved(site, item)
    if name == "negative_moments":
        return folds.stock.totals[site, item].negative_moments
    return sum(getattr(b, name) for (s, i, _), b in folds.stock.balances.items() if (s, i) == (site, item))


def play(path: Path, folder: Path, start: Callable[[Path, str, datetime], Runtime]) -> Run:
    run = Run(start(folder, f"bg-{path.stem}", OPENED_AT))
    try:
        run.play(read(path))
        replayed = run.runtime.replayed()
        assert replayed == run.runtime.folds()
        said = alerts_said(replayed)
        assert run.runtime.alerts(said) == said
    finally:
        run.runtime.close()
    return run


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_scenario_comes_out_as_it_is_written(path: Path, runtime: str, tmp_path: Path) -> None:
    play(path, tmp_path, RUNTIMES[runtime])


def test_every_scenario_pins_its_last_seal_and_every_kind_of_entry_has_a_scenario(tmp_path: Path) -> None:
    kinds: set[str] = set()
    for path in FILES:
        assert read(path)[-1].words[:2] == ("expect", "seal"), path.name
        kinds |= play(path, tmp_path / path.stem, Embedded).kinds
    assert kinds == set(type_of_kind), "kinds without a scenario"


@pytest.mark.parametrize(
    "line",
    [
        "expect stock WH KN95 on_hand 11",
        "expect result conflicting",
        "expect seal " + "0" * 64,
        "at 2020-01-29 12:00 WH issued 1 桶 KN95 to 同济",
        "at 2020-01-29 12:00 WH vanished 1 只 KN95",
    ],
)
def test_a_scenario_that_does_not_come_out_fails(line: str, tmp_path: Path) -> None:
    path = tmp_path / "wrong.txt"
    path.write_text(
        f"at 2020-01-29 09:00 * described KN95 in 只\nat 2020-01-29 10:00 WH received 10 只 KN95\n{line}\n", "utf-8"
    )
    with pytest.raises(AssertionError):
        play(path, tmp_path, Embedded)
