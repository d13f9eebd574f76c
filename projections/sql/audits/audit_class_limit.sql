-- title: Classed goods issued above the limit · 分类物资超限额发放
-- about: Which issues of class I or II took more of an item than one issue may (policy class_1_issue_limit, class_2_issue_limit; none is set until the site sets one)? · 哪些 i 类、ii 类物资单次出库超过限额(参数 class_1_issue_limit、class_2_issue_limit,未设则不查)?
-- rules: C4
-- columns:
--   entry: Entry · 单据号
--   site: Site · 站点
--   item: Item · 物资
--   happened_at: When · 时间
--   what: In words · 说明
--   class: I or II · 类别
--   quantity: Issued, base units · 出库数(基本单位)
--   issue_limit: Limit of one issue · 单次限额
--   receiver: Receiver · 领用方
-- example: SELECT entry, item, quantity, issue_limit FROM audit_class_limit
CREATE VIEW audit_class_limit AS
WITH taken AS (
    SELECT entry, site, item, happened_at, class, receiver, sum(quantity)::BIGINT AS quantity
    FROM classed_issues GROUP BY ALL
),
limited AS (
    SELECT *, CASE class
        WHEN 'I' THEN policy_at('class_1_issue_limit', '-1', site, item, happened_at)
        ELSE policy_at('class_2_issue_limit', '-1', site, item, happened_at) END::BIGINT AS issue_limit
    FROM taken
)
SELECT entry, site, item, happened_at, format('{} issued, at most {} · 发 {},限 {}', quantity, issue_limit, quantity, issue_limit) AS what,
    class, quantity, issue_limit, receiver
FROM limited WHERE issue_limit >= 0 AND quantity > issue_limit;
