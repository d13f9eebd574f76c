-- title: A gift in one pair of hands · 捐赠一人经手
-- about: Which gifts were received without two people counting together, or assessed and identified by the same person? · 哪些捐赠入库没有两人共同清点,或评估与鉴别为同一人?
-- rules: B1, B2, B7, F13
-- columns:
--   entry: Entry · 单据号
--   site: Site · 站点
--   item: Item · 物资
--   happened_at: When · 时间
--   what: In words · 说明
--   gift: Number of the gift · 捐赠编号
--   fault: counted alone, or assessed and identified · counted alone 一人清点;assessed and identified 评估兼鉴别
--   people: Who, JSON · 何人(JSON)
-- example: SELECT entry, fault, people FROM audit_gift_one_hand
CREATE VIEW audit_gift_one_hand AS
WITH received AS (
    SELECT entry, site, min_by(item, line) AS item, any_value(happened_at) AS happened_at, any_value(gift) AS gift,
        any_value(counted_by) AS people
    FROM gift_lines WHERE kind = 'goods_received' GROUP BY entry, site
),
both_done AS (
    SELECT i.site || '/' || i.source || '/' || i.number AS entry, i.site, i.document ->> '$.lines[0].item' AS item,
        i.happened_at, i.document ->> '$.gift' AS gift, json_array(i.document ->> '$.identified_by') AS people
    FROM lake.entry AS i JOIN lake.entry AS a ON a.kind = 'gift_assessed'
        AND (a.document ->> '$.gift') = (i.document ->> '$.gift')
        AND (a.document ->> '$.assessed_by') = (i.document ->> '$.identified_by')
    WHERE i.kind = 'gift_identified' AND NOT EXISTS (
        SELECT 1 FROM lake.entry AS r WHERE r.reverses IN (
            i.site || '/' || i.source || '/' || i.number, a.site || '/' || a.source || '/' || a.number
        )
    )
)
SELECT entry, site, item, happened_at,
    CASE WHEN people = '[]' THEN 'nobody named as counting · 未写清点人'
        ELSE format('counted by {} alone · {} 一人清点', people ->> '$[0]', people ->> '$[0]') END AS what,
    gift, 'counted alone' AS fault, people
FROM received WHERE len(list_distinct(from_json(people, '["VARCHAR"]'))) < 2
UNION ALL
SELECT entry, site, item, happened_at,
    format('{} assessed and identified it · {} 评估并鉴别', people ->> '$[0]', people ->> '$[0]'), gift,
    'assessed and identified', people
FROM both_done;
