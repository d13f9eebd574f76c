-- title: Daily flow of the watched set · 关注物资每日进出
-- about: What came in and went out of every watched item at a site on a day, what was reversed left out. · 每种关注物资在各站点每日的进、出,红冲的除外。
-- rules: D1
-- columns:
--   site: Site · 站点
--   item: Item · 物资
--   on_day: Local day · 当地日期
--   came_in: Came in, base units · 进(基本单位)
--   went_out: Went out, base units · 出(基本单位)
-- example: SELECT * FROM watched_days ORDER BY on_day, site, item
CREATE VIEW watched_days AS
SELECT site, item, on_day, came_in, went_out
FROM (
    SELECT site, item, happened_on AS on_day, coalesce(sum(delta) FILTER (delta > 0), 0)::BIGINT AS came_in,
        coalesce(-sum(delta) FILTER (delta < 0), 0)::BIGINT AS went_out, max(happened_at) AS last_at
    FROM lake.line AS l WHERE delta <> 0 AND sign = 1 AND NOT EXISTS (
        SELECT 1 FROM lake.entry AS r WHERE r.reverses = l.site || '/' || l.source || '/' || l.number
    )
    GROUP BY ALL
)
WHERE policy_at('watched', '1', site, item, last_at)::BIGINT <> 0;
