-- title: Impossible dates · 不可能的日期
-- about: Which entries happened after they were recorded, beyond the tolerance of policy, or speak of goods before they were made or expired before they were made? · 哪些单据的发生时间晚于记账时间(超过容差),或早于物资生产日期,或有效期早于生产日期?
-- rules: A10
-- columns:
--   entry: Entry · 单据号
--   site: Site · 站点
--   item: Item · 物资
--   happened_at: When · 时间
--   what: In words · 说明
--   line: Line number; null: the whole entry · 行号;整单为空
--   status: ahead of its recording, before it was made, or expires before it was made · 情况
--   recorded_at: When recorded · 记账时间
-- example: SELECT entry, status FROM audit_impossible_date
CREATE VIEW audit_impossible_date AS
WITH early AS (
    SELECT entry, site, seq, happened_at, recorded_at FROM entries WHERE happened_at > recorded_at AND reversed_by IS NULL
),
ahead AS (
    SELECT *, policy_at('clock_ahead_minutes', '10', site, '', recorded_at)::BIGINT AS minutes FROM early
),
made AS (
    SELECT e.entry, l.site, l.item, l.happened_at, l.recorded_at, l.line,
        CASE WHEN l.expires_on < l.produced_on THEN 'expires before it was made' ELSE 'before it was made' END AS status
    FROM lake.line AS l JOIN entries AS e ON e.site = l.site AND e.seq = l.seq AND e.reversed_by IS NULL
    WHERE l.sign = 1 AND (l.expires_on < l.produced_on OR l.happened_on < l.produced_on)
),
found AS (
    SELECT a.entry, a.site, l.item, a.happened_at, a.recorded_at, NULL AS line, 'ahead of its recording' AS status
    FROM ahead AS a LEFT JOIN lake.line AS l ON l.site = a.site AND l.seq = a.seq AND l.place = 1
    WHERE a.happened_at > a.recorded_at + to_minutes(a.minutes)
    UNION ALL SELECT entry, site, item, happened_at, recorded_at, line, status FROM made
)
SELECT entry, site, item, happened_at, format('{} · {}', status, CASE status WHEN 'ahead of its recording' THEN '发生时间晚于记账时间'
    WHEN 'before it was made' THEN '早于生产日期' ELSE '有效期早于生产日期' END) AS what, line, status, recorded_at
FROM found;
