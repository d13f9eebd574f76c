-- title: Reported use a day · 日均上报用量
-- about: Use of an item a day as each report of a receiver gives it, rounded up. · 各领用方每次上报折合的日用量(向上取整)。
-- rules: A6, A7, D2
-- columns:
--   entry: Entry · 单据号
--   site: Site that issued it · 发出站点
--   receiver: Receiver · 领用方
--   department: Department · 部门
--   item: Item · 物资
--   happened_at: End of the period · 期末
--   days: Days of the period, at least one · 天数
--   used: Used in the period, base units · 期内使用
--   a_day: Used a day, base units · 日用量
--   recorded_by: Who recorded it · 记录人
-- example: SELECT receiver, item, a_day FROM reported_use ORDER BY happened_at DESC
CREATE VIEW reported_use AS
WITH reports AS (
    SELECT entry, site, seq, department, happened_at, recorded_by,
        greatest(1, ceil(epoch(happened_at - coalesce(happened_since, happened_at)) / 86400))::BIGINT AS days
    FROM entries WHERE kind = 'usage_reported' AND reversed_by IS NULL
),
summed AS (
    SELECT site, seq, party, item, sum(quantity * factor)::BIGINT AS used
    FROM lake.line WHERE kind = 'usage_reported' AND sign = 1 GROUP BY ALL
)
SELECT r.entry, r.site, s.party AS receiver, r.department, s.item, r.happened_at, r.days, s.used,
    ((s.used + r.days - 1) // r.days)::BIGINT AS a_day, r.recorded_by
FROM reports AS r JOIN summed AS s ON s.site = r.site AND s.seq = r.seq;
