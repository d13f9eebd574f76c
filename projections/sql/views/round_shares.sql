-- title: Goods of grids by round · 各网格各轮物资
-- about: What each grid was given of an item for a round, what came back, was lost or used, and what is outstanding. · 每个网格每轮领到、退回、丢失、使用及未还的物资。
-- rules: H1, H3
-- columns:
--   site: Site that issued it · 发出站点
--   round: Round · 轮次
--   grid: Grid or sampling point · 网格或采样点
--   item: Item · 物资
--   returnable: Whether it has to come back whole · 是否可回收
--   issued: Issued, base units · 发出
--   back: Came back, in any state · 退回
--   lost: Stated as lost · 丢失
--   used: Reported as used · 使用
--   outstanding: Not accounted for · 未还
--   last_issued_at: When the grid got the last of it · 最近发出
-- example: SELECT grid, item, outstanding FROM round_shares WHERE returnable AND outstanding > 0
CREATE VIEW round_shares AS
WITH said AS (
    SELECT site, seq, (document ->> '$.round.number')::INTEGER AS round, document ->> '$.round.grid' AS grid FROM entries
    WHERE kind IN ('goods_issued', 'goods_returned', 'usage_reported') AND reversed_by IS NULL
        AND document LIKE '%"round"%' AND (document ->> '$.round.grid') IS NOT NULL
)
SELECT l.site, s.round, s.grid, l.item, coalesce(any_value(i.returnable), false) AS returnable,
    coalesce(sum(l.quantity * l.factor) FILTER (l.kind = 'goods_issued'), 0)::BIGINT AS issued,
    coalesce(sum(l.quantity * l.factor) FILTER (l.kind = 'goods_returned' AND l.condition <> 'lost'), 0)::BIGINT AS back,
    coalesce(sum(l.quantity * l.factor) FILTER (l.kind = 'goods_returned' AND l.condition = 'lost'), 0)::BIGINT AS lost,
    coalesce(sum(l.quantity * l.factor) FILTER (l.kind = 'usage_reported'), 0)::BIGINT AS used,
    issued - back - lost - used AS outstanding, max(l.happened_at) FILTER (l.kind = 'goods_issued') AS last_issued_at
FROM lake.line AS l JOIN said AS s ON s.site = l.site AND s.seq = l.seq LEFT JOIN items AS i ON i.item = l.item
WHERE l.sign = 1 GROUP BY l.site, s.round, s.grid, l.item;
