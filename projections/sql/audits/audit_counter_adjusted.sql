-- title: The counter adjusted · 盘点人自己调整
-- about: Where did the same person count, and then adjust the book or approve the adjustment? · 哪些调整由盘点人自己记录或审批?
-- rules: A1, A5, F13
-- columns:
--   entry: Entry of the adjustment · 调整单号
--   site: Site · 站点
--   item: First item adjusted · 首行物资
--   happened_at: When adjusted · 调整时间
--   what: In words · 说明
--   count_entry: Entry of the count · 盘点单号
--   person: Who did both · 兼任者
--   roles: adjusted, approved, or both · 兼任的角色
-- example: SELECT entry, count_entry, person, roles FROM audit_counter_adjusted
CREATE VIEW audit_counter_adjusted AS
WITH counted AS (
    SELECT site || '/' || source || '/' || number AS entry, unnest(from_json(document -> '$.counted_by', '["VARCHAR"]')) AS person
    FROM lake.entry WHERE kind = 'stock_counted'
),
adjusted AS (
    SELECT site || '/' || source || '/' || number AS entry, site, seq, happened_at, answers, recorded_by, approved_by
    FROM lake.entry WHERE kind = 'stock_adjusted'
),
one_person AS (
    SELECT DISTINCT a.entry, a.site, a.seq, a.happened_at, c.entry AS count_entry, c.person,
        CASE WHEN a.recorded_by = c.person AND a.approved_by = c.person THEN 'adjusted, approved'
            WHEN a.recorded_by = c.person THEN 'adjusted' ELSE 'approved' END AS roles
    FROM adjusted AS a JOIN counted AS c ON c.entry = a.answers AND c.person IN (a.recorded_by, a.approved_by)
)
SELECT b.entry, b.site, l.item, b.happened_at,
    format('{} counted and {} · {} 盘点并{}', person, roles, person,
        CASE roles WHEN 'adjusted' THEN '调整' WHEN 'approved' THEN '审批' ELSE '调整、审批' END) AS what,
    count_entry, person, roles
FROM one_person AS b LEFT JOIN lake.line AS l ON l.site = b.site AND l.seq = b.seq AND l.place = 1;
