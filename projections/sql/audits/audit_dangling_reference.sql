-- title: References to what is not in the book · 悬空引用
-- about: Which entries name another that is not in the book, or not yet: a count adjusted, papers completed, goods signed for, damage settled, a check followed, an approval given, goods bought with a gift, a correction, a settlement, a transfer, a gift? They are kept, and leave this list when the other end comes. Reversals of nothing are in audit_reversal_mismatch, money of gifts never received in audit_money_gift_misspent. · 哪些单据引用了账内(尚)没有的单据:所调整的盘点、所补手续、所签收、所处理的损坏、所复查、所审批、用捐款所购、更正单、结算、调拨、捐赠?引用保留,对方到账后即不再列出。红冲无原单见 audit_reversal_mismatch,未收到的捐款见 audit_money_gift_misspent。
-- rules: A5, B1, B2, B8, B9, F9, F11, F12
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
WITH standing AS (SELECT * FROM entries WHERE reversed_by IS NULL),
referring AS (
    SELECT site, seq, kind, happened_at, entry, unnest(json_extract(document, [
        '$.answers', '$.completes', '$.approves', '$.signs_for', '$.settles', '$.follows', '$.receipt', '$.corrected_by'
    ])) AS other
    FROM standing
    WHERE kind IN ('stock_adjusted', 'papers_completed', 'approval_given', 'goods_signed_for', 'damage_settled', 'register_checked',
        'money_gift_spent', 'entry_reversed')
),
gifts AS (
    SELECT DISTINCT coalesce(document ->> '$.donation.gift', document ->> '$.gift') AS gift FROM standing
    WHERE kind IN ('gift_offered', 'gift_passed_on', 'goods_received')
),
named AS (
    SELECT site, seq, kind, happened_at, entry, nullif(concat_ws('/', other ->> '$.site', other ->> '$.source', other ->> '$.number'), '') AS names
    FROM referring
    UNION ALL
    SELECT site, seq, kind, happened_at, entry, coalesce(document ->> '$.settlement', transfer) AS names FROM standing
    WHERE kind IN ('settlement_answered', 'settlement_closed', 'transfer_difference_explained')
    UNION ALL
    SELECT s.site, s.seq, s.kind, s.happened_at, s.entry, s.document ->> '$.gift' FROM standing AS s
    WHERE s.kind IN ('gift_assessed', 'gift_identified', 'equipment_accepted', 'goods_issued')
        AND NOT EXISTS (SELECT 1 FROM gifts AS g WHERE g.gift = (s.document ->> '$.gift'))
)
SELECT n.entry, n.site, l.item, n.happened_at, format('{} is not in the book · 账内没有 {}', n.names, n.names) AS what, n.names, n.kind
FROM named AS n LEFT JOIN lake.line AS l ON l.site = n.site AND l.seq = n.seq AND l.place = 1
WHERE n.names IS NOT NULL AND NOT EXISTS (SELECT 1 FROM lake.entry AS o WHERE o.site || '/' || o.source || '/' || o.number = n.names)
    AND NOT EXISTS (SELECT 1 FROM lake.line AS t WHERE t.transfer = n.names AND t.kind IN ('transfer_dispatched', 'transfer_arrived'));
