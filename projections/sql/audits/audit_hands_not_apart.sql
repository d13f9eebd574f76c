-- title: Hands that should be apart · 职责未分离
-- about: Where did one person do what two must do: fetch and record or hand out, record and hand out, approve what they recorded or fetched, draw up the need and buy, store or issue, or approve supplies of both the medical and the service team? Who counted and adjusted is in audit_counter_adjusted. · 何处一人做了应由两人做的事:领取与记账或发放、记账与发放、审批自己所记或所领、提出需求又采购、保管、发放,或同时审批医护与服务两类物资?盘点与调整见 audit_counter_adjusted。
-- rules: F13, A5
-- columns:
--   entry: Entry · 单据号
--   site: Site · 站点
--   item: First item · 首行物资
--   happened_at: When · 时间
--   what: In words · 说明
--   person: Who · 何人
--   roles: Which two · 兼任的两项
--   other_entry: The other entry, when it is another · 另一张单据
-- example: SELECT entry, person, roles FROM audit_hands_not_apart
CREATE VIEW audit_hands_not_apart AS
WITH standing AS (
    SELECT e.site, e.seq, e.kind, e.happened_at, e.recorded_by, e.approved_by, e.site || '/' || e.source || '/' || e.number AS entry,
        e.document ->> '$.fetched_by' AS fetched_by, e.document ->> '$.issued_by' AS issued_by, e.document ->> '$.serves' AS serves,
        CASE WHEN e.kind = 'requisition_made' THEN e.document ->> '$.requested_by' END AS requested_by
    FROM lake.entry AS e
    WHERE e.reverses IS NULL AND NOT EXISTS (
        SELECT 1 FROM lake.entry AS r WHERE r.reverses = e.site || '/' || e.source || '/' || e.number
    )
),
needs AS (
    SELECT n.site, n.entry, n.happened_at, n.requested_by, l.item FROM standing AS n
    JOIN lake.line AS l ON l.site = n.site AND l.seq = n.seq WHERE n.requested_by IS NOT NULL
),
supplied AS (
    SELECT n.*, l.item, unnest([n.recorded_by, n.issued_by]) AS person FROM standing AS n
    JOIN lake.line AS l ON l.site = n.site AND l.seq = n.seq WHERE n.kind IN ('goods_ordered', 'goods_received', 'goods_issued')
),
found AS (
    SELECT site, seq, entry, happened_at, recorded_by AS person, 'fetched, recorded' AS roles, NULL AS other_entry
    FROM standing WHERE kind = 'goods_issued' AND fetched_by = recorded_by
    UNION ALL
    SELECT site, seq, entry, happened_at, issued_by, 'fetched, issued', NULL FROM standing WHERE fetched_by = issued_by
    UNION ALL
    SELECT site, seq, entry, happened_at, issued_by, 'recorded, issued', NULL FROM standing WHERE issued_by = recorded_by
    UNION ALL
    SELECT site, seq, entry, happened_at, approved_by, 'approved, recorded', NULL
    FROM standing WHERE approved_by = recorded_by AND kind <> 'approval_given'
    UNION ALL
    SELECT site, seq, entry, happened_at, approved_by, 'approved, fetched', NULL FROM standing WHERE approved_by = fetched_by
    UNION ALL
    SELECT s.site, s.seq, s.entry, any_value(s.happened_at), s.person, 'needed, supplied', min_by(n.entry, n.happened_at)
    FROM supplied AS s JOIN needs AS n ON n.site = s.site AND n.item = s.item AND n.requested_by = s.person
        AND n.happened_at <= s.happened_at
    GROUP BY ALL
    UNION ALL
    SELECT a.site, a.seq, a.entry, any_value(a.happened_at), a.approved_by, 'approved for both teams', min_by(b.entry, (b.happened_at, b.seq))
    FROM standing AS a JOIN standing AS b ON b.approved_by = a.approved_by AND b.serves <> a.serves
        AND (b.happened_at, b.site, b.seq) < (a.happened_at, a.site, a.seq)
    GROUP BY ALL
)
SELECT f.entry, f.site, l.item, f.happened_at, format('{}: {} · {}:{}', person, roles, person, CASE roles
        WHEN 'fetched, recorded' THEN '领取又记账' WHEN 'fetched, issued' THEN '领取又发放' WHEN 'recorded, issued' THEN '记账又发放'
        WHEN 'approved, recorded' THEN '审批自己所记' WHEN 'approved, fetched' THEN '审批自己所领'
        WHEN 'needed, supplied' THEN '提需求又经办' ELSE '两类物资同一人审批' END) AS what,
    f.person, f.roles, f.other_entry
FROM found AS f LEFT JOIN lake.line AS l ON l.site = f.site AND l.seq = f.seq AND l.place = 1;
