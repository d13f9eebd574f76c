"""The two outcomes of a scan: what it says, or why it was refused, in Chinese and English.

It must not parse anything.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal

Lang = Literal["zh", "en"]
Scheme = Literal["gs1", "ma", "gtin"]

GROUP_SEPARATOR = "\x1d"
RAW_LENGTH_MAX = 1024
_SHOWN_LENGTH_MAX = 60


class Reason(StrEnum):
    """Why a scan was refused. The strings are stable: quarantine and audits name them."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    NOT_ASCII = "not_ascii"
    CONTROL_CHARACTERS = "control_characters"
    BAD_CHARACTER = "bad_character"
    UNRECOGNISED = "unrecognised"
    WRONG_LENGTH = "wrong_length"
    WRONG_CHECK_DIGIT = "wrong_check_digit"
    IMPOSSIBLE_DATE = "impossible_date"
    IMPOSSIBLE_QUANTITY = "impossible_quantity"
    MALFORMED = "malformed"
    SEPARATOR_LOST = "separator_lost"
    CONTRADICTORY = "contradictory"
    NO_PRODUCT = "no_product"
    MA_UNREADABLE = "ma_unreadable"


@dataclass(frozen=True, slots=True)
class Scan:
    """A scan that can be read in one way only.

    Exactly one of `gtin` (14 digits, zero padded) and `ma_code` (the MA product identifier, without the
    production segments) is set. `quantity` is a count of trade items (AI 30 or 37). `separator_seen` says
    that the scanner really sent an FNC1 separator: proof for the next scans of the same device.
    """

    raw: str
    scheme: Scheme
    gtin: str | None = None
    ma_code: str | None = None
    lot: str | None = None
    expires_on: date | None = None
    produced_on: date | None = None
    serial: str | None = None
    quantity: int | None = None
    separator_seen: bool = False

    def describe(self, lang: Lang) -> str:
        """Say in one line what was understood, for the person at the scanner to compare with the label."""
        zh = lang == "zh"
        parts = (
            ("GTIN", self.gtin),
            ("MA码" if zh else "MA code", self.ma_code),
            ("批号" if zh else "lot", self.lot),
            ("失效日期" if zh else "expires", self.expires_on),
            ("生产日期" if zh else "produced", self.produced_on),
            ("序列号" if zh else "serial", self.serial),
            ("数量" if zh else "quantity", self.quantity),
        )
        said = [f"{word} {value}" for word, value in parts if value is not None]
        return ("，" if zh else ", ").join(said)


@dataclass(frozen=True, slots=True)
class RefusedScan:
    """A scan that was not understood for certain. `found` is the part of it that gave the reason."""

    raw: str
    reason: Reason
    found: str

    def text(self, lang: Lang) -> str:
        """Say what was expected, what was found and what to do next."""
        zh, en = _TEXTS[self.reason]
        return (zh if lang == "zh" else en).format(found=_shown(self.found), limit=RAW_LENGTH_MAX)


def refused(reason: Reason, found: str) -> RefusedScan:
    """Refuse for a reason; `read_scan` adds the raw scan."""
    return RefusedScan(raw="", reason=reason, found=found)


def _shown(found: str) -> str:
    """Make any characters printable on one line; the separator appears as {GS}, which can be typed back."""
    cut = found[:_SHOWN_LENGTH_MAX].replace(GROUP_SEPARATOR, "{GS}")
    visible = "".join(mark if mark.isprintable() else f"\\x{ord(mark):02x}" for mark in cut)
    return visible + ("…" if len(found) > _SHOWN_LENGTH_MAX else "")


_TYPE_IT_ZH = "请重新扫描，或照标签上带括号的文字输入，如 (01)…(17)…(10)…。"
_TYPE_IT_EN = "Scan again, or type the bracketed text printed on the label, such as (01)…(17)…(10)…."

