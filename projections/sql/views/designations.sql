-- title: Designated goods · 定向物资
-- about: What each receiver was meant to get of an item at a site, what it got, and what is still kept for it. · 每个受赠方在某站点应得、已得、尚留的某种物资。
-- rules: B3
-- columns:
--   site: Site · 站点
--   item: Item · 物资
--   receiver: Receiver meant · 受赠方
--   designated: Received for it, less released · 为其收到(减去已解除定向)
--   issued: Issued to it, less given back · 已发给它(减去退回)
--   reserved: Still kept for it · 仍为其保留
-- example: SELECT * FROM designations WHERE reserved > 0
CREATE VIEW designations AS
SELECT site, item, party AS receiver,
    coalesce(sum(sign * quantity * factor * CASE kind WHEN 'goods_received' THEN 1 ELSE -1 END)
        FILTER (kind IN ('goods_received', 'goods_released')), 0)::BIGINT AS designated,
    coalesce(sum(sign * quantity * factor * CASE kind WHEN 'goods_issued' THEN 1 ELSE -1 END)
        FILTER (kind IN ('goods_issued', 'goods_returned')), 0)::BIGINT AS issued,
    greatest(0, designated - greatest(0, issued)) AS reserved
FROM lake.line
WHERE party IS NOT NULL AND kind IN ('goods_received', 'goods_released', 'goods_issued', 'goods_returned')
    AND condition IS DISTINCT FROM 'lost'  -- what was lost was not given back (H3)
GROUP BY site, item, party;
