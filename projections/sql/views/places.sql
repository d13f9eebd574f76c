-- title: Places through time · 站点沿革
-- about: Every description of a site and from when until when it holds: districts merge and sites move. The first also holds before it. · 每次站点登记及其有效期间:区划会合并,站点会搬迁。首次登记对其以前也适用。
-- rules: F10, K2
-- columns:
--   site: Site · 站点
--   district: District then · 当时的区
--   area: Area within it then · 当时的片区
--   site_kind: Kind of site · 站点类型
--   held_from: From when; null for the first, which also holds before it · 起;首次登记为空,其前亦适用
--   held_until: Until when; null while it holds · 止;现行为空
--   entry: Entry · 单据号
-- example: SELECT site, district, held_from, held_until FROM places ORDER BY site, held_from
CREATE VIEW places AS
SELECT document ->> '$.describes' AS site, document ->> '$.district' AS district, document ->> '$.area' AS area,
    document ->> '$.site_kind' AS site_kind,
    CASE WHEN row_number() OVER of_site > 1 THEN happened_at END AS held_from,
    lead(happened_at) OVER of_site AS held_until, e.site || '/' || source || '/' || number AS entry
FROM lake.entry AS e WHERE kind = 'site_described'
WINDOW of_site AS (PARTITION BY document ->> '$.describes' ORDER BY happened_at, seq);
