-- title: Donations · 捐赠公示
-- about: Every donated line as it would be disclosed. A line that took the place of a reversed one shows what it was: the first gift of the same site, donor and item recorded after the reversal. · 每条捐赠行(公示口径)。代替红冲行的,列出原数:红冲后同站点、同捐赠人、同物资最先记账的一条。
-- rules: B3, B8, B9
-- columns:
--   happened_on: Date · 日期
--   donor: Donor, or anonymous/匿名 · 捐赠人;匿名为 anonymous/匿名
--   item: Item · 物资
--   specification: Specification · 规格
--   unit: Unit as written · 单位(原文)
--   quantity: Quantity as written · 数量(原文)
--   base_quantity: Quantity in base units · 数量(基本单位)
--   designated_receiver: Receiver it is meant for · 定向受赠方
--   disclosure: Notice that disclosed it · 公示出处
--   corrected_from: What the reversed line said: quantity and unit · 原公示数量及单位
--   corrected_at: When it changed · 更正时间
--   site: Site that received it · 接收站点
--   entry: Entry · 单据号
--   line: Line number · 行号
--   seq: Sequence number · 序号
-- example: SELECT happened_on, donor, item, quantity, unit FROM donations ORDER BY seq
CREATE VIEW donations AS
WITH gifts AS (
    SELECT l.*, e.donor, coalesce(l.party, e.designated_receiver) AS meant, e.disclosure,
        l.site || '/' || l.source || '/' || l.number AS entry
    FROM lake.line AS l JOIN lake.entry AS e ON e.seq = l.seq AND e.volume = l.volume
    WHERE l.kind = 'goods_received' AND l.sign = 1 AND e.origin = 'donated'
),
undone AS (
    SELECT reverses AS entry, min(seq) AS reversal_seq FROM lake.entry WHERE reverses IS NOT NULL GROUP BY reverses
),
corrected AS (
    SELECT g.seq AS old_seq, n.seq, min_by(n.place, n.place) AS place, any_value(g.quantity) || ' ' || any_value(g.unit) AS was
    FROM gifts AS g JOIN undone AS u ON u.entry = g.entry
    JOIN gifts AS n ON n.site = g.site AND n.item = g.item AND n.donor IS NOT DISTINCT FROM g.donor AND n.seq > u.reversal_seq
    GROUP BY g.seq, g.item, n.seq
    QUALIFY n.seq = min(n.seq) OVER (PARTITION BY g.seq, g.item)
)
SELECT g.happened_on, coalesce(g.donor, 'anonymous/匿名') AS donor, g.item, g.specification, g.unit, g.quantity,
    g.delta AS base_quantity, g.meant AS designated_receiver, g.disclosure, c.was AS corrected_from,
    CASE WHEN c.was IS NOT NULL THEN g.recorded_at END AS corrected_at, g.site, g.entry, g.line, g.seq
FROM gifts AS g
LEFT JOIN (SELECT seq, place, string_agg(was, '; ' ORDER BY old_seq) AS was FROM corrected GROUP BY seq, place) AS c
    ON c.seq = g.seq AND c.place = g.place
WHERE NOT EXISTS (SELECT 1 FROM undone AS u WHERE u.entry = g.entry);
