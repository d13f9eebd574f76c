-- title: Classed goods issued without their approvals · 分类物资审批不足
-- about: Which issues of class I or II had too few approvals before they left, or the supplies group's before the department's? · 哪些 i 类、ii 类物资出库前审批不足,或物资组先于科室审批?
-- rules: C4
-- columns:
--   entry: Entry · 单据号
--   site: Site · 站点
--   item: Item · 物资
--   happened_at: When · 时间
--   what: In words · 说明
--   line: Line number · 行号
--   class: I or II · 类别
--   approval: Approval it names · 所引审批
--   given: Approvals it had · 已有审批数
--   needed: Approvals it needed · 应有审批数
--   quantity: Base units · 数量(基本单位)
-- example: SELECT entry, item, class, given, needed FROM audit_class_approvals
CREATE VIEW audit_class_approvals AS
WITH asked AS (
    SELECT *, CASE class
        WHEN 'I' THEN policy_at('class_1_approvals', '2', site, item, happened_at)
        ELSE policy_at('class_2_approvals', '1', site, item, happened_at) END::BIGINT AS needed
    FROM classed_issues
)
SELECT entry, site, item, happened_at,
    format('class {}: {} of {} approvals{} · {} 类:应有 {} 份审批,有 {} 份{}', class, given, needed,
        CASE WHEN given >= needed THEN ', out of order' ELSE '' END, class, needed, given,
        CASE WHEN given >= needed THEN ',次序颠倒' ELSE '' END) AS what,
    line, class, approval, given, needed, quantity
FROM asked WHERE given < needed OR (class = 'I' AND needed >= 2 AND NOT in_order);
