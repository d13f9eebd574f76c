-- title: Received out of date · 入库时已过期
-- about: Which goods were out of date on the day they were received? · 哪些物资入库当日已过有效期?
-- rules: A3
-- columns:
--   entry: Entry · 单据号
--   site: Site · 站点
--   item: Item · 物资
--   happened_at: When · 时间
--   what: In words · 说明
--   line: Line number · 行号
--   lot: Lot · 批号
--   expires_on: Last day it may be used · 有效期至
--   quantity: Quantity, base units · 数量(基本单位)
-- example: SELECT entry, item, lot, expires_on FROM audit_expired_received
CREATE VIEW audit_expired_received AS
SELECT l.site || '/' || l.source || '/' || l.number AS entry, l.site, l.item, l.happened_at,
    format('received {}, use by {} · {} 入库,有效期至 {}', l.happened_on, l.expires_on, l.happened_on, l.expires_on) AS what,
    l.line, l.lot, l.expires_on, l.delta AS quantity
FROM lake.line AS l JOIN entries AS e ON e.site = l.site AND e.seq = l.seq AND e.reversed_by IS NULL
WHERE l.kind = 'goods_received' AND l.sign = 1 AND l.expires_on < l.happened_on;
