-- title: Stock · 库存
-- about: Stock by site and item, in base units. What is reserved beyond what is usable takes nothing from others. · 按站点和物资的库存(基本单位)。定向超出可用部分的,不再从他人扣除。
-- rules: A1, A2, A3, B3, D5
-- columns:
--   site: Site · 站点
--   item: Item · 物资
--   item_name: Name of the item · 物资名称
--   unit: Base unit · 基本单位
--   on_hand: On hand; below zero when the book lacks a receipt · 在库;账上缺入库时为负
--   held: Of it held: papers, inspection or disinfection are missing · 其中暂扣(凭证、验收、消毒未齐)
--   designated: Of it kept for named receivers · 其中为定向受赠方保留
--   expired: Of it expired on the book's day and not held · 其中已过期(不含暂扣)
--   available: What may be issued to anyone · 可用
--   in_transit: On the way to this site · 在途(调入)
--   lots: Lots with stock · 有库存的批次数
--   last_seq: Last entry that touched it · 最后涉及它的单据序号
-- example: SELECT site, item_name, on_hand, available, unit FROM stock ORDER BY site, item
CREATE VIEW stock AS
WITH shelf AS (
    SELECT site, item, sum(on_hand)::BIGINT AS on_hand, sum(held)::BIGINT AS held,
        coalesce(sum(greatest(0, on_hand - held)) FILTER (expires_on < (SELECT book_day())), 0)::BIGINT AS expired,
        count(*) FILTER (on_hand <> 0) AS lots, max(last_seq) AS last_seq
    FROM lots GROUP BY site, item
),
kept AS (SELECT site, item, sum(reserved)::BIGINT AS designated FROM designations GROUP BY site, item),
coming AS (
    SELECT to_site AS site, item, sum(in_transit)::BIGINT AS in_transit FROM transfers GROUP BY to_site, item
    HAVING sum(in_transit) <> 0
)
SELECT site, item, i.name AS item_name, i.base_unit AS unit, coalesce(on_hand, 0) AS on_hand, coalesce(held, 0) AS held,
    coalesce(designated, 0) AS designated, coalesce(expired, 0) AS expired,
    coalesce(on_hand, 0) - coalesce(held, 0) - coalesce(expired, 0) - least(
        coalesce(designated, 0), greatest(0, coalesce(on_hand, 0) - coalesce(held, 0) - coalesce(expired, 0))
    ) AS available,
    coalesce(in_transit, 0) AS in_transit, coalesce(lots, 0) AS lots, last_seq
FROM shelf FULL JOIN kept USING (site, item) FULL JOIN coming USING (site, item) LEFT JOIN items AS i USING (item);
