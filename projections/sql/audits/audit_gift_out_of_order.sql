-- title: Papers of a gift that contradict each other in time · 捐赠单据时序矛盾
-- about: Which gifts came or went on before they were agreed or offered, or after they were declined? · 哪些捐赠在约定或提出之前、或婉拒之后收到或直达?
-- rules: B1
-- columns:
--   entry: Entry · 单据号
--   site: Site · 站点
--   item: Item · 物资
--   happened_at: When · 时间
--   what: In words · 说明
--   line: Line number · 行号
--   gift: Number of the gift · 捐赠编号
--   fault: before it was agreed, before it was offered, after it was declined · 矛盾:约定前、提出前、婉拒后
--   other_at: When that was · 另一时间
-- example: SELECT entry, fault, happened_at, other_at FROM audit_gift_out_of_order
CREATE VIEW audit_gift_out_of_order AS
WITH moved AS (SELECT * FROM gift_lines WHERE kind IN ('goods_received', 'gift_passed_on')),
offered AS (SELECT gift, min(happened_at) AS at FROM gift_lines WHERE kind = 'gift_offered' GROUP BY gift),
declined AS (
    SELECT document ->> '$.gift' AS gift, max_by(document ->> '$.decision', (happened_at, seq)) AS decision, max(happened_at) AS at
    FROM lake.entry AS e WHERE kind = 'gift_assessed' AND NOT EXISTS (
        SELECT 1 FROM lake.entry AS r WHERE r.reverses = e.site || '/' || e.source || '/' || e.number
    ) GROUP BY ALL
),
found AS (
    SELECT *, 'before it was agreed' AS fault, '早于约定' AS fault_zh, agreed_at AS other_at FROM moved WHERE happened_at < agreed_at
    UNION ALL
    SELECT m.*, 'before it was offered', '早于提出', o.at FROM moved AS m JOIN offered AS o ON o.gift = m.gift AND m.happened_at < o.at
    UNION ALL
    SELECT m.*, 'after it was declined', '婉拒之后', d.at
    FROM moved AS m JOIN declined AS d ON d.gift = m.gift AND d.decision = 'declined' AND m.happened_at >= d.at
)
SELECT entry, site, item, happened_at, format('{} ({}) · {}({})', fault, other_at, fault_zh, other_at) AS what, line, gift, fault,
    other_at
FROM found;
