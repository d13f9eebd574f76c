-- title: Packing plans · 打包计划
-- about: The plan that stands for each outlet and round: packs it needs, points to be packed ahead, points packed. · 各网点各轮现行计划:所需包数、应预先打包的点数、已打包的点数。
-- rules: G1, G2, G3, G4
-- columns:
--   entry: Entry · 单据号
--   site: Outlet · 网点
--   round: Round · 轮次
--   plan: A or B · 方案
--   placed: at_outlet or central · 放置
--   happened_at: When planned · 计划时间
--   points: Points, sub-points not counted · 采样点数(不含子点)
--   sub_points: Sub-points · 子点数
--   kits: Plan A: people by level of kit, JSON · 方案 A 各等级人数
--   base_packs: Plan B: base packs · 方案 B 基础包
--   increment_packs: Plan B: one for each further desk · 方案 B 增量包
--   duty: Points to be packed ahead · 应打包点数
--   packed: Points packed whole · 已打包点数
-- example: SELECT site, round, duty, packed FROM packing_plans WHERE packed < duty
CREATE VIEW packing_plans AS
WITH latest AS (
    SELECT entry, site, (document ->> '$.round')::INTEGER AS round, document, happened_at FROM entries
    WHERE kind = 'packing_planned' AND reversed_by IS NULL
    QUALIFY row_number() OVER (PARTITION BY site, document ->> '$.round' ORDER BY happened_at DESC, seq DESC) = 1
),
listed AS (
    SELECT entry, unnest(from_json(document -> '$.points', '[{"point": "VARCHAR", "desks": "INTEGER", "sub_point": "BOOLEAN",
        "staff": "MAP(VARCHAR, BIGINT)"}]')) AS p FROM latest
),
counted AS (
    SELECT entry, count(*) FILTER (NOT coalesce(p.sub_point, false)) AS points, count(*) FILTER (p.sub_point) AS sub_points,
        count(*) AS base_packs, sum(p.desks - 1)::BIGINT AS increment_packs FROM listed GROUP BY entry
),
worn AS (SELECT entry, unnest(map_entries(p.staff)) AS w FROM listed WHERE p.staff IS NOT NULL),
people AS (
    SELECT entry, to_json(map_from_entries(list((level, people) ORDER BY level))) AS kits
    FROM (SELECT entry, w.key AS level, sum(w.value)::BIGINT AS people FROM worn GROUP BY ALL) GROUP BY entry
),
done AS (
    SELECT site, round, point FROM (
        SELECT site, (document ->> '$.round')::INTEGER AS round,
            unnest(from_json(document -> '$.points', '["VARCHAR"]')) AS point
        FROM entries WHERE kind = 'kits_packed' AND reversed_by IS NULL
    )
),
packed AS (
    SELECT l.entry, count(DISTINCT l.p.point) AS packed FROM listed AS l JOIN latest AS t USING (entry)
    JOIN done AS d ON d.site = t.site AND d.round = t.round AND d.point = l.p.point GROUP BY l.entry
),
ruled AS (
    SELECT entry, policy_at('packing_duty', '[10, 5, 30, 20, 50, 40]', site, '', happened_at)::BIGINT[] AS said FROM latest
),
duties AS (SELECT entry, CASE WHEN len(said) = 6 THEN said ELSE [10, 5, 30, 20, 50, 40] END AS d FROM ruled)
SELECT entry, site, round, document ->> '$.plan' AS plan, document ->> '$.placed' AS placed, happened_at, points, sub_points,
    CASE plan WHEN 'A' THEN coalesce(kits, '{}') END AS kits, CASE plan WHEN 'B' THEN base_packs END AS base_packs,
    CASE plan WHEN 'B' THEN increment_packs END AS increment_packs,
    list_sum(list_transform([points, sub_points], lambda n: CASE
        WHEN n <= d[1] THEN 0 WHEN n <= d[3] THEN d[2] WHEN n <= d[5] THEN (n * d[4] + 99) // 100
        ELSE (n * d[6] + 99) // 100 END))::BIGINT AS duty,
    coalesce(packed, 0) AS packed
FROM latest JOIN counted USING (entry) JOIN duties USING (entry) LEFT JOIN people USING (entry) LEFT JOIN packed USING (entry);
