"""What `ledger.scanning` reads and refuses: good scans, bad scans, real vectors."""

import json
from dataclasses import FrozenInstanceError
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.scanning import Reason, RefusedScan, Scan, read_scan

GTIN = "06901234567892"
PRODUCT = "01" + GTIN
MA = "MA.156.M0.100204.13351764"


def understood(raw: str, *, separator: str = "\x1d", separator_proven: bool = False) -> Scan:
    outcome = read_scan(raw, separator=separator, separator_proven=separator_proven)
    assert isinstance(outcome, Scan), outcome
    assert outcome.raw == raw
    return outcome


def refusal(raw: str, *, separator_proven: bool = False) -> RefusedScan:
    outcome = read_scan(raw, separator_proven=separator_proven)
    assert isinstance(outcome, RefusedScan), outcome
    assert outcome.raw == raw
    return outcome


@pytest.mark.parametrize(
    "raw",
    [
        f"{PRODUCT}1726050110A12\x1d21S1",
        f"\x1d{PRODUCT}1726050110A12\x1d21S1",
        f"]d2{PRODUCT}1726050110A12\x1d21S1",
        f"]Q3{PRODUCT}1726050110A12\x1d21S1",
        f"]C1{PRODUCT}1726050110A12\x1d21S1",
        f"]e0{PRODUCT}1726050110A12\x1d21S1",
        f"^{PRODUCT}10A12^21S1^17260501",
        f"{{GS}}{PRODUCT}10A12{{GS}}21S1{{GS}}17260501\r\n",
        f"{PRODUCT}10A12<GS>1726050121S1",
        f"(01){GTIN}(17)260501(10)A12(21)S1",
        f"  (01) {GTIN} (10) A12 (21) S1 (17) 260501 ",
        f"https://id.gs1.org/01/{GTIN}/10/A12/21/S1?17=260501",
        f"HTTPS://example.org/shop/01/{GTIN[1:]}/10/A12/21/S1?linkType=all&17=260501",
    ],
)
def test_the_same_label_says_the_same_however_the_scanner_types_it(raw: str) -> None:
    scan = understood(raw)
    assert (scan.scheme, scan.gtin, scan.lot, scan.serial) == ("gs1", GTIN, "A12", "S1")
    assert scan.expires_on == date(2026, 5, 1)
    assert (scan.ma_code, scan.produced_on, scan.quantity) == (None, None, None)


def test_a_scanner_may_type_its_own_mark_for_the_separator() -> None:
    assert understood(f"~{PRODUCT}10A12~21S1", separator="~").serial == "S1"
    assert understood(f"{PRODUCT}10A12[F8]21S1", separator="[F8]").lot == "A12"
    assert refusal(f"{PRODUCT}10A12~21S1").reason == Reason.BAD_CHARACTER


def test_a_scan_tells_whether_the_scanner_sends_separators() -> None:
    assert understood(f"{PRODUCT}10A12\x1d21S1").separator_seen
    assert understood(f"{PRODUCT}10A12\x1d").separator_seen
    assert not understood(f"\x1d{PRODUCT}10A12").separator_seen
    assert not understood(f"(01){GTIN}(10)A12(21)S1").separator_seen


@pytest.mark.parametrize(
    ("typed", "gtin"),
    [
        ("6901234567892", "06901234567892"),
        ("]E06901234567892", "06901234567892"),
        ("96385074", "00000096385074"),
        ("]E496385074", "00000096385074"),
        ("036000291452", "00036000291452"),
        ("26975737430209", "26975737430209"),
        ("]I126975737430209", "26975737430209"),
    ],
)
def test_a_plain_product_number_is_kept_as_fourteen_digits(typed: str, gtin: str) -> None:
    scan = understood(typed)
    assert (scan.scheme, scan.gtin, scan.lot) == ("gtin", gtin, None)


def test_expiry_day_00_is_the_last_day_of_the_month() -> None:
    assert understood(f"{PRODUCT}17240200").expires_on == date(2024, 2, 29)
    assert understood(f"{PRODUCT}17260400").expires_on == date(2026, 4, 30)


def test_production_date_and_quantity_are_read() -> None:
    scan = understood(f"{PRODUCT}1125120317271200" + "3050^10A12")
    assert (scan.produced_on, scan.expires_on) == (date(2025, 12, 3), date(2027, 12, 31))
    assert (scan.quantity, scan.lot) == (50, "A12")


def test_a_pallet_label_names_the_goods_it_contains_and_their_count() -> None:
    scan = understood("00106141412345678908" + "02" + GTIN + "3725")
    assert (scan.gtin, scan.quantity) == (GTIN, 25)
    assert refusal("02" + GTIN).reason == Reason.NO_PRODUCT


