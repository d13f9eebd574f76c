-- title: Receipts not signed by three parties · 三方未签全的入库
-- about: Which receipts were not signed by supplier, using department and warehouse, then or later? · 哪些入库单供应商、使用部门、库房三方没有签全(含事后补签)?
-- rules: A2
-- columns:
--   entry: Entry · 单据号
--   site: Site · 站点
--   item: Item · 物资
--   happened_at: When · 时间
--   what: In words · 说明
--   missing: Parties that did not sign · 未签的方
-- example: SELECT entry, missing FROM audit_receipt_provisional
CREATE VIEW audit_receipt_provisional AS
WITH parties AS (
    SELECT entry, site, seq, happened_at, unnest(['supplier', 'using_department', 'warehouse']) AS party, document
    FROM entries WHERE provisional AND reversed_by IS NULL
),
lacking AS (
    SELECT p.entry, p.site, p.seq, p.happened_at, string_agg(p.party, ', ' ORDER BY p.party) AS missing
    FROM parties AS p LEFT JOIN signed_for AS s ON s.entry = p.entry AND s.party = p.party
    WHERE (p.document ->> ('$.signatures.' || p.party)) IS NULL AND s.entry IS NULL GROUP BY ALL
)
SELECT m.entry, m.site, l.item, m.happened_at, format('not signed by {} · {} 未签', missing, missing) AS what, missing
FROM lacking AS m LEFT JOIN lake.line AS l ON l.site = m.site AND l.seq = m.seq AND l.place = 1;
