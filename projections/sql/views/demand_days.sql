-- title: Demand by day · 每日需求
-- about: What was issued of an item at a site on every day from its first movement to yesterday, and whether any was left that evening: a day that ended with nothing on hand says what there was, not what was wanted. Reversed entries, write-offs and goods sent back are left out. · 自首次变动至昨日,各站点各物资每日出库数及当晚是否有存;当晚无存的日子只说明有多少,不说明要多少。红冲、报损、退回供方的除外。
-- rules: D3, D4, D5
-- columns:
--   site: Site · 站点
--   item: Item · 物资
--   on_day: Local day · 当地日期
--   issued: Issued, base units · 出库数(基本单位)
--   on_hand: On hand that evening, base units · 当晚在库
--   counts: Whether the day counts as demand: something was left · 当晚有存,计入需求
-- example: SELECT on_day, issued, on_hand, counts FROM demand_days ORDER BY site, item, on_day
CREATE VIEW demand_days AS
WITH stands AS (
    SELECT l.site, l.item, l.happened_on, l.delta,
        CASE WHEN l.kind = 'goods_issued' AND e."use" NOT IN ('sent_back', 'write_off') THEN -l.delta ELSE 0 END AS wanted
    FROM lake.line AS l JOIN lake.entry AS e ON e.site = l.site AND e.seq = l.seq
    WHERE l.delta <> 0 AND l.sign = 1 AND NOT EXISTS (
        SELECT 1 FROM lake.entry AS r WHERE r.reverses = l.site || '/' || l.source || '/' || l.number
    )
),
moved AS (
    SELECT site, item, happened_on AS on_day, sum(delta) AS net, sum(wanted) AS wanted FROM stands GROUP BY ALL
),
days AS (
    SELECT site, item, unnest(generate_series(min(on_day), book_day() - 1, INTERVAL 1 DAY))::DATE AS on_day
    FROM moved GROUP BY site, item
),
evenings AS (
    SELECT d.site, d.item, d.on_day, coalesce(m.wanted, 0)::BIGINT AS issued,
        coalesce(sum(m.net) OVER (PARTITION BY d.site, d.item ORDER BY d.on_day), 0)::BIGINT AS on_hand
    FROM days AS d LEFT JOIN moved AS m USING (site, item, on_day)
)
SELECT site, item, on_day, issued, on_hand, on_hand > 0 AS counts FROM evenings;
