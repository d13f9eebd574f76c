-- title: Hazardous goods in a place not rated · 危险品存放不合规
-- about: Which hazardous goods came into a site or place that is not rated for them? · 哪些危险品进入了没有危险品存放资格的站点或位置?
-- rules: A7
-- columns:
--   entry: Entry · 单据号
--   site: Site · 站点
--   item: Item · 物资
--   happened_at: When · 时间
--   what: In words · 说明
--   line: Line number · 行号
--   stored_at: Place named · 所写位置
--   rated: Places rated, JSON · 合规位置
--   status: no rated place, place not rated, or place not said · 情况
-- example: SELECT entry, item, stored_at, status FROM audit_hazard_storage
CREATE VIEW audit_hazard_storage AS
WITH came AS (
    SELECT e.entry, e.site, l.item, e.happened_at, l.line, e.document ->> '$.stored_at' AS stored_at,
        coalesce(s.hazard_rated_places, '[]') AS rated
    FROM entries AS e JOIN lake.line AS l ON l.site = e.site AND l.seq = e.seq JOIN items AS i ON i.item = l.item
    LEFT JOIN sites AS s ON s.site = e.site
    WHERE e.kind IN ('goods_received', 'transfer_arrived') AND e.reversed_by IS NULL AND i.hazardous
),
judged AS (
    SELECT *, CASE WHEN json_array_length(rated) = 0 THEN 'no rated place' WHEN stored_at IS NULL THEN 'place not said'
        WHEN NOT list_contains(from_json(rated, '["VARCHAR"]'), stored_at) THEN 'place not rated' END AS status
    FROM came
)
SELECT entry, site, item, happened_at, format('{} · {}', status, CASE status WHEN 'no rated place' THEN '站点没有合规位置'
    WHEN 'place not said' THEN '未写位置' ELSE '位置不合规' END) AS what, line, stored_at, rated, status
FROM judged WHERE status IS NOT NULL;
