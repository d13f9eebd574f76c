-- title: Money gifts spent otherwise · 捐款挪作他用
-- about: Which spendings of money gifts were for another purpose than the gift's, were of a gift nobody received, or took it below nothing? · 哪些捐款支出与捐赠用途不符、所引捐款无人收到,或使其超支?
-- rules: B9, N1
-- columns:
--   entry: Entry · 单据号
--   site: Site · 站点
--   item: What was bought · 所购
--   happened_at: When · 时间
--   what: In words · 说明
--   gift: Number of the gift · 捐款编号
--   fault: never received, other purpose, or beyond the gift · never received 未收到;other purpose 用途不符;beyond the gift 超支
--   amount_fen: Spent, fen · 支出(分)
--   left_fen: Left after it, fen · 其后结余(分)
-- example: SELECT entry, gift, fault, amount_fen, left_fen FROM audit_money_gift_misspent
CREATE VIEW audit_money_gift_misspent AS
WITH spent AS (
    SELECT e.site || '/' || source || '/' || number AS entry, e.site, e.document ->> '$.bought' AS item, e.happened_at,
        e.document ->> '$.gift' AS gift, e.document ->> '$.purpose' AS purpose,
        (e.document ->> '$.amount_fen')::BIGINT AS amount_fen, e.seq
    FROM lake.entry AS e WHERE kind = 'money_gift_spent' AND NOT EXISTS (
        SELECT 1 FROM lake.entry AS r WHERE r.reverses = e.site || '/' || e.source || '/' || e.number
    )
),
judged AS (
    SELECT s.*, m.purpose AS given_for, coalesce(m.received_fen, 0)
        - sum(s.amount_fen) OVER (PARTITION BY s.gift ORDER BY s.happened_at, s.site, s.seq) AS left_fen,
        CASE WHEN m.received_at IS NULL THEN 'never received' WHEN m.purpose <> s.purpose THEN 'other purpose' END AS wrong
    FROM spent AS s LEFT JOIN money_gifts AS m ON m.gift = s.gift
)
SELECT entry, site, item, happened_at,
    format('{} fen for {}, given for {} · {} 分用于 {},捐赠用途 {}', amount_fen, purpose, coalesce(given_for, '-'), amount_fen,
        purpose, coalesce(given_for, '-')) AS what,
    gift, coalesce(wrong, 'beyond the gift') AS fault, amount_fen, left_fen::BIGINT AS left_fen
FROM judged WHERE wrong IS NOT NULL OR left_fen < 0;