_TEXTS: dict[Reason, tuple[str, str]] = {
    Reason.EMPTY: (
        "应为一个条码，却什么也没有收到。请重新扫描。",
        "Expected a barcode, found nothing. Scan again.",
    ),
    Reason.TOO_LONG: (
        "应为至多 {limit} 个字符的一个条码，收到的更长，开头是“{found}”。"
        "请一次只扫一个条码；扫描枪应在每个条码后发送回车。",
        "Expected one barcode of at most {limit} characters, found a longer text beginning “{found}”. "
        "Scan one barcode at a time; the scanner should send Enter after each.",
    ),
    Reason.NOT_ASCII: (
        "条码只有半角字母、数字和符号，收到“{found}”。请把输入法切换为英文半角后重新扫描。",
        "Expected plain letters, digits and signs, found “{found}”. "
        "Switch the keyboard's input method to English and scan again.",
    ),
    Reason.CONTROL_CHARACTERS: (
        "除 FNC1 分隔符 (GS) 外，条码中不应有控制字符，收到“{found}”。请检查扫描枪的前缀、后缀设置后重新扫描。",
        "Expected no control character but the FNC1 separator (GS), found “{found}”. "
        "Check the scanner's prefix and suffix settings and scan again.",
    ),
    Reason.BAD_CHARACTER: (
        "应为 GS1 条码允许的字符，收到“{found}”。请检查扫描枪的键盘语言设置。" + _TYPE_IT_ZH,
        "Expected characters that a GS1 barcode may hold, found “{found}”. "
        "Check the scanner's keyboard language. " + _TYPE_IT_EN,
    ),
    Reason.UNRECOGNISED: (
        "应为 GS1 条码、商品条码 (GTIN) 或 MA 码，收到“{found}”。请扫描产品上的 UDI 条码或商品条码，或改为手工登记。",
        "Expected a GS1 barcode, a product number (GTIN) or an MA code, found “{found}”. "
        "Scan the UDI or product barcode on the goods, or enter the document by hand.",
    ),
    Reason.WRONG_LENGTH: (
        "商品条码应为 8、12、13 或 14 位数字，收到“{found}”。请重新扫描整个条码，不要漏掉数字。",
        "Expected a product number of 8, 12, 13 or 14 digits, found “{found}”. Scan the whole barcode again.",
    ),
    Reason.WRONG_CHECK_DIGIT: (
        "校验位应与其余数字相符，“{found}”不符。请重新扫描；如为手工输入，请逐位核对。",
        "Expected the check digit to agree with the other digits, found “{found}”, which does not. "
        "Scan again; if it was typed, compare it digit by digit.",
    ),
    Reason.IMPOSSIBLE_DATE: (
        "应为日历上存在的日期(年月日)，收到“{found}”。请与标签核对；标签本身有误时，请手工登记并写明情况。",
        "Expected a date that exists (year, month, day), found “{found}”. "
        "Compare it with the label; if the label itself is wrong, enter the document by hand and say so.",
    ),
    Reason.IMPOSSIBLE_QUANTITY: (
        "应为大于零的整数数量，收到“{found}”。请与标签核对，或手工登记数量。",
        "Expected a whole quantity above zero, found “{found}”. Compare it with the label, or enter it by hand.",
    ),
    Reason.MALFORMED: (
        "应为完整的 GS1 数据(应用标识符后跟规定长度的内容)，收到“{found}”。" + _TYPE_IT_ZH,
        "Expected complete GS1 text (an application identifier and a value of its length), found “{found}”. "
        + _TYPE_IT_EN,
    ),
    Reason.SEPARATOR_LOST: (
        "批号、序列号等不定长内容之后应有 FNC1 分隔符 (GS)，“{found}”之前没有："
        "可能是两项内容连在了一起，系统不作猜测。"
        "请设置扫描枪发送 GS 后重新扫描，或照标签上带括号的文字输入，如 (01)…(10)…(21)…。",
        "Expected an FNC1 separator (GS) after a lot, serial or other value of free length, found none "
        "before “{found}”: two values may have run together, and nothing is guessed. "
        "Set the scanner to send GS and scan again, "
        "or type the bracketed text printed on the label, such as (01)…(10)…(21)….",
    ),
    Reason.CONTRADICTORY: (
        "同一项内容应只有一个值，收到“{found}”。请一次只扫一个条码；标签本身矛盾时，请手工登记并写明情况。",
        "Expected one value for each thing a barcode says, found “{found}”. Scan one barcode at a time; "
        "if the label contradicts itself, enter the document by hand and say so.",
    ),
    Reason.NO_PRODUCT: (
        "应有产品标识 (01)，收到“{found}”，看不出是什么产品。请扫描含有 (01) 的条码，"
        "或把标签上的两个条码连在一起输入：(01)…(17)…(10)…。",
        "Expected a product number (01), found “{found}”, which does not say what the goods are. "
        "Scan the barcode with (01), or type both barcodes of the label together: (01)…(17)…(10)….",
    ),
    Reason.MA_UNREADABLE: (
        "应为 MA.156.M0.<6位>.<8位>，后面可有 .M生产日期 .L批号 .S序列号 .D灭菌批号 "
        ".E失效日期 .V有效期 .C校验，收到“{found}”。请检查大写锁定键后重新扫描，或手工登记。",
        "Expected MA.156.M0.<6 characters>.<8 characters> and then .M produced .L lot .S serial "
        ".D sterilisation lot .E expiry .V valid until .C check, found “{found}”. "
        "Check Caps Lock and scan again, or enter it by hand.",
    ),
}
