"""The trap: a scanner that drops FNC1 joins the lot to what follows it. Nothing is guessed then."""

from datetime import date

import pytest
from biip.checksums import gs1_standard_check_digit
from hypothesis import assume, example, given
from hypothesis import strategies as st

from ledger.scanning import Reason, Scan, read_scan
from tests.test_scanning import GTIN, PRODUCT, refusal, understood, unhurried


@pytest.mark.parametrize(
    "merged",
    [
        "10LOT1217270101",
        "10LOT1211260101",
        "10LOT122100017",
        "10A121S",
        "10LOT123050",
        "10LOT123712",
        "10LOT12240REF9",
        "10LOT122100017" + "17270101",
        "10LOT1217270101" + "91X",
        "21S1" + "10LOT12",
        "305" + "10LOT12",
        "3050" + "1012",
        "10LOT12" + PRODUCT,
        "10" + "A" * 21,
        "10A12" + "21" + "S" * 18,
        "1727010110A12" + PRODUCT + "1727010110A12",
    ],
)
def test_a_lost_separator_is_noticed_and_nothing_is_guessed(merged: str) -> None:
    assert refusal(PRODUCT + merged).reason == Reason.SEPARATOR_LOST
    assert refusal("]d2" + PRODUCT + merged).reason == Reason.SEPARATOR_LOST


@pytest.mark.parametrize("lot", ["A12", "ABC123", "B2003C", "20200412", "LOT-7/5", "X" * 20, "1", "0021", "17"])
@pytest.mark.parametrize("before", ["", "17270101", "1126010117270101"])
def test_a_plain_lot_at_the_end_needs_no_separator(before: str, lot: str) -> None:
    assert understood(f"{PRODUCT}{before}10{lot}").lot == lot


@pytest.mark.parametrize("lot", ["20210305", "A2107B3", "L210312", "LOT3050"])
def test_a_good_lot_with_a_second_reading_is_refused_until_the_scan_is_certain(lot: str) -> None:
    assert refusal(f"{PRODUCT}1727010110{lot}").reason == Reason.SEPARATOR_LOST
    assert understood(f"{PRODUCT}1727010110{lot}", separator_proven=True).lot == lot
    assert understood(f"{PRODUCT}1727010110{lot}\x1d").lot == lot
    assert understood(f"(01){GTIN}(17)270101(10){lot}").lot == lot


def test_a_proven_scanner_does_not_excuse_a_label_whose_lot_ends_in_a_date() -> None:
    assert refusal(f"{PRODUCT}10LOT1217270101", separator_proven=True).reason == Reason.SEPARATOR_LOST
    assert refusal(f"{PRODUCT}10" + "A" * 21, separator_proven=True).reason == Reason.SEPARATOR_LOST


_CSET82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
_names = st.text(_CSET82, min_size=1, max_size=20).filter(lambda name: "<GS>" not in name)
_likely_names = st.text("0123", min_size=1, max_size=20) | st.integers(0, 99_999_999).map("L{}".format) | _names
_days = st.dates(date(2000, 1, 1), date(2060, 12, 31)).map(lambda day: day.strftime("%y%m%d"))
_counts = st.integers(1, 99_999_999).map(str)
_VALUES = {"10": _likely_names, "21": _likely_names, "30": _counts, "37": _counts, "11": _days, "17": _days}
_FIXED = ("11", "17")


@st.composite
def labels(draw: st.DrawFn) -> list[tuple[str, str]]:
    """Draw what a label says, in any order: (application identifier, value), the product first."""
    payload = draw(st.integers(1, 10**13 - 1).map(lambda number: f"{number:013}"))
    chosen = draw(st.lists(st.sampled_from(sorted(_VALUES)), unique=True, max_size=5))
    assume(not {"30", "37"} <= set(chosen))
    product = ("01", payload + str(gs1_standard_check_digit(payload)))
    return [product, *((ai, draw(_VALUES[ai])) for ai in chosen)]


def _joined(label: list[tuple[str, str]], separator: str) -> str:
    text = "".join(ai + value + ("" if ai in ("01", *_FIXED) else separator) for ai, value in label)
    return text.removesuffix(separator) if separator else text


def _said(scan: Scan) -> list[tuple[str, str]]:
    days = (("11", scan.produced_on), ("17", scan.expires_on))
    said = [("01", scan.gtin), ("10", scan.lot), ("21", scan.serial)]
    said += [(ai, day.strftime("%y%m%d")) for ai, day in days if day is not None]
    return sorted((ai, value) for ai, value in said if value is not None)


def _meant(label: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted((ai, value) for ai, value in label if ai not in ("30", "37"))


@unhurried
@given(labels(), st.sampled_from(["\x1d", "^", "{GS}", "<GS>"]))
def test_with_separators_every_label_is_read_as_it_was_written(label: list[tuple[str, str]], mark: str) -> None:
    closed = _joined(label, mark) + mark
    scan = understood(closed)
    assert _said(scan) == _meant(label)
    count = next((int(value) for ai, value in label if ai in ("30", "37")), None)
    assert scan.quantity == count


@unhurried
@given(labels())
def test_a_label_typed_with_brackets_is_read_as_it_was_written(label: list[tuple[str, str]]) -> None:
    typed = "".join(f"({ai})" + value.replace("(", "\\(") for ai, value in label)
    assert _said(understood(typed)) == _meant(label)


@unhurried
@given(labels())
@example([("01", GTIN), ("10", "20"), ("21", "0305")])
@example([("01", GTIN), ("10", "1"), ("30", "1"), ("21", "1")])
@example([("01", GTIN), ("30", "1"), ("10", "1"), ("17", "270101")])
def test_without_separators_a_label_is_read_rightly_or_refused_but_never_wrongly(
    label: list[tuple[str, str]],
) -> None:
    outcome = read_scan(_joined(label, ""))
    if isinstance(outcome, Scan):
        assert _said(outcome) == _meant(label)
    else:
        assert outcome.reason == Reason.SEPARATOR_LOST


@unhurried
@given(labels())
def test_a_value_that_swallowed_its_neighbour_is_always_refused(label: list[tuple[str, str]]) -> None:
    assume(any(ai not in ("01", *_FIXED) for ai, _ in label[:-1]))
    assert refusal(_joined(label, "")).reason == Reason.SEPARATOR_LOST
