-- title: Requisitions · 申领
-- about: Every line a department asked for that was not reversed, with what it was given on the days it was given any, within the window of policy before it. · 未红冲的每条申领,及申领前规定天数内该部门有领用之日的领用量。
-- rules: D1
-- columns:
--   entry: Entry · 单据号
--   site: Store asked · 受理的仓库
--   item: Item · 物资
--   happened_at: When · 时间
--   line: Line number · 行号
--   requisition: Number of the form · 申领单编号
--   department: Who asks · 申领部门
--   superior: The department above · 上级部门
--   requested_by: Who signed it · 申领人
--   quantity: Asked for, base units · 申领数(基本单位)
--   remaining: What they still have, base units · 剩余数
--   headcount: People it is for · 人数
--   rounds: Rounds it is for · 轮次
--   drawn_days: Days in the window with use · 有领用的天数
--   drawn_median: Median of those days, base units; the upper of two · 日领用中位数(偶数取较大者)
--   drawn_total: Sum of those days · 领用合计
--   drawn_squares: Sum of their squares · 平方和
-- example: SELECT department, item, quantity, drawn_median FROM requisitions ORDER BY happened_at
CREATE VIEW requisitions AS
WITH said AS (
    SELECT site, seq, happened_at, happened_on, site || '/' || source || '/' || number AS entry,
        document ->> '$.requisition' AS requisition, document ->> '$.department' AS department,
        document ->> '$.superior' AS superior, document ->> '$.requested_by' AS requested_by,
        (document ->> '$.headcount')::BIGINT AS headcount, coalesce((document ->> '$.rounds')::BIGINT, 1) AS rounds,
        unnest(from_json(document -> '$.lines', '[{"line": "INTEGER", "left": "BIGINT"}]'), max_depth := 2)
    FROM lake.entry AS e WHERE kind = 'requisition_made' AND NOT EXISTS (
        SELECT 1 FROM lake.entry AS r WHERE r.reverses = e.site || '/' || e.source || '/' || e.number
    )
),
asked AS (
    SELECT s.* EXCLUDE ("left"), l.item, l.quantity * l.factor AS quantity, coalesce(s."left", 0) * l.factor AS remaining,
        policy_at('requisition_window_days', '14', s.site, l.item, s.happened_at)::BIGINT AS window_days
    FROM said AS s JOIN lake.line AS l ON l.site = s.site AND l.seq = s.seq AND l.line = s.line AND l.sign = 1
),
given AS (
    SELECT i.site, e.department, i.item, i.happened_on, sum(i.quantity) AS quantity
    FROM issues AS i JOIN lake.entry AS e ON e.site = i.site AND e.seq = i.seq
    WHERE e.department IS NOT NULL GROUP BY ALL HAVING sum(i.quantity) > 0
)
SELECT a.entry, a.site, a.item, a.happened_at, a.line, a.requisition, a.department, a.superior, a.requested_by, a.quantity,
    a.remaining, a.headcount, a.rounds, count(g.quantity) AS drawn_days,
    list_sort(list(g.quantity) FILTER (g.quantity IS NOT NULL))[count(g.quantity)::BIGINT // 2 + 1]::BIGINT AS drawn_median,
    coalesce(sum(g.quantity), 0)::HUGEINT AS drawn_total, coalesce(sum(g.quantity * g.quantity), 0)::HUGEINT AS drawn_squares
FROM asked AS a LEFT JOIN given AS g ON g.site = a.site AND g.department = a.department AND g.item = a.item
    AND g.happened_on < a.happened_on AND g.happened_on >= a.happened_on - a.window_days::INTEGER
GROUP BY ALL;
