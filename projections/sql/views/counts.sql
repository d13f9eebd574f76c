-- title: Counts · 盘点
-- about: Every counted line beside the book as of the moment people counted, as known now and as known then. · 每条盘点行,旁列账面在盘点时刻的数:现在所知与当时所知。
-- rules: A1, A10
-- columns:
--   entry: Entry of the count · 盘点单号
--   line: Line number · 行号
--   seq: Sequence number of the count · 盘点单序号
--   site: Site · 站点
--   item: Item · 物资
--   lot: Lot; null when all lots were counted together · 批号;全部批次一起盘点时为 null
--   lot_counted: A count of one lot rather than of all · 是否按批次盘点
--   counted_at: When people counted · 盘点时刻
--   recorded_at: When the count was recorded · 记账时间
--   recorded_by: Who recorded it · 记录人
--   counted: Found, base units · 实盘数(基本单位)
--   book_at: The book as of that moment, as known now, without what answers this count · 账面在该时刻(现在所知,不含针对本次盘点的调整)
--   book_known_then: The same as known when the count was recorded · 账面在该时刻(盘点记账时所知)
--   difference: counted - book_at: + overage, - shortage · 差异:实盘 - 账面;正为盘盈,负为盘亏
--   answered_by: Adjustment that answers the count, or null · 针对本次盘点的调整单
--   reversed_by: Entry that undid the count, or null · 红冲本盘点单的单据
-- example: SELECT site, item, counted, book_at, difference FROM counts ORDER BY seq
CREATE VIEW counts AS
WITH counted AS MATERIALIZED (
    SELECT seq, place, line, site || '/' || source || '/' || number AS entry, site, item, lot, lot_counted, happened_at,
        recorded_at, counted
    FROM lake.line WHERE kind = 'stock_counted' AND sign = 1
),
moved AS MATERIALIZED (
    SELECT l.seq, l.site, l.item, l.lot, l.happened_at, l.delta FROM lake.line AS l
    SEMI JOIN counted AS c ON c.site = l.site AND c.item = l.item WHERE l.delta <> 0
),
by_lot AS (
    SELECT site, item, lot, happened_at,
        sum(sum(delta)) OVER (PARTITION BY site, item, lot ORDER BY happened_at) AS book
    FROM moved GROUP BY site, item, lot, happened_at
),
by_item AS (
    SELECT site, item, happened_at, sum(sum(delta)) OVER (PARTITION BY site, item ORDER BY happened_at) AS book
    FROM moved GROUP BY site, item, happened_at
),
booked AS (
    SELECT c.site, c.seq, c.place, b.book FROM counted AS c
    ASOF LEFT JOIN by_lot AS b ON b.site = c.site AND b.item = c.item AND b.lot = c.lot AND c.happened_at >= b.happened_at
    WHERE c.lot_counted
    UNION ALL
    SELECT c.site, c.seq, c.place, b.book FROM counted AS c
    ASOF LEFT JOIN by_item AS b ON b.site = c.site AND b.item = c.item AND c.happened_at >= b.happened_at
    WHERE NOT c.lot_counted
),
-- Lines recorded after some count of a later moment: few, and the only ones that part "known now" from "known then".
latest AS (
    SELECT seq, site, item, lot, happened_at, delta FROM (
        SELECT *, max(counted_at) OVER (PARTITION BY site, item ORDER BY seq) AS latest_count FROM (
            SELECT seq, site, item, lot, happened_at, delta, NULL::TIMESTAMPTZ AS counted_at FROM moved
            UNION ALL
            SELECT seq, site, item, NULL, NULL, NULL, happened_at FROM counted
        )
    ) WHERE delta IS NOT NULL AND latest_count >= happened_at
),
late AS (
    SELECT c.site, c.seq, c.place, sum(l.delta) AS moved FROM counted AS c
    JOIN latest AS l ON l.site = c.site AND l.item = c.item AND l.seq > c.seq AND l.happened_at <= c.happened_at
        AND (NOT c.lot_counted OR l.lot = c.lot)
    GROUP BY c.site, c.seq, c.place
),
answers AS (
    SELECT a.answers AS entry, l.site, l.item, l.lot, l.happened_at, l.seq, l.delta,
        a.site || '/' || a.source || '/' || a.number AS answer
    FROM lake.entry AS a JOIN lake.line AS l ON l.seq = a.seq AND l.volume = a.volume WHERE a.answers IS NOT NULL
),
answered AS (
    SELECT c.site, c.seq, c.place, min_by(a.answer, a.seq) AS answered_by,
        coalesce(sum(a.delta) FILTER (a.happened_at <= c.happened_at), 0) AS moved,
        coalesce(sum(a.delta) FILTER (a.happened_at <= c.happened_at AND a.seq > c.seq), 0) AS moved_late
    FROM counted AS c JOIN answers AS a ON a.entry = c.entry AND a.site = c.site AND a.item = c.item
        AND (NOT c.lot_counted OR a.lot = c.lot)
    GROUP BY c.site, c.seq, c.place
)
SELECT c.entry, c.line, c.seq, c.site, c.item, c.lot, c.lot_counted, c.happened_at AS counted_at, c.recorded_at,
    e.recorded_by, c.counted, (coalesce(b.book, 0) - coalesce(a.moved, 0))::BIGINT AS book_at,
    (coalesce(b.book, 0) - coalesce(a.moved, 0) - coalesce(l.moved, 0) + coalesce(a.moved_late, 0))::BIGINT AS book_known_then,
    c.counted - book_at AS difference, a.answered_by, r.reversed_by
FROM counted AS c
JOIN booked AS b ON b.site = c.site AND b.seq = c.seq AND b.place = c.place
JOIN lake.entry AS e ON e.site = c.site AND e.seq = c.seq
LEFT JOIN late AS l ON l.site = c.site AND l.seq = c.seq AND l.place = c.place
LEFT JOIN answered AS a ON a.site = c.site AND a.seq = c.seq AND a.place = c.place
LEFT JOIN (
    SELECT reverses, min_by(site || '/' || source || '/' || number, seq) AS reversed_by
    FROM lake.entry WHERE reverses IS NOT NULL GROUP BY reverses
) AS r ON r.reverses = c.entry;
