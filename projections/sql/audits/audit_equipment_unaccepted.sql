-- title: Donated equipment used before acceptance · 捐赠设备未验收先用
-- about: Which issues of donated equipment, at a site where that item only came as gifts, took the issues beyond what was installed and accepted by then? · 哪些捐赠设备的出库(该站点此物资只来自捐赠),使累计出库超过当时已安装验收的数量?
-- rules: B6
-- columns:
--   entry: Entry · 单据号
--   site: Site · 站点
--   item: Item · 物资
--   happened_at: When · 时间
--   what: In words · 说明
--   line: Line number · 行号
--   lot: Serial number · 序列号
--   receiver: Who received it · 领用方
--   issued: Issued up to then · 至此累计出库
--   accepted: Accepted by then · 当时已验收
-- example: SELECT entry, receiver, issued, accepted FROM audit_equipment_unaccepted
CREATE VIEW audit_equipment_unaccepted AS
WITH given AS (
    SELECT l.site, l.item FROM lake.line AS l JOIN lake.entry AS e ON e.site = l.site AND e.seq = l.seq
    WHERE l.kind = 'goods_received' AND l.item IN (SELECT item FROM items WHERE equipment)
    GROUP BY l.site, l.item HAVING bool_and(e.origin = 'donated')
),
used AS (
    SELECT i.*, sum(i.quantity) OVER (PARTITION BY i.site, i.item ORDER BY i.happened_at, i.seq, i.line) AS issued
    FROM issues AS i SEMI JOIN given AS g ON g.site = i.site AND g.item = i.item
    WHERE i."use" NOT IN ('rerouted', 'sent_back', 'write_off')
),
accepted AS (
    SELECT l.site, l.item, l.happened_at,
        sum(sum(l.sign * l.quantity * l.factor)) OVER (PARTITION BY l.site, l.item ORDER BY l.happened_at) AS accepted
    FROM lake.line AS l WHERE l.kind = 'equipment_accepted' GROUP BY l.site, l.item, l.happened_at
)
SELECT u.entry, u.site, u.item, u.happened_at,
    format('{} issued, {} accepted · 出库 {},已验收 {}', u.issued, coalesce(a.accepted, 0), u.issued, coalesce(a.accepted, 0)) AS what,
    u.line, u.lot, u.receiver, u.issued::BIGINT AS issued, coalesce(a.accepted, 0)::BIGINT AS accepted
FROM used AS u ASOF LEFT JOIN accepted AS a ON a.site = u.site AND a.item = u.item AND u.happened_at >= a.happened_at
WHERE u.issued > coalesce(a.accepted, 0);
