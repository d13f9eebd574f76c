-- title: Counts that differ from the book · 账实不符的盘点
-- about: Where did people find more or less than the book says for that moment, and has anyone answered it? · 哪些盘点多于或少于当时账面?有没有人处理?
-- rules: A1
-- columns:
--   entry: Entry of the count · 盘点单号
--   site: Site · 站点
--   item: Item · 物资
--   happened_at: When people counted · 盘点时刻
--   what: In words · 说明
--   lot: Lot; null for all lots together · 批号;全部批次一起为 null
--   counted: Found, base units · 实盘数
--   book_at: Book as of that moment, as known now · 账面(现在所知)
--   book_known_then: Book as of that moment, as known then · 账面(当时所知)
--   difference: + overage, - shortage · 正为盘盈,负为盘亏
--   answered_by: Adjustment that answers it · 处理它的调整单
--   adjusted: What the adjustments changed · 已调整数
--   status: open, or closed when the adjustments make it good · open 未结;closed 已调平
-- example: SELECT entry, item, counted, book_at, difference FROM audit_count_difference WHERE status = 'open'
CREATE VIEW audit_count_difference AS
WITH answers AS (
    SELECT a.answers AS entry, l.item, l.lot, sum(l.delta) AS adjusted
    FROM lake.entry AS a JOIN lake.line AS l ON l.site = a.site AND l.seq = a.seq
    WHERE a.answers IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM lake.entry AS r WHERE r.reverses = a.site || '/' || a.source || '/' || a.number
    )
    GROUP BY ALL
),
judged AS (
    SELECT d.*, coalesce((
        SELECT sum(a.adjusted) FROM answers AS a
        WHERE a.entry = d.entry AND a.item = d.item AND (NOT d.lot_counted OR a.lot = d.lot)
    ), 0)::BIGINT AS adjusted FROM differences AS d
)
SELECT entry, site, item, counted_at AS happened_at,
    format('counted {}, book {} · 实盘 {},账面 {}', counted, book_at, counted, book_at) AS what, lot, counted, book_at,
    book_known_then, difference, answered_by, adjusted,
    CASE WHEN adjusted = difference THEN 'closed' ELSE 'open' END AS status
FROM judged;
