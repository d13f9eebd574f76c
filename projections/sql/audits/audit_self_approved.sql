-- title: Approved by the one who asked · 自己申请自己审批
-- about: Which approvals were given by the person who asked for or recorded what they approve? · 哪些审批由申请人或制单人本人作出?
-- rules: C4, F13
-- columns:
--   entry: Entry of the approval · 审批单据号
--   site: Site · 站点
--   item: Not about one item: null · 不针对单一物资,为空
--   happened_at: When · 时间
--   what: In words · 说明
--   approval: Number of the approval · 审批编号
--   person: Who did both · 当事人
--   approves: What was approved · 所批的单据
-- example: SELECT entry, person, approves FROM audit_self_approved
CREATE VIEW audit_self_approved AS
SELECT a.entry, a.site, NULL::VARCHAR AS item, a.happened_at,
    format('{} approved its own {} · {} 审批了自己的 {}', a.approved_by, a.approves, a.approved_by, a.approves) AS what,
    a.approval, a.approved_by AS person, a.approves
FROM approvals AS a JOIN lake.entry AS e
    ON a.approves IN (e.site || '/' || e.source || '/' || e.number, e.document ->> '$.requisition')
WHERE a.decision = 'approved' AND a.approved_by IN (e.document ->> '$.requested_by', e.recorded_by);
