-- title: References to what is not in the book · 悬空引用
-- about: Which entries name another that is not in the book, or not yet: a count adjusted, papers completed, a settlement answered or closed, a transfer explained? They are kept, and leave this list when the other end comes. · 哪些单据引用了账内(尚)没有的单据:所调整的盘点、所补手续的单据、所答复或结清的结算、所说明的调拨?引用保留,对方到账后即不再列出。
-- rules: A5, F9, F11, F12
-- columns:
--   entry: Entry · 单据号
--   site: Site · 站点
--   item: First item · 首行物资
--   happened_at: When · 时间
--   what: In words · 说明
--   names: What it names · 所引用者
--   kind: Kind of entry · 单据种类
-- example: SELECT entry, kind, names FROM audit_dangling_reference
CREATE VIEW audit_dangling_reference AS
WITH named AS (
    SELECT site, seq, kind, happened_at, site || '/' || source || '/' || number AS entry, CASE kind
        WHEN 'stock_adjusted' THEN answers
        WHEN 'papers_completed' THEN concat_ws('/', document ->> '$.completes.site', document ->> '$.completes.source', document ->> '$.completes.number')
        WHEN 'transfer_difference_explained' THEN transfer
        WHEN 'approval_given' THEN nullif(concat_ws('/', document ->> '$.approves.site', document ->> '$.approves.source', document ->> '$.approves.number'), '')
        WHEN 'goods_signed_for' THEN concat_ws('/', document ->> '$.signs_for.site', document ->> '$.signs_for.source', document ->> '$.signs_for.number')
        WHEN 'damage_settled' THEN concat_ws('/', document ->> '$.settles.site', document ->> '$.settles.source', document ->> '$.settles.number')
        WHEN 'register_checked' THEN nullif(concat_ws('/', document ->> '$.follows.site', document ->> '$.follows.source', document ->> '$.follows.number'), '')
        ELSE document ->> '$.settlement' END AS names
    FROM lake.entry
    WHERE kind IN ('stock_adjusted', 'papers_completed', 'settlement_answered', 'settlement_closed', 'transfer_difference_explained',
        'goods_signed_for', 'damage_settled', 'register_checked', 'approval_given')
)
SELECT n.entry, n.site, l.item, n.happened_at, format('{} is not in the book · 账内没有 {}', n.names, n.names) AS what, n.names, n.kind
FROM named AS n LEFT JOIN lake.line AS l ON l.site = n.site AND l.seq = n.seq AND l.place = 1
WHERE n.names IS NOT NULL AND NOT EXISTS (SELECT 1 FROM lake.entry AS o WHERE o.site || '/' || o.source || '/' || o.number = n.names)
    AND NOT EXISTS (SELECT 1 FROM lake.line AS t WHERE t.transfer = n.names AND t.kind IN ('transfer_dispatched', 'transfer_arrived'));
