"""Where gifts went and goods came from, asked of the lake: the lines a trace needs, its rows with their papers (B5).

How units are attributed is said in `projections.tracing`; nothing here decides it.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from duckdb import DuckDBPyConnection

from projections.tracing import KINDS, GiftDay, Moved, Trace, gift_day, trace

ANONYMOUS = ("anonymous", "匿名", "anonymous/匿名")
"""How a person asks for gifts of nobody known (B7)."""
TRACE_COLUMNS = {
    "donor": ("捐赠人", "donor"),
    "gift_entry": ("捐赠入库单", "gift received by"),
    "received_on": ("收到", "received"),
    "handover": ("交接单", "handover sheet"),
    "item": ("物资", "item"),
    "quantity": ("数量", "quantity"),
    "end": ("现状", "now"),
    "where": ("所在或经手", "where"),
    "receiver": ("最终受赠方", "receiver"),
    "entry": ("出库单", "by entry"),
    "on": ("日期", "on"),
    "approval": ("审批", "approval"),
    "signed_by": ("签收", "signed by"),
    "via": ("途经", "through"),
}
"""Columns of a trace in Chinese and English."""
GIFT_DAY_COLUMNS = {
    "donor": ("捐赠人", "donor"),
    "item": ("物资", "item"),
    "received": ("收到", "received"),
    "issued": ("发出", "issued"),
    "left": ("结存", "left"),
}
_LINES = """
    SELECT l.happened_at, l.happened_on, l.volume, l.seq, l.line,
        l.site || '/' || l.source || '/' || l.number AS entry, l.kind, l.site, l.item, l.lot, l.delta,
        abs(l.quantity) * l.factor AS quantity, coalesce(l.party, '') AS party,
        coalesce(l.transfer, '') AS transfer,
        CASE WHEN l.kind = 'gift_passed_on' OR (l.kind = 'goods_received' AND e.origin = 'donated')
            THEN coalesce(e.donor, '') END AS donor
    FROM lake.line AS l JOIN lake.entry AS e ON e.volume = l.volume AND e.seq = l.seq
    WHERE l.sign = 1 AND l.kind = ANY ($kinds) AND l.item = ANY ($items) AND l.condition IS DISTINCT FROM 'lost'
        AND (l.kind <> 'goods_released' OR l.party IS NOT NULL)
        AND l.happened_on <= $day AND l.recorded_at <= coalesce($known_by, 'infinity'::TIMESTAMPTZ)
        AND NOT EXISTS (
            SELECT 1 FROM lake.entry AS r WHERE r.reverses = l.site || '/' || l.source || '/' || l.number
                AND r.recorded_at <= coalesce($known_by, 'infinity'::TIMESTAMPTZ)
        )
"""
_KITS_WITH = """
    SELECT DISTINCT b.item FROM lake.line AS a JOIN lake.line AS b ON b.volume = a.volume AND b.seq = a.seq
    WHERE a.kind IN ('kits_packed', 'kits_unpacked') AND a.item = ANY ($items)
"""
_PAPERS = """
    SELECT e.site || '/' || e.source || '/' || e.number AS entry, e.approval,
        e.document ->> '$.donation.handover' AS handover,
        string_agg(s.document ->> '$.signed_by', ', ' ORDER BY s.seq) AS signed_by
    FROM lake.entry AS e LEFT JOIN lake.entry AS s ON s.kind = 'goods_signed_for'
        AND concat_ws('/', s.document ->> '$.signs_for.site', s.document ->> '$.signs_for.source',
            s.document ->> '$.signs_for.number') = e.site || '/' || e.source || '/' || e.number
    WHERE e.site || '/' || e.source || '/' || e.number = ANY ($entries) GROUP BY ALL
"""


def traces(
    lake: DuckDBPyConnection, items: list[str], day: date = date.max, known_by: datetime | None = None
) -> list[Trace]:
    """Trace every unit of some items, and of the kits they went into, up to the end of a day, as known at a moment."""
    asked = {"kinds": list(KINDS), "items": _with_kits(lake, items), "day": day, "known_by": known_by}
    found = lake.execute(_LINES, asked).fetchall()
    return trace(Moved(*row) for row in found)


def traced_from(lake: DuckDBPyConnection, donor: str) -> list[dict[str, Any]]:
    """Return where every unit of a donor went: from donor to receiver (B5)."""
    name = "" if donor in ANONYMOUS else donor
    items = lake.execute("SELECT DISTINCT item FROM donations WHERE donor = $1", [name or ANONYMOUS[-1]]).fetchall()
    return _rows(lake, [i for (i,) in items], lambda t: t.source.donor == name)


def traced_to(lake: DuckDBPyConnection, receiver: str) -> list[dict[str, Any]]:
    """Return whose gifts, or which receipts, every unit a receiver got came from: from receiver to donor (B5)."""
    asked = "SELECT DISTINCT item FROM lake.line WHERE party = $1 AND kind IN ('goods_issued', 'gift_passed_on')"
    items = lake.execute(asked, [receiver]).fetchall()
    return _rows(lake, [i for (i,) in items], lambda t: t.receiver == receiver)


def gifts_of_day(lake: DuckDBPyConnection, day: date, known_by: datetime | None = None) -> list[GiftDay]:
    """Return what came, went and is left of gifts, per donor and item, on a day as known at a moment (B4)."""
    items = lake.execute("SELECT DISTINCT item FROM donations WHERE happened_on <= $1", [day]).fetchall()
    return gift_day(traces(lake, [i for (i,) in items], day, known_by), day)


def _rows(lake: DuckDBPyConnection, items: list[str], wanted: Callable[[Trace], bool]) -> list[dict[str, Any]]:
    found = [one for one in traces(lake, items) if wanted(one)]
    named = {one.source.entry for one in found} | {one.entry for one in found}
    papers = {row[0]: row[1:] for row in lake.execute(_PAPERS, {"entries": list(named)}).fetchall()}
    none = (None, None, None)
    return [
        {
            "donor": one.source.donor if one.source.donor != "" else ANONYMOUS[-1],
            "gift_entry": one.source.entry, "received_on": one.source.on,
            "handover": papers.get(one.source.entry, none)[1], "item": one.source.item, "quantity": one.quantity,
            "end": one.end, "where": one.where, "receiver": one.receiver, "entry": one.entry, "on": one.on,
            "approval": papers.get(one.entry, none)[0], "signed_by": papers.get(one.entry, none)[2], "via": one.via,
        }
        for one in found
    ]  # fmt: skip


def _with_kits(lake: DuckDBPyConnection, items: list[str]) -> list[str]:
    """Return the items, the kits made with them, and what else those are made of."""
    known = set(items)
    while True:
        more = {item for (item,) in lake.execute(_KITS_WITH, {"items": sorted(known)}).fetchall()} - known
        if not more:
            return sorted(known)
        known |= more
