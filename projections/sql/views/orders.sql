-- title: Orders · 订购
-- about: Every order line not reversed, with what receipts that name the order brought: what is left is on order and counts towards the reorder point. · 未红冲的每条订购,及注明该订单的入库数;未到部分为在订,计入再订货点。
-- rules: D5
-- columns:
--   order_number: Order · 订单编号
--   site: Site that ordered · 订购站点
--   supplier: Supplier · 供应方
--   item: Item · 物资
--   ordered: Ordered, base units · 订购数(基本单位)
--   received: Received under it, base units · 已到数
--   on_order: Still to come, base units · 在订数
--   due_on: When it is due · 应到日期
--   ordered_at: When it was ordered · 订购时间
-- example: SELECT order_number, item, on_order, due_on FROM orders WHERE on_order > 0
CREATE VIEW orders AS
WITH stands AS (
    SELECT l.site, l.item, l.quantity * l.factor AS base, l.kind, l.happened_at, e.document
    FROM lake.line AS l JOIN lake.entry AS e ON e.site = l.site AND e.seq = l.seq
    WHERE l.kind IN ('goods_ordered', 'goods_received') AND l.sign = 1 AND NOT EXISTS (
        SELECT 1 FROM lake.entry AS r WHERE r.reverses = l.site || '/' || l.source || '/' || l.number
    )
),
came AS (
    SELECT site, item, sum(base) AS received, list_filter(
            from_json(document -> '$.references', '[{"role": "VARCHAR", "text": "VARCHAR"}]'), lambda r: r.role = 'order'
        )[1].text AS order_number
    FROM stands WHERE kind = 'goods_received' GROUP BY ALL
),
asked AS (
    SELECT site, item, document ->> '$.order' AS order_number, any_value(document ->> '$.supplier') AS supplier,
        sum(base) AS ordered, min((document ->> '$.due_on')::DATE) AS due_on, min(happened_at) AS ordered_at
    FROM stands WHERE kind = 'goods_ordered' GROUP BY ALL
)
SELECT order_number, a.site, supplier, a.item, ordered::BIGINT AS ordered, coalesce(c.received, 0)::BIGINT AS received,
    greatest(0, ordered - coalesce(c.received, 0))::BIGINT AS on_order, due_on, ordered_at
FROM asked AS a LEFT JOIN came AS c USING (site, item, order_number);
