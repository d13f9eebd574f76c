-- title: Kits · 套装清单
-- about: One row a component of every kit: its bill of materials, for ever. · 每种套装的每个组成物资一行;清单登记后不变。
-- rules: G1, G7
-- columns:
--   kit: Kit · 套装
--   level: Level of protection, or kind of pack · 防护等级或包类
--   colour: Colour on the label · 标签颜色
--   item: Component, as written · 组成物资(原文)
--   quantity: Base units in one kit · 每套数量
--   part: Part it plays (G1) · 用作
--   entry: Entry · 单据号
-- example: SELECT kit, item, quantity FROM kits ORDER BY kit
CREATE VIEW kits AS
WITH latest AS (
    SELECT document ->> '$.kit' AS kit, max_by({'d': document, 'entry': site || '/' || source || '/' || number}, seq) AS l
    FROM lake.entry WHERE kind = 'kit_described' GROUP BY ALL
),
listed AS (
    SELECT kit, l, unnest(from_json(l.d -> '$.components', '[{"item": "VARCHAR", "quantity": "BIGINT", "part": "VARCHAR"}]')) AS c
    FROM latest
)
SELECT kit, l.d ->> '$.level' AS level, l.d ->> '$.colour' AS colour, c.item AS item, c.quantity AS quantity,
    coalesce(c.part, 'other') AS part, l.entry AS entry
FROM listed;
