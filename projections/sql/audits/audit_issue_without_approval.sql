-- title: Issues without approval · 未经审批的出库
-- about: Which issues, and goods passed through, name no approval they rest on (擅自分配)? · 哪些出库、直达物资没有写明审批依据(擅自分配)?
-- rules: A5, F3
-- columns:
--   entry: Entry · 单据号
--   site: Site · 站点
--   item: Item · 物资
--   happened_at: When · 时间
--   what: In words · 说明
--   line: Line number · 行号
--   quantity: Issued, base units · 出库数
--   receiver: Who received it · 领用方
--   recorded_by: Who recorded it · 记录人
-- example: SELECT entry, item, quantity, receiver FROM audit_issue_without_approval
CREATE VIEW audit_issue_without_approval AS
WITH gone AS (
    SELECT entry, site, item, happened_at, line, quantity, receiver, recorded_by FROM issues WHERE approval IS NULL
    UNION ALL
    SELECT p.entry, p.site, p.item, p.happened_at, p.line, p.quantity, p.receiver, e.recorded_by
    FROM passed_through AS p JOIN entries AS e USING (entry) WHERE e.approval IS NULL
)
SELECT entry, site, item, happened_at, format('{} to {} · {} 发给 {}', quantity, receiver, quantity, receiver) AS what,
    line, quantity, receiver, recorded_by
FROM gone;
