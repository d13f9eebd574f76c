"""GS1 text: element strings with separators or brackets, Digital Link addresses, and plain GTINs.

Application identifiers, lengths and the century of a two-digit year (GS1 General Specifications 7.12: 49
years back, 50 ahead, seen from today) are biip's. It must not accept text that has a second reading: see
`merged`.
"""

import re
from collections.abc import Iterable, Sequence
from urllib.parse import parse_qsl, urlsplit

from biip import ParseConfig, ParseError
from biip.checksums import gs1_standard_check_digit
from biip.gs1_application_identifiers import GS1ApplicationIdentifier
from biip.gs1_digital_link_uris import GS1DigitalLinkURI
from biip.gs1_element_strings import GS1ElementString

from ledger.scanning.merged import merged_ending
from ledger.scanning.outcomes import GROUP_SEPARATOR, Reason, RefusedScan, Scan, refused

GTIN_LENGTHS = (8, 12, 13, 14)
_DATES_UNCHECKED = ParseConfig(gs1_element_strings_verify_date=False)
_DATE_FORMAT = "N2+N6"
_BRACKETED = re.compile(r"\s*\((\d{2,4})\)((?:\\\(|[^(])+)")


def read_gtin(digits: str) -> Scan | RefusedScan:
    """Read a plain EAN-8, UPC-A, EAN-13 or GTIN-14 with its check digit."""
    if not digits.isdecimal() or len(digits) not in GTIN_LENGTHS:
        return refused(Reason.WRONG_LENGTH, digits)
    if int(digits[-1]) != gs1_standard_check_digit(digits[:-1]):
        return refused(Reason.WRONG_CHECK_DIGIT, digits)
    if int(digits) == 0:
        return refused(Reason.NO_PRODUCT, digits)
    return Scan(raw="", scheme="gtin", gtin=digits.zfill(14))


def read_element_strings(text: str, *, separator_proven: bool) -> Scan | RefusedScan:
    """Read element strings in which GS ends a value of free length, as a scanner sends them."""
    unread = text.removeprefix(GROUP_SEPARATOR)
    separator_seen = GROUP_SEPARATOR in unread
    elements: list[GS1ElementString] = []
    while unread:
        element = _first_element(unread)
        if isinstance(element, RefusedScan):
            return element
        unread = unread[len(element) :]
        if unread and element.ai.separator_required and not unread.startswith(GROUP_SEPARATOR):
            return refused(Reason.SEPARATOR_LOST, unread)
        elements.append(element)
        unread = unread.lstrip(GROUP_SEPARATOR)
    if elements and elements[-1].ai.separator_required and not separator_seen:
        seen = frozenset(element.ai.ai for element in elements)
        ending = merged_ending(elements[-1].value, seen, separator_proven=separator_proven)
        if ending is not None:
            return refused(Reason.SEPARATOR_LOST, ending)
    return _meaning(text, elements, separator_seen=separator_seen)


def read_bracketed(text: str) -> Scan | RefusedScan:
    r"""Read `(01)…(10)…` as printed on a label; spaces around values go, `\(` is a bracket in a value."""
    elements: list[GS1ElementString] = []
    position = 0
    while position < len(text):
        part = _BRACKETED.match(text, position)
        if part is None:
            return refused(Reason.MALFORMED, text[position:])
        ai, value = part[1], part[2].strip(" \t").replace("\\(", "(")
        element = _first_element(ai + value)
        if isinstance(element, RefusedScan):
            return element
        if element.ai.ai != ai or element.value != value:
            return refused(Reason.MALFORMED, part[0])
        elements.append(element)
        position = part.end()
    return _meaning(text, elements, separator_seen=False)


def read_digital_link(address: str) -> Scan | RefusedScan:
    """Read a GS1 Digital Link address: `https://…/01/<gtin>/10/<lot>/21/<serial>?17=<yymmdd>`."""
    try:
        attributes = parse_qsl(urlsplit(address).query, keep_blank_values=True)
        link_said = [(ai, value) for ai, value in attributes if ai.isdecimal()]
        for ai, value in link_said:
            element = _first_element(ai + value)
            if isinstance(element, RefusedScan):
                return element
        if len({ai for ai, _ in link_said}) != len(link_said):
            return refused(Reason.CONTRADICTORY, address)
        link = GS1DigitalLinkURI.parse(address, config=_DATES_UNCHECKED)
    except (ParseError, ValueError):
        # ValueError is what the standard library says of an impossible host.
        return refused(Reason.MALFORMED, address)
    return _meaning(address, link.element_strings, separator_seen=False)


def _first_element(unread: str) -> GS1ElementString | RefusedScan:
    try:
        element = GS1ElementString.extract(unread, config=_DATES_UNCHECKED)
    except ParseError:
        field = unread.split(GROUP_SEPARATOR, maxsplit=1)[0]
        return refused(Reason.IMPOSSIBLE_DATE if _is_six_digits_of_a_date(field) else Reason.MALFORMED, field)
    if element.value == "" or not unread.startswith(element.ai.ai + element.value):
        return refused(Reason.MALFORMED, unread)
    return element


def _is_six_digits_of_a_date(field: str) -> bool:
    try:
        ai = GS1ApplicationIdentifier.extract(field)
    except ParseError:
        return False
    return ai.format == _DATE_FORMAT and re.match(r"\d{6}", field[len(ai) :]) is not None


def _first_fault(elements: Iterable[GS1ElementString]) -> RefusedScan | None:
    said: dict[str, str] = {}
    for element in elements:
        shown = f"({element.ai.ai}){element.value}"
        if element.gtin_error or element.sscc_error or element.gln_error:
            return refused(Reason.WRONG_CHECK_DIGIT, shown)
        try:
            GS1ElementString.parse(element.ai.ai + element.value)
        except ParseError:
            return refused(Reason.IMPOSSIBLE_DATE, shown)
        before = said.setdefault(element.ai.ai, element.value)
        if before != element.value:
            return refused(Reason.CONTRADICTORY, f"({element.ai.ai}){before}{shown}")
        if element.ai.ai in ("30", "37") and int(element.value) == 0:
            return refused(Reason.IMPOSSIBLE_QUANTITY, shown)
    return None


def _meaning(text: str, elements: Sequence[GS1ElementString], *, separator_seen: bool) -> Scan | RefusedScan:
    """Say what the elements mean for the book. (02) counts as the product only with its count (37)."""
    fault = _first_fault(elements)
    if fault is not None:
        return fault
    values = {element.ai.ai: element.value for element in elements}
    dates = {element.ai.ai: element.date for element in elements}
    both_products = "01" in values and "02" in values
    both_counts = "30" in values and "37" in values and int(values["30"]) != int(values["37"])
    both_expiries = "17" in dates and "7003" in dates and dates["17"] != dates["7003"]
    if both_products or both_counts or both_expiries:
        return refused(Reason.CONTRADICTORY, text)
    gtin = values.get("01") or (values.get("02") if "37" in values else None)
    if gtin is None or int(gtin) == 0:
        return refused(Reason.NO_PRODUCT, text)
    count = values.get("30") or values.get("37")
    return Scan(
        raw="",
        scheme="gs1",
        gtin=gtin,
        lot=values.get("10"),
        expires_on=dates.get("17") or dates.get("7003"),
        produced_on=dates.get("11"),
        serial=values.get("21"),
        quantity=None if count is None else int(count),
        separator_seen=separator_seen,
    )
