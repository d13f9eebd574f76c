-- title: Claimed twice · 重复领取
-- about: Which issues gave an item again to the same claimant or the same grid in the same round? · 哪些出库在同一轮中把同一物资再次发给同一领取人或同一网格?
-- rules: A5
-- columns:
--   entry: Entry · 单据号
--   site: Site · 站点
--   item: Item · 物资
--   happened_at: When · 时间
--   what: In words · 说明
--   line: Line number · 行号
--   round: Round · 轮次
--   grid: Grid or sampling point · 网格或采样点
--   claimant: Claimed for · 领取人(不具名)
--   quantity: Quantity, base units · 数量(基本单位)
--   earlier: Issue before it · 前一单
-- example: SELECT entry, item, grid, earlier FROM audit_claimed_twice
CREATE VIEW audit_claimed_twice AS
WITH claims AS (
    SELECT i.*, (e.document ->> '$.round.number')::INTEGER AS round, e.document ->> '$.round.grid' AS grid,
        e.document ->> '$.round.claimant' AS claimant
    FROM issues AS i JOIN lake.entry AS e ON e.site = i.site AND e.seq = i.seq
    WHERE e.document LIKE '%"round"%' AND (e.document ->> '$.round.grid') IS NOT NULL
),
first AS (
    SELECT *, first_value(entry) OVER (
        PARTITION BY item, round, coalesce('person ' || claimant, 'grid ' || grid) ORDER BY happened_at, entry
    ) AS earlier
    FROM claims
)
SELECT entry, site, item, happened_at,
    format('{} again in round {} · {} 第 {} 轮再次领取', coalesce(claimant, grid), round, coalesce(claimant, grid), round) AS what,
    line, round, grid, claimant, quantity, earlier
FROM first WHERE earlier <> entry;
