-- title: Losses not settled · 丢失未处理
-- about: Which goods stated as lost were not compensated or written off with a document in the days of policy? · 哪些丢失物资在规定天数内没有赔偿或凭文件核销?
-- rules: H3
-- columns:
--   entry: Entry · 单据号
--   site: Site · 站点
--   item: Item · 物资
--   happened_at: When · 时间
--   what: In words · 说明
--   line: Line number · 行号
--   quantity: Quantity, base units · 数量(基本单位)
--   returned_by: Who stated it · 退回方
--   days: Days allowed · 规定天数
-- example: SELECT entry, item, quantity, returned_by FROM audit_loss_unsettled
CREATE VIEW audit_loss_unsettled AS
WITH settled AS (
    SELECT (document ->> '$.settles.site') || '/' || (document ->> '$.settles.source') || '/' || (document ->> '$.settles.number') AS entry
    FROM entries WHERE kind = 'damage_settled' AND reversed_by IS NULL
        AND (document ->> '$.outcome') IN ('compensated', 'written_off')
),
lost AS (
    SELECT e.entry, e.site, l.item, e.happened_at, l.line, (l.quantity * l.factor)::BIGINT AS quantity, l.party AS returned_by
    FROM entries AS e JOIN lake.line AS l ON l.site = e.site AND l.seq = e.seq
    WHERE e.kind = 'goods_returned' AND e.reversed_by IS NULL AND l.condition = 'lost'
),
ruled AS (SELECT *, policy_at('loss_settled_days', '30', site, item, happened_at)::BIGINT AS days FROM lost ANTI JOIN settled USING (entry))
SELECT entry, site, item, happened_at, format('{} lost by {} · {} 丢失 {}', quantity, returned_by, returned_by, quantity) AS what,
    line, quantity, returned_by, days
FROM ruled WHERE happened_at + to_days(days::INTEGER) <= book_now();
