-- title: Goods passed through · 直达物资
-- about: Every line of goods that went straight from an upper store or supplier to a receiver: received and issued at once, on hand unchanged. · 由上级库或供应商直达领用方的每行物资:收发同时,在库不变。
-- rules: G8, B5, F8
-- columns:
--   entry: Entry · 单据号
--   site: Site that accounts for it · 记账站点
--   from_site: Upper store · 上级库
--   supplier: Supplier · 供应商
--   origin: Origin · 来源
--   receiver: Receiver · 领用方
--   round: Round · 轮次
--   item: Item · 物资
--   lot: Lot · 批号
--   quantity: Quantity, base units · 数量(基本单位)
--   value_fen: Price on the line × quantity written, in fen · 金额(分)
--   happened_at: When · 时间
--   line: Line number · 行号
--   seq: Sequence number · 序号
-- example: SELECT receiver, item, quantity FROM passed_through ORDER BY seq
CREATE VIEW passed_through AS
WITH said AS (
    SELECT entry, site, seq, origin, supplier, happened_at, document ->> '$.from_site' AS from_site,
        (document ->> '$.round')::INTEGER AS round,
        unnest(from_json(document -> '$.lines', '[{"line": "INTEGER", "receiver": "VARCHAR"}]')) AS l
    FROM entries WHERE kind = 'goods_passed_through' AND reversed_by IS NULL
)
SELECT s.entry, s.site, s.from_site, s.supplier, s.origin, s.l.receiver AS receiver, s.round, m.item, m.lot,
    (m.quantity * m.factor)::BIGINT AS quantity, (m.quantity * m.price_fen)::BIGINT AS value_fen, s.happened_at, m.line, s.seq
FROM said AS s JOIN lake.line AS m ON m.site = s.site AND m.seq = s.seq AND m.line = s.l.line AND m.sign = 1;
