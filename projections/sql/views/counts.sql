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
WITH asked AS MATERIALIZED (
    SELECT seq, place, line, site || '/' || source || '/' || number AS entry, site, item, lot, lot_counted, happened_at,
        recorded_at, counted, CASE WHEN lot_counted THEN lot END AS lot_asked
    FROM lake.line WHERE kind = 'stock_counted' AND sign = 1
),
-- What was counted: an item, or one lot of it. Each has stretches of time of its own width, four to a count, so that
-- a count reads the sum of whole stretches and few lines of its own. The width decides the speed, never the answer.
scope AS MATERIALIZED (
    SELECT site, item, lot_asked, row_number() OVER ()::INTEGER AS key,
        greatest(1_000_000, 86_400_000_000 * (SELECT count(DISTINCT happened_on) FROM lake.line) // (4 * count(*))) AS width
    FROM asked GROUP BY site, item, lot_asked
),
counted AS MATERIALIZED (
    SELECT a.*, s.key, epoch_us(a.happened_at) // s.width AS stretch FROM asked AS a
    JOIN scope AS s ON s.site = a.site AND s.item = a.item AND s.lot_asked IS NOT DISTINCT FROM a.lot_asked
),
moved AS NOT MATERIALIZED (
    SELECT s.key, epoch_us(l.happened_at) // s.width AS stretch, l.seq, l.happened_at, l.delta FROM lake.line AS l
    JOIN scope AS s ON s.site = l.site AND s.item = l.item WHERE l.delta <> 0 AND s.lot_asked IS NULL
    UNION ALL
    SELECT s.key, epoch_us(l.happened_at) // s.width, l.seq, l.happened_at, l.delta FROM lake.line AS l
    JOIN scope AS s ON s.site = l.site AND s.item = l.item AND s.lot_asked = l.lot WHERE l.delta <> 0
),
summed AS MATERIALIZED (
    SELECT key, stretch, sum(delta)::BIGINT AS moved, max(seq) AS last_seq FROM moved GROUP BY key, stretch
),
before AS (
    SELECT c.key, c.seq, c.place, r.book FROM counted AS c
    ASOF JOIN (SELECT key, stretch, sum(moved) OVER (PARTITION BY key ORDER BY stretch) AS book FROM summed) AS r
    ON r.key = c.key AND c.stretch > r.stretch
),
-- Stretches with a line recorded after some count of a later stretch: few.
behind AS MATERIALIZED (
    SELECT b.key, b.stretch FROM summed AS b
    ASOF JOIN (SELECT key, stretch, min(seq) OVER (PARTITION BY key ORDER BY stretch DESC) AS first_seq FROM counted) AS c
    ON c.key = b.key AND b.stretch < c.stretch WHERE b.last_seq > c.first_seq
),
near AS MATERIALIZED (
    SELECT m.* FROM moved AS m
    SEMI JOIN (SELECT key, stretch FROM counted UNION SELECT key, stretch FROM behind) AS w
    ON w.key = m.key AND w.stretch = m.stretch
),
within AS (
    SELECT c.key, c.seq, c.place, sum(l.delta) AS moved, sum(l.delta) FILTER (l.seq > c.seq) AS moved_late
    FROM counted AS c JOIN near AS l ON l.key = c.key AND l.stretch = c.stretch AND l.happened_at <= c.happened_at
    GROUP BY c.key, c.seq, c.place
),
late AS (
    SELECT c.key, c.seq, c.place, sum(l.delta) AS moved
    FROM (SELECT n.* FROM near AS n SEMI JOIN behind AS b ON b.key = n.key AND b.stretch = n.stretch) AS l
    JOIN counted AS c ON c.key = l.key AND l.stretch < c.stretch AND l.seq > c.seq
    GROUP BY c.key, c.seq, c.place
),
answers AS (
    SELECT a.answers AS entry, l.site, l.item, l.lot, l.happened_at, l.seq, l.delta,
        a.site || '/' || a.source || '/' || a.number AS answer
    FROM lake.entry AS a JOIN lake.line AS l ON l.seq = a.seq AND l.volume = a.volume WHERE a.answers IS NOT NULL
),
answered AS (
    SELECT c.key, c.seq, c.place, min_by(a.answer, a.seq) AS answered_by,
        coalesce(sum(a.delta) FILTER (a.happened_at <= c.happened_at), 0) AS moved,
        coalesce(sum(a.delta) FILTER (a.happened_at <= c.happened_at AND a.seq > c.seq), 0) AS moved_late
    FROM counted AS c JOIN answers AS a ON a.entry = c.entry AND a.site = c.site AND a.item = c.item
        AND (NOT c.lot_counted OR a.lot = c.lot)
    GROUP BY c.key, c.seq, c.place
)
SELECT c.entry, c.line, c.seq, c.site, c.item, c.lot, c.lot_counted, c.happened_at AS counted_at, c.recorded_at,
    e.recorded_by, c.counted, (coalesce(b.book, 0) + coalesce(w.moved, 0) - coalesce(a.moved, 0))::BIGINT AS book_at,
    (book_at - coalesce(w.moved_late, 0) - coalesce(l.moved, 0) + coalesce(a.moved_late, 0))::BIGINT AS book_known_then,
    c.counted - book_at AS difference, a.answered_by, r.reversed_by
FROM counted AS c
JOIN lake.entry AS e ON e.site = c.site AND e.seq = c.seq
LEFT JOIN before AS b ON b.key = c.key AND b.seq = c.seq AND b.place = c.place
LEFT JOIN within AS w ON w.key = c.key AND w.seq = c.seq AND w.place = c.place
LEFT JOIN late AS l ON l.key = c.key AND l.seq = c.seq AND l.place = c.place
LEFT JOIN answered AS a ON a.key = c.key AND a.seq = c.seq AND a.place = c.place
LEFT JOIN (
    SELECT reverses, min_by(site || '/' || source || '/' || number, seq) AS reversed_by
    FROM lake.entry WHERE reverses IS NOT NULL GROUP BY reverses
) AS r ON r.reverses = c.entry;
