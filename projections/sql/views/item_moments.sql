-- title: Balances of items, moment by moment · 物资逐时余额
-- about: The same for all lots of an item at a site together. · 同上,某站点某物资的全部批次合计。
-- rules: A10
-- columns:
--   site: Site · 站点
--   item: Item · 物资
--   happened_at: The moment · 时刻
--   moved: What moved at that moment · 该时刻的变动
--   on_hand: On hand after it · 其后在库
--   held: Of it held · 其中暂扣
-- example: SELECT * FROM item_moments WHERE on_hand < 0 ORDER BY happened_at
CREATE VIEW item_moments AS
SELECT site, item, happened_at, sum(delta) AS moved, sum(sum(delta)) OVER (PARTITION BY site, item ORDER BY happened_at) AS on_hand, sum(sum(held_delta)) OVER (PARTITION BY site, item ORDER BY happened_at) AS held
FROM lake.line WHERE delta <> 0 OR held_delta <> 0
GROUP BY site, item, happened_at;
