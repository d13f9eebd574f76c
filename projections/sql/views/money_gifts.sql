-- title: Money gifts · 捐款
-- about: What each money gift was for, what was spent of it and what is left, in fen; reversed entries left out. · 每笔捐款的用途、已用和结余(分);已红冲的除外。
-- rules: B9, N1
-- columns:
--   gift: Number of the gift · 捐款编号
--   donor: Donor; null when anonymous · 捐赠人;匿名为空
--   purpose: Purpose it was given for · 捐赠用途
--   received_fen: Received, fen · 收到(分)
--   spent_fen: Spent, fen · 已用(分)
--   left_fen: Left; below zero when more was spent than came · 结余(分);超支为负
--   bought: What was bought with it · 所购物资
--   disclosure: Notice that disclosed it · 公示出处
--   received_at: When it came; null when nothing was received · 收到时间;未收到为空
-- example: SELECT gift, purpose, received_fen, spent_fen, left_fen FROM money_gifts
CREATE VIEW money_gifts AS
WITH money AS (
    SELECT kind, seq, happened_at, document ->> '$.gift' AS gift, document ->> '$.donor' AS donor,
        document ->> '$.purpose' AS purpose, (document ->> '$.amount_fen')::BIGINT AS fen, document ->> '$.bought' AS bought,
        document ->> '$.disclosure' AS disclosure
    FROM lake.entry AS e WHERE kind IN ('money_gift_received', 'money_gift_spent') AND NOT EXISTS (
        SELECT 1 FROM lake.entry AS r WHERE r.reverses = e.site || '/' || e.source || '/' || e.number
    )
)
SELECT gift, min(donor) AS donor, min_by(purpose, (happened_at, seq)) FILTER (kind = 'money_gift_received') AS purpose,
    coalesce(sum(fen) FILTER (kind = 'money_gift_received'), 0)::BIGINT AS received_fen,
    coalesce(sum(fen) FILTER (kind = 'money_gift_spent'), 0)::BIGINT AS spent_fen, received_fen - spent_fen AS left_fen,
    string_agg(bought, '; ' ORDER BY happened_at, seq) AS bought, min(disclosure) AS disclosure,
    min(happened_at) FILTER (kind = 'money_gift_received') AS received_at
FROM money GROUP BY gift;
