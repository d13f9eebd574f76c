-- title: A straight gift counted twice · 直达捐赠重复入账
-- about: Which gifts were recorded as gone straight to their receiver and, under the same number or handover sheet, also as received into a stock or gone straight a second time? · 哪些捐赠登记为直达受赠方,同一编号或交接单又登记入库或再次直达?
-- rules: B3
-- columns:
--   entry: Entry · 单据号
--   site: Site · 站点
--   item: Item · 物资
--   happened_at: When · 时间
--   what: In words · 说明
--   line: Line number · 行号
--   donor: Donor · 捐赠人
--   receiver: Receiver it went to · 直达的受赠方
--   also: The other entry · 另一张单据
-- example: SELECT entry, receiver, also FROM audit_gift_counted_twice
CREATE VIEW audit_gift_counted_twice AS
SELECT g.entry, g.site, g.item, g.happened_at,
    format('straight to {}, also {} · 直达 {},另见 {}', any_value(g.receiver), min(o.entry), any_value(g.receiver), min(o.entry)) AS what,
    g.line, any_value(g.donor) AS donor, any_value(g.receiver) AS receiver, min(o.entry) AS also
FROM gift_lines AS g JOIN gift_lines AS o ON o.entry <> g.entry AND o.item = g.item
    AND (o.gift = g.gift OR o.handover = g.handover)
    AND (o.kind = 'goods_received' OR (o.kind = 'gift_passed_on' AND o.recorded_at >= g.recorded_at
        AND o.base_quantity = g.base_quantity AND o.receiver = g.receiver))
WHERE g.kind = 'gift_passed_on'
GROUP BY g.entry, g.site, g.item, g.happened_at, g.line;
