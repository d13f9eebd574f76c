-- title: Papers missing · 凭证不全
-- about: Which receipts lack a paper that their origin asks for, with the entry or completed later? · 哪些入库单缺少其来源所要求的凭证(含事后补齐)?
-- rules: A8, F12
-- columns:
--   entry: Entry · 单据号
--   site: Site · 站点
--   item: Item · 物资
--   happened_at: When · 时间
--   what: In words · 说明
--   origin: Origin · 来源
--   missing: Kinds of paper missing · 所缺凭证
-- example: SELECT entry, origin, missing FROM audit_papers_missing
CREATE VIEW audit_papers_missing AS
WITH receipts AS (
    SELECT entry, site, seq, happened_at, origin, CASE WHEN origin IN ('purchased', 'emergency_purchase', 'donated')
        THEN origin ELSE 'other' END AS asked, document ->> '$.donation.handover' AS handover
    FROM entries WHERE kind = 'goods_received' AND reversed_by IS NULL
),
ruled AS (
    SELECT *, CASE asked
        WHEN 'purchased' THEN policy_at('papers_purchased', 'order delivery_note acceptance_sheet', site, '', happened_at)
        WHEN 'emergency_purchase' THEN
            policy_at('papers_emergency_purchase', 'delivery_note acceptance_sheet approval', site, '', happened_at)
        WHEN 'donated' THEN policy_at('papers_donated', 'handover', site, '', happened_at)
        ELSE policy_at('papers_other', 'delivery_note', site, '', happened_at) END AS roles
    FROM receipts
),
wanted AS (SELECT entry, handover, unnest(string_split(trim(roles), ' ')) AS role FROM ruled),
completed AS (
    SELECT (document ->> '$.completes.site') || '/' || (document ->> '$.completes.source') || '/' || (document ->> '$.completes.number') AS entry,
        entry AS completion
    FROM entries WHERE kind = 'papers_completed' AND reversed_by IS NULL
),
given AS (
    SELECT entry, role FROM papers UNION SELECT c.entry, p.role FROM completed AS c JOIN papers AS p ON p.entry = c.completion
    UNION SELECT entry, 'approval' FROM completed UNION SELECT entry, 'handover' FROM receipts WHERE handover IS NOT NULL
),
lacking AS (
    SELECT w.entry, string_agg(w.role, ', ' ORDER BY w.role) AS missing FROM wanted AS w
    ANTI JOIN given AS g USING (entry, role) WHERE w.role <> '' GROUP BY w.entry
)
SELECT r.entry, r.site, l.item, r.happened_at, format('{} without {} · 缺 {}', r.origin, missing, missing) AS what, r.origin, missing
FROM receipts AS r JOIN lacking USING (entry)
LEFT JOIN lake.line AS l ON l.site = r.site AND l.seq = r.seq AND l.place = 1;
