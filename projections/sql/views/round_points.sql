-- title: Points of a round · 各轮采样点配送
-- about: Every planned point of a round and when goods for it were first and last issued or passed through. · 每轮每个计划采样点,及最早、最近发给它的时间。
-- rules: G1, G5, G8
-- columns:
--   site: Outlet · 网点
--   district: District · 区
--   round: Round · 轮次
--   grid: Point · 采样点
--   planned_at: When planned · 计划时间
--   first_at: First goods for it; null: none · 最早发出
--   last_at: Last goods for it · 最近发出
-- example: SELECT * FROM round_points WHERE first_at IS NULL
CREATE VIEW round_points AS
WITH planned AS (
    SELECT p.site, p.round, p.happened_at AS planned_at,
        unnest(from_json(e.document -> '$.points', '[{"point": "VARCHAR"}]')).point AS grid
    FROM packing_plans AS p JOIN entries AS e USING (entry)
),
brought AS (
    SELECT (document ->> '$.round.number')::INTEGER AS round, document ->> '$.round.grid' AS grid, happened_at
    FROM entries WHERE kind = 'goods_issued' AND reversed_by IS NULL AND document LIKE '%"round"%'
    UNION ALL
    SELECT round, receiver, happened_at FROM passed_through WHERE round IS NOT NULL
)
SELECT p.site, any_value(s.district) AS district, p.round, p.grid, p.planned_at, min(b.happened_at) AS first_at,
    max(b.happened_at) AS last_at
FROM planned AS p LEFT JOIN sites AS s USING (site)
LEFT JOIN brought AS b ON b.round = p.round AND b.grid = p.grid AND b.happened_at >= p.planned_at
GROUP BY p.site, p.round, p.grid, p.planned_at;
