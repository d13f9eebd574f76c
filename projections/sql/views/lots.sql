-- title: Lots · 批次库存
-- about: Stock by site, item and lot, in base units: the sum of every line. · 按站点、物资、批号的库存(基本单位):全部明细行之和。
-- rules: A1, A2, A3
-- columns:
--   site: Site · 站点
--   item: Item · 物资
--   lot: Lot; empty when not known · 批号;未知为空
--   on_hand: On hand · 在库
--   held: Of it held, not available · 其中暂扣
--   expires_on: Earliest last day of use a receipt stated that was not reversed · 未红冲的入库所写最早的有效期
--   first_received_at: When it first came in · 首次入库时间
--   last_seq: Last entry that touched it · 最后涉及它的单据序号
-- example: SELECT * FROM lots WHERE on_hand <> 0 ORDER BY site, item, expires_on
CREATE VIEW lots AS
WITH moved AS (
    SELECT site, item, lot, sum(delta)::BIGINT AS on_hand, sum(held_delta)::BIGINT AS held,
        min(happened_at) FILTER (sign = 1 AND kind IN ('goods_received', 'transfer_arrived', 'goods_returned'))
            AS first_received_at,
        max(seq) AS last_seq
    FROM lake.line WHERE moves_stock(kind) GROUP BY site, item, lot
),
stated AS (
    SELECT site, item, lot, min(expires_on) AS expires_on FROM (
        SELECT site, item, lot, expires_on FROM lake.line
        WHERE kind IN ['goods_received', 'transfer_arrived', 'kits_packed'] AND expires_on IS NOT NULL
        GROUP BY ALL HAVING sum(sign) > 0
    ) GROUP BY site, item, lot
)
SELECT site, item, lot, on_hand, held, expires_on, first_received_at, last_seq
FROM moved LEFT JOIN stated USING (site, item, lot);
