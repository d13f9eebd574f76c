-- title: Issues of classed goods · 分类物资的出库
-- about: Every issue line of an item that was class I or II at that site at that moment (the narrowest area counts), with the approvals it had before it left. · 出库时属 i 类或 ii 类的每行(取最小适用范围),及出库前已有的审批。
-- rules: C4
-- columns:
--   entry: Entry · 单据号
--   site: Site · 站点
--   item: Item · 物资
--   happened_at: When · 时间
--   line: Line number · 行号
--   quantity: Base units · 数量(基本单位)
--   receiver: Receiver · 领用方
--   class: I or II · 类别
--   approval: Approval it names · 所引审批
--   given: Approvals given before it left, by different people · 出库前由不同人作出的审批数
--   in_order: Whether the department's came before that of the supplies group · 科室审批先于物资组审批
-- example: SELECT entry, item, class, quantity, given FROM classed_issues ORDER BY happened_at
CREATE VIEW classed_issues AS
WITH held AS (
    SELECT i.entry, i.site, i.item, i.happened_at, i.line, i.quantity, i.receiver, i.approval,
        arg_min(c.class, CASE WHEN c.area = i.site THEN 0 WHEN c.area = p.area THEN 1 WHEN c.area = p.district THEN 2 ELSE 3 END)
            AS class
    FROM issues AS i
    LEFT JOIN sites AS p ON p.site = i.site
    JOIN classes AS c ON c.item = i.item AND c.happened_at <= i.happened_at
        AND (c.until_at IS NULL OR c.until_at > i.happened_at)
        AND c.area IN (i.site, coalesce(p.area, ''), coalesce(p.district, ''), '*')
    WHERE i."use" NOT IN ('write_off', 'sent_back')
    GROUP BY ALL
)
SELECT h.entry, h.site, h.item, h.happened_at, h.line, h.quantity, h.receiver, h.class, h.approval,
    count(DISTINCT a.approved_by) AS given,
    coalesce(min(a.happened_at) FILTER (a.authority = 'department')
        <= min(a.happened_at) FILTER (a.authority = 'supplies_group'), false) AS in_order
FROM held AS h
LEFT JOIN approvals AS a ON a.approval = h.approval AND a.decision = 'approved' AND a.happened_at <= h.happened_at
WHERE h.class <> 'none'
GROUP BY ALL;
