-- title: Differences · 盘点差异
-- about: Counts that differ from the book as of their moment, unless the count itself was undone. · 与当时账面不符的盘点(盘点单已红冲的除外)。
-- rules: A1
-- columns:
--   entry: Entry of the count · 盘点单号
--   line: Line number · 行号
--   seq: Sequence number of the count · 盘点单序号
--   site: Site · 站点
--   item: Item · 物资
--   lot: Lot; null when all lots were counted together · 批号;全部批次一起盘点时为 null
--   lot_counted: A count of one lot rather than of all · 是否按批次盘点
--   counted_at: When people counted · 盘点时刻
--   recorded_at: When the count was recorded · 记账时间
--   recorded_by: Who recorded it · 记录人
--   counted: Found, base units · 实盘数(基本单位)
--   book_at: The book as of that moment, as known now · 账面在该时刻(现在所知)
--   book_known_then: The same as known when the count was recorded · 账面在该时刻(盘点记账时所知)
--   difference: + overage, - shortage · 正为盘盈,负为盘亏
--   answered_by: Adjustment that answers the count, or null · 针对本次盘点的调整单
-- example: SELECT * FROM differences WHERE answered_by IS NULL
CREATE VIEW differences AS
SELECT entry, line, seq, site, item, lot, lot_counted, counted_at, recorded_at, recorded_by, counted, book_at,
    book_known_then, difference, answered_by
FROM counts WHERE difference <> 0 AND reversed_by IS NULL;
