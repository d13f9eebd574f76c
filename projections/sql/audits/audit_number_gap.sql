-- title: Missing numbers · 缺号
-- about: Which document numbers of a device or desk never came into the book – lost on the way, or waiting in quarantine? · 哪些设备、台位的单据编号没有入账?是丢了,还是在隔离区?
-- rules: D8
-- columns:
--   entry: First missing entry · 第一个缺的单据号
--   site: Site · 站点
--   item: Not told by a number; null · 编号不说明物资,为 null
--   happened_at: When the next one that came was recorded · 其后一张记账的时间
--   what: In words · 说明
--   source: Source · 来源
--   first: First missing number · 起始缺号
--   last: Last missing number · 终止缺号
--   missing: How many · 缺几个
--   status: missing, or in quarantine · missing 未到;in quarantine 在隔离区
--   digest: Quarantined document, when it is one · 隔离单据摘要
-- example: SELECT source, first, last, status FROM audit_number_gap
CREATE VIEW audit_number_gap AS
WITH came AS (SELECT site, source, number, recorded_at, NULL AS digest FROM lake.entry),
ends AS (SELECT site, source, max(number) AS last FROM came GROUP BY site, source),
kept AS (
    SELECT q.site, q.source, q.number, any_value(q.recorded_at) AS recorded_at, min(q.digest) AS digest
    FROM quarantine AS q JOIN ends AS e ON e.site = q.site AND e.source = q.source AND q.number BETWEEN 1 AND e.last
    ANTI JOIN came AS c ON c.site = q.site AND c.source = q.source AND c.number = q.number
    GROUP BY ALL
),
points AS (
    SELECT *, lag(number, 1, 0) OVER (PARTITION BY site, source ORDER BY number) AS before
    FROM (FROM came UNION ALL FROM kept)
),
gaps AS (
    SELECT site, source, before + 1 AS first, number - 1 AS last, recorded_at, 'missing' AS status, NULL AS digest
    FROM points WHERE number > before + 1
    UNION ALL
    SELECT site, source, number, number, recorded_at, 'in quarantine', digest FROM kept
)
SELECT site || '/' || source || '/' || first AS entry, site, NULL::VARCHAR AS item, recorded_at AS happened_at,
    format('{}: {}–{} {} · {}', source, first, last, status, CASE status WHEN 'missing' THEN '未到' ELSE '在隔离区' END) AS what,
    source, first, last, last - first + 1 AS missing, status, digest
FROM gaps;