def test_an_ma_code_gives_product_and_production_segments() -> None:
    scan = understood(MA + ".SX00008.M220117.L20220117.D20220118.E220130.V20220129.C3")
    assert (scan.scheme, scan.ma_code, scan.gtin) == ("ma", MA, None)
    assert (scan.lot, scan.serial) == ("20220117", "X00008")
    assert (scan.produced_on, scan.expires_on) == (date(2022, 1, 17), date(2022, 1, 30))
    assert understood(MA + ".V20301231").expires_on == date(2030, 12, 31)
    assert understood("]Q1" + MA) == Scan(raw="]Q1" + MA, scheme="ma", ma_code=MA)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("MA.156.M0.100204", Reason.MA_UNREADABLE),
        ("MA.156.M0.100204.1335176", Reason.MA_UNREADABLE),
        ("MA.156.1001.100204.13351764", Reason.MA_UNREADABLE),
        ("MA.840.M0.100204.13351764", Reason.MA_UNREADABLE),
        (MA.lower(), Reason.MA_UNREADABLE),
        (MA + ".", Reason.MA_UNREADABLE),
        (MA + ".L", Reason.MA_UNREADABLE),
        (MA + ".P190101", Reason.MA_UNREADABLE),
        (MA + ".LA1.5", Reason.MA_UNREADABLE),
        (MA + ".E2201", Reason.MA_UNREADABLE),
        (MA + ".C3.LA1", Reason.MA_UNREADABLE),
        (MA + ".LA1.LA2", Reason.CONTRADICTORY),
        (MA + ".E220230", Reason.IMPOSSIBLE_DATE),
        (MA + ".E220200", Reason.IMPOSSIBLE_DATE),
        (MA + ".M20221301", Reason.IMPOSSIBLE_DATE),
    ],
)
def test_an_ma_code_that_is_not_certain_is_refused(raw: str, reason: Reason) -> None:
    assert refusal(raw).reason == reason


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("", "empty"),
        (" \r\n", "empty"),
        ("1" * 10_240, "too_long"),
        ("０６９０１", "not_ascii"),
        (f"（01）{GTIN}", "not_ascii"),
        (f"{PRODUCT}10A\x07B", "control_characters"),
        ("\x00", "control_characters"),
        (f"{PRODUCT}10A B", "bad_character"),
        ("hello", "unrecognised"),
        ("口罩".encode().hex() + "xyz", "unrecognised"),
        ("]", "unrecognised"),
        ("]Y", "unrecognised"),
        ("]Yx1", "unrecognised"),
        ("+A123BJC5D6E71", "unrecognised"),
        ("690123456789", "wrong_check_digit"),
        ("6901234567", "wrong_length"),
        ("]E0690123456789212", "wrong_length"),
        ("6901234567893", "wrong_check_digit"),
        ("0106901234567893", "wrong_check_digit"),
        ("(01)06901234567893(10)A", "wrong_check_digit"),
        ("https://id.gs1.org/01/06901234567893", "wrong_check_digit"),
        (f"00106141412345678909{PRODUCT}", "wrong_check_digit"),
        (f"{PRODUCT}17260230", "impossible_date"),
        (f"{PRODUCT}17261301", "impossible_date"),
        (f"{PRODUCT}11260001", "impossible_date"),
        (f"https://id.gs1.org/01/{GTIN}?17=261301", "impossible_date"),
        (f"{PRODUCT}300", "impossible_quantity"),
        (f"{PRODUCT}30", "malformed"),
        (f"{PRODUCT}1726", "malformed"),
        (f"{PRODUCT}10", "malformed"),
        (f"(01){GTIN}(10)", "malformed"),
        (f"(01){GTIN}(10)A(11", "malformed"),
        (f"(01){GTIN}(10)" + "A" * 21, "malformed"),
        (f"(01){GTIN}10A12", "malformed"),
        ("http://[", "malformed"),
        ("https://example.org/", "malformed"),
        (f"https://id.gs1.org/01/{GTIN}/10/%E5%8F%A3", "malformed"),
        (f"https://id.gs1.org/01/{GTIN}?10=", "malformed"),
        (f"https://id.gs1.org/01/{GTIN}?10=A&10=B", "contradictory"),
        (f"{PRODUCT}10A^10B", "contradictory"),
        (f"{PRODUCT}305^376", "contradictory"),
        (f"{PRODUCT}02{GTIN}375", "contradictory"),
        ("10A12", "no_product"),
        ("1726050110A12", "no_product"),
        ("00106141412345678908", "no_product"),
        ("0000000000000", "no_product"),
    ],
)
def test_a_bad_scan_is_kept_and_refused_with_its_own_reason(raw: str, reason: str) -> None:
    assert refusal(raw).reason == reason


