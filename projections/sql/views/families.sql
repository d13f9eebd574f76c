-- title: Families of items · 物资门类
-- about: Families as described, and those items name without a description. Policy scoped to a family is the default of its items. · 已登记的门类,及物资用到而未登记的门类。以门类为范围的规则参数是其物资的默认值。
-- rules: A12
-- columns:
--   family: Family · 门类
--   name: Name · 名称
--   of: Group: living, medical, community, cold_season, heat_season · 大类
--   items: Items of it · 物资数
--   policies: Policies recorded for it · 已设规则参数数
--   described: Somebody described it · 是否登记
--   entry: Entry · 单据号
-- example: SELECT family, name, items FROM families ORDER BY family
CREATE VIEW families AS
WITH described AS (
    SELECT document ->> '$.family' AS family, max_by(document ->> '$.name', seq) AS name,
        max_by(document ->> '$.group', seq) AS "of", max_by(site || '/' || source || '/' || number, seq) AS entry
    FROM lake.entry WHERE kind = 'family_described' GROUP BY ALL
),
named AS (SELECT family, count(*) AS items FROM items WHERE family IS NOT NULL GROUP BY family),
ruled AS (SELECT family, count(DISTINCT key) AS policies FROM policies WHERE family IS NOT NULL GROUP BY family)
SELECT family, d.name, d."of", coalesce(n.items, 0) AS items, coalesce(r.policies, 0) AS policies,
    d.family IS NOT NULL AS described, d.entry
FROM described AS d FULL JOIN named AS n USING (family) LEFT JOIN ruled AS r USING (family);
