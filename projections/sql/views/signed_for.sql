-- title: Signed for later · 事后签收
-- about: Signatures given after the entry they are for. · 单据之后补的签收。
-- rules: A2, A5
-- columns:
--   entry: Entry signed for · 被签收单据
--   party: receiver, supplier, using_department or warehouse · 签收方
--   signed_by: Who signed · 签收人
--   signed_at: When · 时间
--   difference: What was short or damaged · 短少、损坏
--   signature: Entry of the signature · 签收单号
-- example: SELECT * FROM signed_for WHERE difference IS NOT NULL
CREATE VIEW signed_for AS
SELECT (document ->> '$.signs_for.site') || '/' || (document ->> '$.signs_for.source') || '/' || (document ->> '$.signs_for.number') AS entry,
    coalesce(document ->> '$.party', 'receiver') AS party, document ->> '$.signed_by' AS signed_by, happened_at AS signed_at,
    document ->> '$.difference' AS difference, entry AS signature
FROM entries WHERE kind = 'goods_signed_for' AND reversed_by IS NULL;
