-- title: Levels of emergency through time · 应急状态沿革
-- about: Every moment at which a declaration changed what may hold somewhere, and the level at each site from then on: of the narrowest area that has one. · 每次宣布变动的时刻,以及各站点自此的应急级别(取最小范围者)。
-- rules: K1
-- columns:
--   site: Site · 站点
--   since: From when · 起
--   level: normal, regional_testing, citywide_testing or lockdown · 级别
-- example: SELECT since, level FROM levels ORDER BY since
CREATE VIEW levels AS
WITH said AS (
    SELECT document ->> '$.area' AS area, document ->> '$.level' AS level, seq,
        (document ->> '$.effective_from')::TIMESTAMPTZ AS effective_from,
        (document ->> '$.ends_at')::TIMESTAMPTZ AS ends_at
    FROM lake.entry WHERE kind = 'state_declared'
),
moments AS (SELECT effective_from AS since FROM said UNION SELECT ends_at FROM said WHERE ends_at IS NOT NULL),
within AS (
    SELECT site, area, 3 AS width FROM sites WHERE area IS NOT NULL
    UNION ALL SELECT site, district, 2 FROM sites WHERE district IS NOT NULL
    UNION ALL SELECT site, '*', 1 FROM sites
),
begun AS (
    SELECT w.site, m.since, w.width, s.level, s.ends_at FROM within AS w JOIN said AS s ON s.area = w.area
    JOIN moments AS m ON m.since >= s.effective_from
    QUALIFY row_number() OVER (PARTITION BY w.site, m.since, w.width ORDER BY s.effective_from DESC, s.seq) = 1
),
holding AS (
    SELECT site, since, max_by(level, width) AS level FROM begun WHERE ends_at IS NULL OR since < ends_at GROUP BY site, since
)
SELECT s.site, m.since, coalesce(h.level, 'normal') AS level
FROM sites AS s CROSS JOIN moments AS m LEFT JOIN holding AS h ON h.site = s.site AND h.since = m.since;
