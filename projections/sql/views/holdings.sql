-- title: Holdings of departments · 各部门结存
-- about: What each using department still holds: issues, less what came back, was lost, or is reported as used. · 各使用部门的结存:领用减去退回、丢失和已报使用。
-- rules: A6
-- columns:
--   site: Site that issued it · 发出站点
--   receiver: Receiver · 领用方
--   department: Department; empty when issues name none · 部门;未写为空
--   item: Item · 物资
--   issued: Issued, base units · 领用数
--   returned: Came back in any state · 退回数
--   lost: Stated as lost · 丢失数
--   used: Reported as used · 已报使用
--   held: Still held; below zero when more was reported than issued · 结存;报多于领时为负
--   used_until: End of the last period reported · 最近上报期末
-- example: SELECT * FROM holdings WHERE held <> 0 ORDER BY site, receiver, item
CREATE VIEW holdings AS
SELECT l.site, l.party AS receiver, coalesce(e.department, '') AS department, l.item,
    coalesce(sum(l.quantity * l.factor) FILTER (l.kind = 'goods_issued'), 0)::BIGINT AS issued,
    coalesce(sum(l.quantity * l.factor) FILTER (l.kind = 'goods_returned' AND l.condition <> 'lost'), 0)::BIGINT AS returned,
    coalesce(sum(l.quantity * l.factor) FILTER (l.kind = 'goods_returned' AND l.condition = 'lost'), 0)::BIGINT AS lost,
    coalesce(sum(l.quantity * l.factor) FILTER (l.kind = 'usage_reported'), 0)::BIGINT AS used,
    issued - returned - lost - used AS held, max(l.happened_at) FILTER (l.kind = 'usage_reported') AS used_until
FROM lake.line AS l JOIN entries AS e ON e.site = l.site AND e.seq = l.seq AND e.reversed_by IS NULL
WHERE l.sign = 1 AND l.kind IN ('goods_issued', 'goods_returned', 'usage_reported')
GROUP BY l.site, l.party, coalesce(e.department, ''), l.item;
