-- title: Sites nobody described · 未登记的站点
-- about: Which sites have entries, are the other end of a transfer, or are named by policy or as the store another fetches from, though nobody described them? · 哪些站点有单据、是调拨的另一端、被政策指定或是他站的取货库,却没有登记?
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
    SELECT site, seq, site AS home, source, number, happened_at FROM lake.entry WHERE site <> '*'
    UNION ALL
    SELECT other_site, seq, site, source, number, happened_at FROM lake.entry WHERE other_site IS NOT NULL
    UNION ALL
    SELECT coalesce(document ->> '$.scope.site', document ->> '$.fetches_from'), seq, site, source, number, happened_at
    FROM lake.entry WHERE kind IN ('policy_set', 'site_described')
),
unknown AS (
    SELECT site, arg_min({'home': home, 'seq': seq, 'source': source, 'number': number, 'happened_at': happened_at}, seq) AS earliest,
        count(DISTINCT (home, seq)) AS entries
    FROM named ANTI JOIN (SELECT site FROM sites WHERE described) AS s USING (site)
    WHERE site IS NOT NULL GROUP BY site
)
SELECT u.earliest.home || '/' || u.earliest.source || '/' || u.earliest.number AS entry, u.site, l.item, u.earliest.happened_at AS happened_at,
    u.entries || ' entries not described · 张单据,站点未登记' AS what, u.entries
FROM unknown AS u LEFT JOIN lake.line AS l ON l.site = u.earliest.home AND l.seq = u.earliest.seq AND l.place = 1;
