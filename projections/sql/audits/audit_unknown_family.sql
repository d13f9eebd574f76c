-- title: Items of an undescribed family · 门类未登记
-- about: Which items that moved belong to no family, or to one nobody described? · 哪些已有收发的物资没有门类,或门类未登记?
-- rules: A12
-- columns:
--   entry: First entry that moved it · 最早收发单据
--   site: Site · 站点
--   item: Item · 物资
--   happened_at: When · 时间
--   what: In words · 说明
--   family: Family named; null: none · 所写门类
-- example: SELECT item, family FROM audit_unknown_family
CREATE VIEW audit_unknown_family AS
WITH loose AS (
    SELECT i.item, i.family FROM items AS i LEFT JOIN families AS f ON f.family = i.family AND f.described
    WHERE f.family IS NULL
),
first AS (
    SELECT site, item, min_by(site || '/' || source || '/' || number, seq) AS entry, min(happened_at) AS happened_at
    FROM lake.line SEMI JOIN loose USING (item) WHERE moves_stock(kind) AND sign = 1 GROUP BY site, item
)
SELECT f.entry, f.site, f.item, f.happened_at,
    CASE WHEN l.family IS NULL THEN 'no family · 没有门类' ELSE format('family {} · 门类 {}', l.family, l.family) END AS what, l.family
FROM first AS f JOIN loose AS l USING (item);
