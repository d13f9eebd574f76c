-- title: Lines that stand · 有效明细行
-- about: Every line of an entry about goods that was not reversed, in base units. · 未红冲单据的每条明细行,以基本单位计。
-- rules: A9
-- columns:
--   entry: Entry · 单据号
--   site: Site · 站点
--   seq: Sequence number · 单据序号
--   place: Place of the line on the document · 行序
--   line: Line number · 行号
--   kind: Kind of entry · 单据种类
--   happened_at: When · 时间
--   happened_on: Local date · 当地日期
--   item: Item · 物资
--   lot: Lot · 批号
--   base: Quantity in base units · 数量(基本单位)
--   factor: Base units in one unit written · 每单位折合基本单位
--   price_fen: Price of one unit written · 原文每单位价格(分)
--   condition: State, or how a difference is explained · 状态或差异说明
--   transfer: Transfer id; of goods passed through from a store, the entry · 调拨单号;直送单为其单据号
--   from_site: Site it left · 调出站点
--   to_site: Site it goes to · 调入站点
-- example: SELECT entry, item, base FROM standing_lines WHERE kind = 'transfer_arrived'
CREATE VIEW standing_lines AS
SELECT l.site || '/' || l.source || '/' || l.number AS entry, l.site, l.seq, l.place, l.line, l.kind, l.happened_at,
    l.happened_on, l.item, l.lot, l.quantity * l.factor AS base, l.factor, l.price_fen, l.condition,
    coalesce(l.transfer, CASE WHEN l.kind = 'goods_passed_through' AND l.from_site IS NOT NULL
        THEN l.site || '/' || l.source || '/' || l.number END) AS transfer, l.from_site, l.to_site
FROM lake.line AS l
WHERE l.sign = 1 AND NOT EXISTS (
    SELECT 1 FROM lake.entry AS r WHERE r.reverses = l.site || '/' || l.source || '/' || l.number
);
