-- title: Settlements disputed, or closed without both sides · 有异议或未经双方确认即结清
-- about: On which settlements do the two sides disagree, or which were closed before both had confirmed? · 哪些结算双方不一致,或未经双方确认即结清?
-- rules: F11
-- columns:
--   entry: Entry that opened it · 产生它的单据
--   site: Site that received · 收货站点
--   item: First item · 首种物资
--   happened_at: When it opened · 产生时间
--   what: In words · 说明
--   settlement: Settlement · 结算号
--   kind: Kind · 类别
--   owing: Who owes · 欠方
--   owed: Who is owed · 收方
--   answers: What both sides said last, JSON · 双方最近答复(JSON)
--   status: disputed, or closed unconfirmed · disputed 有异议;closed unconfirmed 未确认即结清
-- example: SELECT settlement, status, answers FROM audit_settlement_unconfirmed
CREATE VIEW audit_settlement_unconfirmed AS
WITH latest AS (
    SELECT document ->> '$.settlement' AS settlement, document ->> '$.side' AS side,
        max_by(document ->> '$.says', (happened_at, seq)) AS says
    FROM lake.entry AS e WHERE kind = 'settlement_answered' AND NOT EXISTS (
        SELECT 1 FROM lake.entry AS r WHERE r.reverses = e.site || '/' || e.source || '/' || e.number
    ) GROUP BY ALL
),
said AS (
    SELECT settlement, json_group_object(side, says) AS answers, count(*) FILTER (says = 'confirmed') AS confirmed
    FROM latest GROUP BY settlement
)
SELECT s.entry, s.site, s.item, s.opened_at AS happened_at,
    CASE s.state WHEN 'closed' THEN 'closed unconfirmed · 未确认即结清' ELSE 'disputed · 有异议' END AS what,
    s.settlement, s.kind, s.owing, s.owed, coalesce(a.answers, '{}') AS answers,
    CASE s.state WHEN 'closed' THEN 'closed unconfirmed' ELSE 'disputed' END AS status
FROM settlements AS s LEFT JOIN said AS a USING (settlement)
WHERE s.state = 'disputed' OR (s.state = 'closed' AND coalesce(a.confirmed, 0) < 2);
