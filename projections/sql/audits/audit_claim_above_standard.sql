-- title: Claimed above headcount × standard · 超人数标准领取
-- about: Which issues for a round are above the people claimed for × the standard of the item? · 哪些按轮出库超过申报人数 × 物资标准?
-- rules: A5
-- columns:
--   entry: Entry · 单据号
--   site: Site · 站点
--   item: Item · 物资
--   happened_at: When · 时间
--   what: In words · 说明
--   round: Round · 轮次
--   grid: Grid or sampling point · 网格或采样点
--   headcount: People claimed for · 申报人数
--   standard: Base units a person · 每人标准
--   quantity: Quantity, base units · 数量(基本单位)
-- example: SELECT entry, item, quantity, headcount, standard FROM audit_claim_above_standard
CREATE VIEW audit_claim_above_standard AS
WITH claims AS (
    SELECT i.entry, i.site, i.item, i.happened_at, (e.document ->> '$.round.number')::INTEGER AS round,
        e.document ->> '$.round.grid' AS grid, (e.document ->> '$.round.headcount')::BIGINT AS headcount,
        sum(i.quantity)::BIGINT AS quantity
    FROM issues AS i JOIN lake.entry AS e ON e.site = i.site AND e.seq = i.seq
    WHERE e.document LIKE '%"headcount"%' AND (e.document ->> '$.round.headcount') IS NOT NULL GROUP BY ALL
),
ruled AS (SELECT *, policy_at('kit_standard', '-1', site, item, happened_at)::BIGINT AS standard FROM claims)
SELECT entry, site, item, happened_at,
    format('{} for {} people at {} each · {},{} 人,每人 {}', quantity, headcount, standard, quantity, headcount, standard) AS what,
    round, grid, headcount, standard, quantity
FROM ruled WHERE standard >= 0 AND quantity > headcount * standard;
