"""The trap of a lost FNC1 separator: is a lot or serial really two values run together?

It must not repair a scan: it only finds where a second reading begins.

The last value of a scan without any separator can be read in two ways as soon as it ends with something that
could be another element: `10LOT21234` is lot LOT21234, or lot LOT and serial (21) 234. The characters cannot
tell. The rule: **if any ending of the value reads as an element that goods carry, the scan is refused.**

* Sound: an element of `FIXED_LENGTH` or `FREE_LENGTH` that was swallowed last is itself such an ending, so
  it is always found. A rarer identifier (91 and the like) swallowed last is found only behind one of fixed
  length, or when the value grows over its greatest length.
* Price: good lots that happen to end so are refused too. `A12` and `B2003C` pass; of random lots of 6 digits
  9 in 100 are refused, of 8 digits 13, of 10 digits 21; of dates as lots (20210305: lot 20, serial 0305?) 43.
  They are read once typed with brackets, or scanned with a separator, or from a scanner proven to send
  separators (`separator_proven`): there only endings of fixed length (a valid date or GTIN) are suspicious,
  because then the label is wrong and not the scanner, and fewer than 1 good lot in 100 is refused.
* An identifier that already stands in the scan is not looked for again (a label says a thing once), except
  01 and 02, which show that two scans ran together.
"""

from biip import ParseError
from biip.gs1_element_strings import GS1ElementString
from biip.gs1_messages import GS1Message

FIXED_LENGTH = ("01", "02", "11", "13", "15", "17")
FREE_LENGTH = ("10", "21", "30", "37", "240")
_REPEATED_BY_GLUED_SCANS = ("01", "02")


def merged_ending(value: str, seen: frozenset[str], *, separator_proven: bool) -> str | None:
    """Return the longest ending that could be another element, or None if the value has one reading.

    `seen` are the application identifiers of the scan so far, the value's own among them.
    """
    fixed = tuple(ai for ai in FIXED_LENGTH if ai not in seen or ai in _REPEATED_BY_GLUED_SCANS)
    free = () if separator_proven else tuple(ai for ai in FREE_LENGTH if ai not in seen)
    for start in range(1, len(value)):
        ending = value[start:]
        if ending.startswith(fixed) and _begins_with_fixed(ending):
            return ending
        if ending.startswith(free) and _is_whole_element(ending):
            return ending
    return None


def _begins_with_fixed(ending: str) -> bool:
    try:
        element = GS1ElementString.extract(ending)
        rest = ending[len(element) :]
        if rest:
            GS1Message.parse(rest)
    except ParseError:
        return False
    return element.gtin_error is None


def _is_whole_element(ending: str) -> bool:
    try:
        element = GS1ElementString.parse(ending)
    except ParseError:
        return False
    return element.value != ""
