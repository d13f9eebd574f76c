-- title: Drivers of demand · 需求驱动因素
-- about: The dated series that demand follows – visits, people on duty, beds – each day as last said; reversed points left out. · 需求所随的逐日数列(门诊量、在岗人数、床位等),每日取最后所报;已红冲的除外。
-- rules: D2, D3, D4
-- columns:
--   site: Site · 站点
--   driver: What it is · 因素
--   on_day: Day · 日期
--   value: Its figure · 数值
--   observer: Who said so · 观测人
--   entry: Entry · 单据号
-- example: SELECT driver, on_day, value FROM drivers ORDER BY driver, on_day
CREATE VIEW drivers AS
SELECT site, document ->> '$.driver' AS driver, (document ->> '$.on_day')::DATE AS on_day,
    (document ->> '$.value')::BIGINT AS value, document ->> '$.observer' AS observer,
    e.site || '/' || source || '/' || number AS entry
FROM lake.entry AS e
WHERE kind = 'driver_observed' AND NOT EXISTS (
    SELECT 1 FROM lake.entry AS r WHERE r.reverses = e.site || '/' || e.source || '/' || e.number
)
QUALIFY row_number() OVER (PARTITION BY site, document ->> '$.driver', document ->> '$.on_day'
    ORDER BY happened_at DESC, volume DESC, seq DESC) = 1;
