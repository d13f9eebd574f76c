"""China's MA codes for medical devices (ISO/IEC 15459, issuer MA): `MA.156.M0.<registrant>.<product>`.

Only the layout that NMPA's published answers and the issuer's handbook give is read: 6 characters of
registrant, 8 of product (packing 1, item 6, check 1), then segments: `.M` produced, `.L` lot, `.S` serial,
`.D` sterilisation lot, `.E` expiry, `.V` valid until, `.C` check. Everything else (other industries, older
segments such as `.P`) is refused. The check characters are not verified: no published algorithm is in force.
It must not treat a part it does not know as if it were not there.
"""

import re
from datetime import date

from biip import ParseError
from biip.gs1_element_strings import GS1ElementString

from ledger.scanning.outcomes import Reason, RefusedScan, Scan, refused

_PRODUCT = re.compile(r"(MA\.156\.M0\.[0-9A-Z]{6}\.[0-9A-Za-z]{8})((?:\.[MLSDEVC][^.]+)*)")
_DATE = re.compile(r"[0-9]{6}|[0-9]{8}")
_NAME = re.compile(r"[0-9A-Za-z+/_*#-]{1,30}")
_LENGTH_WITH_CENTURY = 8
_CHECK = re.compile(r"[0-9A-Z]")
_SEGMENT_FORMS = {"M": _DATE, "E": _DATE, "V": _DATE, "L": _NAME, "S": _NAME, "D": _NAME, "C": _CHECK}


def read_ma(text: str) -> Scan | RefusedScan:
    """Read an MA code. The expiry is `.E`; where a label has only `.V` (valid until), that."""
    code = _PRODUCT.fullmatch(text)
    if code is None:
        return refused(Reason.MA_UNREADABLE, text)
    segments: dict[str, str] = {}
    for segment in code[2].split(".")[1:]:
        kind, value = segment[0], segment[1:]
        if _SEGMENT_FORMS[kind].fullmatch(value) is None or "C" in segments:
            return refused(Reason.MA_UNREADABLE, "." + segment)
        if kind in segments:
            return refused(Reason.CONTRADICTORY, f".{kind}{segments[kind]}.{segment}")
        segments[kind] = value
    dates = {kind: _day(value) for kind, value in segments.items() if kind in ("M", "E", "V")}
    for kind, day in dates.items():
        if day is None:
            return refused(Reason.IMPOSSIBLE_DATE, f".{kind}{segments[kind]}")
    return Scan(
        raw="",
        scheme="ma",
        ma_code=code[1],
        lot=segments.get("L"),
        expires_on=dates.get("E") or dates.get("V"),
        produced_on=dates.get("M"),
        serial=segments.get("S"),
    )


def _day(digits: str) -> date | None:
    """Read YYYYMMDD or YYMMDD (century as in GS1); unlike in GS1, day 00 is no day."""
    if digits.endswith("00"):
        return None
    try:
        if len(digits) == _LENGTH_WITH_CENTURY:
            return date.fromisoformat(digits)
        return GS1ElementString.parse("17" + digits).date
    except (ParseError, ValueError):
        return None
