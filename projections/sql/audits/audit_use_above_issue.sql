-- title: More used than issued · 使用多于领用
-- about: Which departments report more used, returned and lost than they were ever issued? · 哪些部门上报的使用、退回和丢失多于领用?
-- rules: A6, A5
-- columns:
--   entry: Last report of use · 最近使用报告
--   site: Site · 站点
--   item: Item · 物资
--   happened_at: When · 时间
--   what: In words · 说明
--   receiver: Receiver · 领用方
--   department: Department · 部门
--   issued: Issued, base units · 领用数
--   held: Held by the book, below zero · 账面结存(负)
-- example: SELECT entry, receiver, item, held FROM audit_use_above_issue
CREATE VIEW audit_use_above_issue AS
WITH last AS (
    SELECT site, receiver, coalesce(department, '') AS department, item, max_by(entry, happened_at) AS entry,
        max(happened_at) AS happened_at
    FROM reported_use GROUP BY ALL
)
SELECT l.entry, h.site, h.item, l.happened_at,
    format('{} issued, {} accounted for · 领 {},报 {}', h.issued, h.issued - h.held, h.issued, h.issued - h.held) AS what,
    h.receiver, h.department, h.issued, h.held
FROM holdings AS h JOIN last AS l USING (site, receiver, department, item)
WHERE h.held < 0;
