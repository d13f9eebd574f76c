"""From typed characters to the right reader: AIM prefixes, ways to type FNC1, and which scheme it is.

It must not read the contents of a scheme: see `gs1` and `ma`.
"""

import re
from dataclasses import replace

from biip import ParseError
from biip.symbology import GS1Symbology, SymbologyIdentifier

from ledger.scanning import gs1, ma
from ledger.scanning.outcomes import GROUP_SEPARATOR, RAW_LENGTH_MAX, Reason, RefusedScan, Scan, refused

_TYPED_SEPARATORS = ("{GS}", "<GS>", "^")
_NOT_IN_GS1 = re.compile(r"[^!%-?A-Z_a-z\"\x1d]")
_CONTROL = re.compile(r"[\x00-\x1c\x1e\x1f\x7f]")
_AIM_PREFIX = re.compile(r"\][A-Za-z][0-9A-Za-z]")


def read_scan(raw: str, *, separator: str = GROUP_SEPARATOR, separator_proven: bool = False) -> Scan | RefusedScan:
    """Read what a scanner typed. What is not certain comes back as a `RefusedScan`, never as an exception.

    `separator` is what this scanner types for FNC1; `^`, `{GS}` and `<GS>` are understood as well.
    `separator_proven` says that this scanner is known to send separators (an earlier `Scan.separator_seen`,
    or a test barcode), so that their absence means something: `merged` has the rule and its price.
    """
    assert separator, "a scanner that sends no separator has none to name"
    outcome = _read(raw, separator, separator_proven=separator_proven)
    return replace(outcome, raw=raw)


def _read(raw: str, separator: str, *, separator_proven: bool) -> Scan | RefusedScan:
    # Not str.strip(): it would take the GS at the end for white space.
    typed = raw.strip(" \t\r\n")
    if not typed:
        return refused(Reason.EMPTY, raw)
    if len(raw) > RAW_LENGTH_MAX:
        return refused(Reason.TOO_LONG, raw)
    if not typed.isascii():
        return refused(Reason.NOT_ASCII, typed)
    text = typed.replace(separator, GROUP_SEPARATOR)
    if _CONTROL.search(text):
        return refused(Reason.CONTROL_CHARACTERS, text)
    symbology: GS1Symbology | None = None
    if text.startswith("]"):
        prefix = _aim_prefix(text)
        if prefix is None:
            return refused(Reason.UNRECOGNISED, typed)
        symbology, text = prefix.gs1_symbology, text[len(prefix) :]
    return _read_contents(text, symbology, separator_proven=separator_proven)


def _aim_prefix(text: str) -> SymbologyIdentifier | None:
    if _AIM_PREFIX.match(text) is None:
        return None
    try:
        return SymbologyIdentifier.extract(text)
    except (ParseError, ValueError):
        # An unknown code character, or a system expansion without its length.
        return None


def _read_contents(text: str, symbology: GS1Symbology | None, *, separator_proven: bool) -> Scan | RefusedScan:
    if symbology in GS1Symbology.with_gtin():
        return gs1.read_gtin(text)
    if text[:3].upper() == "MA.":
        return ma.read_ma(text)
    if re.match(r"https?://", text, re.IGNORECASE):
        return gs1.read_digital_link(text)
    for mark in _TYPED_SEPARATORS:
        text = text.replace(mark, GROUP_SEPARATOR)
    if text.startswith("("):
        return gs1.read_bracketed(text)
    announced = symbology in GS1Symbology.with_gs1_messages()
    if not announced and text.isdecimal() and len(text) <= max(gs1.GTIN_LENGTHS) + 1:
        return gs1.read_gtin(text)
    if not re.match(r"\x1d?\d\d", text):
        return refused(Reason.UNRECOGNISED, text)
    if _NOT_IN_GS1.search(text):
        return refused(Reason.BAD_CHARACTER, text)
    return gs1.read_element_strings(text, separator_proven=separator_proven)