def test_every_reason_says_what_was_found_and_what_to_do_in_both_languages() -> None:
    for reason in Reason:
        refused = RefusedScan(raw="", reason=reason, found="A\x1d\x07{B}")
        for lang, expected in (("zh", "应"), ("en", "Expected")):
            text = refused.text("zh" if lang == "zh" else "en")
            assert expected in text or reason == Reason.NOT_ASCII
            assert reason == Reason.EMPTY or "A{GS}\\x07{B}" in text
            assert text.isprintable()
    assert len(refusal("x" * 10_000).text("en")) < 400


def test_what_was_understood_can_be_compared_with_the_label() -> None:
    scan = understood(f"{PRODUCT}11251203172605013050^10A12^21S1")
    assert scan.describe("en") == (
        f"GTIN {GTIN}, lot A12, expires 2026-05-01, produced 2025-12-03, serial S1, quantity 50"
    )
    assert scan.describe("zh") == (
        f"GTIN {GTIN}，批号 A12，失效日期 2026-05-01，生产日期 2025-12-03，序列号 S1，数量 50"
    )
    with pytest.raises(FrozenInstanceError):
        scan.lot = "B"  # type: ignore[misc]  # the assignment is what must fail


# Other work on the machine must not fail a test: what is held here is meaning, not speed.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

_PIECES = st.sampled_from(
    ["]", "]d2", "]Y", "(", ")", "(01)", PRODUCT, GTIN, "10", "17", "260230", "\x1d", "^", "{GS}", MA, ".L", "\\(",
     "https://", "/01/", "?17=", "&", "%", "[", "3109", "8008", "7007", "4324", "٣", "é", "\n"]
)  # fmt: skip


@unhurried
@given(st.text() | st.lists(_PIECES | st.text(max_size=5), max_size=12).map("".join))
def test_no_scan_whatever_raises_and_the_raw_scan_is_kept(raw: str) -> None:
    outcome = read_scan(raw)
    assert outcome.raw == raw
    if isinstance(outcome, RefusedScan):
        assert outcome.text("zh").isprintable()
        assert outcome.text("en").isprintable()
    else:
        assert (outcome.gtin is None) != (outcome.ma_code is None)
        assert outcome.describe("zh")


# Vectors of the GS1 syntax engine. Two rules are ours: a scan without a product is refused (`no_product`), and
# check digits are verified only for what the book uses.
_NOT_VERIFIED = {"^800302112345678901ABC": "the check digit of a returnable asset (8003), which the book does not use"}


def _vectors(shared_data: Path, name: str, key: str) -> list[tuple[str, bool]]:
    lines = (shared_data / "gs1_barcodes" / "vectors" / name).read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    # Some rows keep a C identifier in the place of a literal (SOURCE.md).
    return [(row[key], row["should_succeed"] == "true") for row in rows if row[key] not in ("inbuf", "buf")]


@pytest.mark.parametrize(
    ("name", "key", "count"),
    [
        ("process_ai_data.jsonl", "unbracketed_caret_is_fnc1", 79),
        ("parse_bracketed_ai.jsonl", "bracketed", 27),
    ],
)
def test_gs1_vectors_are_understood_or_refused_as_gs1_says(shared_data: Path, name: str, key: str, count: int) -> None:
    vectors = _vectors(shared_data, name, key)
    assert len(vectors) == count
    for raw, valid in vectors:
        outcome = read_scan(raw, separator_proven=True)
        readable = isinstance(outcome, Scan) or outcome.reason == Reason.NO_PRODUCT
        assert readable == (valid or raw in _NOT_VERIFIED), (raw, outcome)
        assert isinstance(outcome, RefusedScan) or outcome.gtin == "12345678901231"


def test_the_packing_levels_of_real_devices_scan_as_different_products(shared_data: Path) -> None:
    devices = json.loads((shared_data / "nmpa_udi" / "packing_examples.json").read_text(encoding="utf-8"))
    identifiers = [device["unit_di"] for device in devices]
    identifiers += [packing["package_di"] for device in devices for packing in device.get("packings", [])]
    whole = [di for di in identifiers if di.isdecimal()]
    assert len(whole) == len(set(whole)) == 5
    for di in whole:
        assert understood(di).gtin == di
        assert understood(f"]d201{di}1727010110A12").gtin == di
        wrong = di[:-1] + str((int(di[-1]) + 1) % 10)
        assert refusal(wrong).reason == Reason.WRONG_CHECK_DIGIT
