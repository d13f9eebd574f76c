-- title: Returnables given again · 可回收物资重复发放
-- about: Which grids were given a returnable item again in a later round, and what was the reason? · 哪些网格在后续轮次又领了可回收物资,理由是什么?
-- rules: H2
-- columns:
--   entry: Entry · 单据号
--   site: Site · 站点
--   item: Item · 物资
--   happened_at: When · 时间
--   what: In words · 说明
--   line: Line number · 行号
--   round: Round · 轮次
--   grid: Grid or sampling point · 网格或采样点
--   quantity: Quantity, base units · 数量(基本单位)
--   earlier_round: Round it was given it before · 先前轮次
--   outstanding: Of all it was given, not accounted for now · 现未还
--   reason: Reason on the issue; null: none · 理由
-- example: SELECT entry, grid, item, reason FROM audit_returnables_again
CREATE VIEW audit_returnables_again AS
WITH given AS (
    SELECT i.*, (e.document ->> '$.round.number')::INTEGER AS round, e.document ->> '$.round.grid' AS grid
    FROM issues AS i JOIN lake.entry AS e ON e.site = i.site AND e.seq = i.seq JOIN items AS t ON t.item = i.item
    WHERE t.returnable AND e.document LIKE '%"round"%' AND (e.document ->> '$.round.grid') IS NOT NULL
),
before AS (
    SELECT g.site, g.seq, g.line, max(p.round) AS earlier_round FROM given AS g
    JOIN given AS p ON p.grid = g.grid AND p.item = g.item AND p.round < g.round AND p.happened_at <= g.happened_at
    GROUP BY ALL
),
owed AS (SELECT grid, item, sum(outstanding)::BIGINT AS outstanding FROM round_shares GROUP BY ALL)
SELECT g.entry, g.site, g.item, g.happened_at,
    format('{} had it in round {}, again in {} · {} 第 {} 轮已领,第 {} 轮又领', grid, earlier_round, round, grid, earlier_round, round) AS what,
    g.line, round, grid, g.quantity, earlier_round, o.outstanding, g.note AS reason
FROM given AS g JOIN before USING (site, seq, line) LEFT JOIN owed AS o USING (grid, item);
