-- title: Sites nobody described · 未登记的站点
-- about: Which sites have entries, or are the other end of a transfer, though nobody described them? · 哪些站点有单据或是调拨的另一端,却没有登记?
-- rules: M6
-- columns:
--   entry: First entry about it · 首张涉及的单据
--   site: Site · 站点
--   item: First item · 首行物资
--   happened_at: When that happened · 发生时间
--   what: In words · 说明
--   entries: How many entries concern it · 涉及的单据数
-- example: SELECT site, entries FROM audit_unknown_site
CREATE VIEW audit_unknown_site AS
WITH named AS (
    SELECT site, seq, site AS at, source, number, happened_at, item FROM lake.line
    UNION ALL
    SELECT coalesce(nullif(to_site, site), from_site), seq, site, source, number, happened_at, item FROM lake.line
    WHERE transfer IS NOT NULL
)
SELECT min_by(n.at || '/' || n.source || '/' || n.number, n.seq) AS entry, n.site, min_by(n.item, n.seq) AS item,
    min_by(n.happened_at, n.seq) AS happened_at,
    count(DISTINCT (n.at, n.seq)) || ' entries not described · 张单据,站点未登记' AS what,
    count(DISTINCT (n.at, n.seq)) AS entries
FROM named AS n ANTI JOIN (SELECT site FROM sites WHERE described) AS s ON s.site = n.site
GROUP BY n.site;
