-- title: Balances of lots, moment by moment · 批次逐时余额
-- about: What the book says was on hand and held of every lot after each moment something moved, in the order it happened; what moved at one instant is one moment. · 按发生先后,每个批次每次变动之后的在库与暂扣;同一时刻的变动合为一次。
-- rules: A10
-- columns:
--   site: Site · 站点
--   item: Item · 物资
--   lot: Lot · 批号
--   happened_at: The moment · 时刻
--   on_hand: On hand after it · 其后在库
--   held: Of it held · 其中暂扣
-- example: SELECT * FROM lot_moments WHERE item = 'KN95' ORDER BY happened_at
CREATE VIEW lot_moments AS
SELECT site, item, lot, happened_at,
    sum(sum(delta)) OVER (PARTITION BY site, item, lot ORDER BY happened_at) AS on_hand, sum(sum(held_delta)) OVER (PARTITION BY site, item, lot ORDER BY happened_at) AS held
FROM lake.line WHERE delta <> 0 OR held_delta <> 0
GROUP BY site, item, lot, happened_at;
