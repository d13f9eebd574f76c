-- title: Issues approved by the wrong authority · 审批权限不符的出库
-- about: Which issues rest on an approval that was refused, that was given after the goods had left, or that nobody gave in the capacity the level of emergency asks for there and then? Approvals that are only named, with no approval in the book, are left out. · 哪些出库所依据的审批未获同意、晚于出库,或没有当时当地应急级别所要求的权限?只写了编号而账内无审批单的不计。
-- rules: F3, A5, K1
-- columns:
--   entry: Entry · 单据号
--   site: Site · 站点
--   item: Item · 物资
--   happened_at: When · 时间
--   what: In words · 说明
--   line: Line number · 行号
--   approval: Approval it rests on · 审批编号
--   level: Level of emergency there and then · 当时级别
--   expected: Capacity asked for; empty: any · 应有权限;空为不限
--   given: Capacities in which it was approved before · 此前同意者的权限
--   status: refused, approved after, or wrong authority · refused 未同意;approved after 后批;wrong authority 越权
-- example: SELECT entry, level, expected, given, status FROM audit_wrong_authority
CREATE VIEW audit_wrong_authority AS
WITH asked AS (
    SELECT i.*, coalesce(v.level, 'normal') AS level FROM (
        FROM issues WHERE approval IN (SELECT approval FROM approvals)
    ) AS i ASOF LEFT JOIN levels AS v ON v.site = i.site AND i.happened_at >= v.since
),
judged AS (
    SELECT a.entry, a.site, a.item, a.happened_at, a.line, a.approval, a.level,
        policy_at('authority_' || a.level, CASE a.level WHEN 'regional_testing' THEN 'reserves_bureau'
            WHEN 'citywide_testing' THEN 'task_force' ELSE '' END, a.site, a.item, a.happened_at) AS expected,
        coalesce(string_agg(DISTINCT p.authority, ', ' ORDER BY p.authority)
            FILTER (p.decision = 'approved' AND p.happened_at <= a.happened_at), '') AS given,
        bool_or(p.decision = 'refused') AS refused,
        list(p.authority) FILTER (p.decision = 'approved' AND p.happened_at <= a.happened_at) AS held
    FROM asked AS a JOIN approvals AS p ON p.approval = a.approval GROUP BY ALL
),
found AS (
    SELECT *, CASE WHEN refused THEN 'refused' WHEN given = '' THEN 'approved after'
        WHEN expected <> '' AND NOT list_contains(held, expected) THEN 'wrong authority' END AS status FROM judged
)
SELECT entry, site, item, happened_at, format('{}: {} ({}) · {}:{}({})', approval, status, given, approval,
        CASE status WHEN 'refused' THEN '未同意' WHEN 'approved after' THEN '后批' ELSE '权限不符' END, given) AS what,
    line, approval, level, expected, given, status
FROM found WHERE status IS NOT NULL;
