-- title: Sites · 站点
-- about: Every site as last described; a site with entries that nobody described has only its id. · 每个站点最近一次登记;有单据而未登记的只有编号。
-- rules: A7, M6
-- columns:
--   site: Site id · 站点编号
--   name: Name · 名称
--   district: District · 区
--   area: Area within it whose state and zone hold there (K1, K2) · 所在片区
--   site_kind: Kind of site · 站点类型
--   hazard_rated_places: Places rated for hazardous goods, JSON · 可存危险品的库位(JSON)
--   keepers: Named keepers, JSON · 专人(JSON)
--   described: Whether anyone described it · 是否登记
--   entry: Entry that last described it · 最近登记的单据
-- example: SELECT site, name, district FROM sites ORDER BY site
CREATE VIEW sites AS
WITH latest AS (
    SELECT document ->> '$.describes' AS site,
        max_by({'d': document, 'entry': site || '/' || source || '/' || number}, seq) AS l
    FROM lake.entry WHERE kind = 'site_described' GROUP BY ALL
),
seen AS (SELECT DISTINCT site FROM lake.line)
SELECT site, l.d::VARCHAR ->> '$.name' AS name, l.d::VARCHAR ->> '$.district' AS district,
    l.d::VARCHAR ->> '$.area' AS area,
    l.d::VARCHAR ->> '$.site_kind' AS site_kind, coalesce(l.d::VARCHAR -> '$.hazard_rated_places', '[]') AS hazard_rated_places,
    coalesce(l.d::VARCHAR -> '$.keepers', '[]') AS keepers, l IS NOT NULL AS described, l.entry AS entry
FROM seen FULL JOIN latest USING (site);
