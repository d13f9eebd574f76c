-- title: Lines · 明细行
-- about: One row a line of every entry about goods, with what it changes in base units. A reversal has the lines it undoes, with sign -1. · 每份物资单据的每一行,以基本单位写出增减。红冲单带被冲的行,符号为 -1。
-- rules: A1, A9, A10, A11
-- columns:
--   volume: Volume of the book · 册
--   page: Page it stands on · 页
--   seq: Sequence number of its entry · 单据序号
--   line: Line number on the document · 行号
--   entry: Entry: site/source/number · 单据号
--   site: Site · 站点
--   kind: What the line says: goods_received, goods_issued, ...; for a reversal, what it undoes · 该行的种类;红冲为被冲单据的种类
--   happened_at: When it happened · 发生时间
--   recorded_at: When the book recorded it · 记账时间
--   happened_on: Local date as written · 单据上写的当地日期
--   item: Item meant · 物资
--   item_written: Item as written · 物资(原文)
--   lot: Lot; empty when not known; null on a count of all lots · 批号;未知为空串;盘点全部批次时为 null
--   unit: Unit as written · 单位(原文)
--   quantity: Quantity as written · 数量(原文)
--   factor: Base units in one unit written · 每单位折合基本单位
--   delta: Change of stock on hand, in base units, signed · 在库增减(基本单位)
--   held_delta: Change of what is held, in base units, signed · 暂扣增减(基本单位)
--   hold: Why it is held (A2, A3) · 暂扣原因
--   counted: Counted, in base units; counts only · 盘点数(基本单位)
--   lot_counted: A count of one lot rather than of all · 是否按批次盘点
--   party: Receiver, designated receiver or returner meant · 领用方、定向受赠方或退库方
--   expires_on: Last day it may be used · 有效期至
--   produced_on: Day of production · 生产日期
--   specification: Specification · 规格
--   registration: Registration certificate number · 注册证号
--   price_fen: Price of one unit as written, in fen · 单价(分)
--   condition: State of returned goods (H3) · 退回物资的状态
--   sign: -1 for lines of a reversal, else 1 · 红冲行为 -1,其余为 1
-- example: SELECT happened_on, kind, entry, delta FROM lines WHERE item = 'KN95' ORDER BY seq
CREATE VIEW lines AS
SELECT volume, page, seq, line, site || '/' || source || '/' || number AS entry, site, kind, happened_at, recorded_at,
    happened_on, item, item_written, lot, unit, quantity, factor, delta, held_delta, hold, counted, lot_counted, party,
    expires_on, produced_on, specification, registration, price_fen, condition, sign
FROM lake.line;
