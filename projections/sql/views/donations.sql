-- title: Donations · 捐赠公示
-- about: Every donated line as it would be disclosed, with those that went straight to their receiver. A line in the place of a reversed one shows what that said: the line of the entry the reversal names (`corrected_by`); else the first recorded after the reversal at the same site under the same notice and row, or from the same donor with the same item. · 每条捐赠行(公示口径),含直达受赠方的。代替红冲行的,列出原数:红冲单以 corrected_by 指明的单据;否则为红冲后同站点、同公示行,或同捐赠人同物资最先记账的一条。
-- rules: B3, B7, B8
-- columns:
--   happened_on: Date · 日期
--   donor: Donor, or anonymous/匿名 · 捐赠人;匿名为 anonymous/匿名
--   item: Item · 物资
--   item_written: Item as written · 物资(原文)
--   specification: Specification · 规格
--   unit: Unit as written · 单位(原文)
--   quantity: Quantity as written · 数量(原文)
--   base_quantity: Quantity in base units · 数量(基本单位)
--   designated_receiver: Receiver it is meant for · 定向受赠方
--   straight_to: Receiver it went to without passing this site · 直达的受赠方
--   disclosure: Notice that disclosed it · 公示出处
--   corrected_from: What the reversed line said: quantity, unit, and the item when that changed · 原公示数量、单位(及物资)
--   corrected_at: When it changed · 更正时间
--   gift: Number of the gift · 捐赠编号
--   site: Site that received it, or whose book shows it · 接收(登记)站点
--   entry: Entry · 单据号
--   line: Line number · 行号
--   seq: Sequence number · 序号
-- example: SELECT happened_on, donor, item, quantity, unit FROM donations ORDER BY seq
CREATE VIEW donations AS
WITH gifts AS (
    SELECT l.*, e.donor, CASE l.kind WHEN 'goods_received' THEN coalesce(l.party, e.designated_receiver) END AS meant,
        CASE l.kind WHEN 'gift_passed_on' THEN coalesce(l.party, e.receiver) END AS straight_to, e.disclosure,
        e.document ->> '$.donation.gift' AS gift, l.site || '/' || l.source || '/' || l.number AS entry
    FROM lake.line AS l JOIN lake.entry AS e ON e.seq = l.seq AND e.volume = l.volume
    WHERE l.sign = 1 AND (l.kind = 'gift_passed_on' OR (l.kind = 'goods_received' AND e.origin = 'donated'))
),
undone AS (
    SELECT reverses AS entry, min(seq) AS reversal_seq, min(recorded_at) AS reversed_at,
        max(concat_ws('/', document ->> '$.corrected_by.site', document ->> '$.corrected_by.source',
            document ->> '$.corrected_by.number')) AS corrected_by
    FROM lake.entry WHERE reverses IS NOT NULL GROUP BY reverses
),
gone AS (SELECT g.*, u.reversal_seq, u.reversed_at, u.corrected_by FROM gifts AS g JOIN undone AS u ON u.entry = g.entry),
candidates AS (
    SELECT g.seq AS old_seq, g.place AS old_place, n.seq, n.place, 1 AS how, n.item = g.item AS same_item
    FROM gone AS g JOIN gifts AS n ON n.entry = g.corrected_by
    UNION ALL
    SELECT g.seq, g.place, n.seq, n.place, 2, n.item = g.item
    FROM gone AS g JOIN gifts AS n ON n.site = g.site AND n.disclosure = g.disclosure AND n.seq > g.reversal_seq
    UNION ALL
    SELECT g.seq, g.place, n.seq, n.place, 3, true
    FROM gone AS g JOIN gifts AS n ON n.site = g.site AND n.item = g.item AND n.donor IS NOT DISTINCT FROM g.donor
        AND n.seq > g.reversal_seq
),
corrected AS (
    SELECT * FROM candidates
    QUALIFY row_number() OVER (
        PARTITION BY old_seq, old_place ORDER BY how, same_item DESC, seq, abs(place - old_place), place
    ) = 1
),
said AS (
    SELECT c.seq, c.place, string_agg(
        concat_ws(' ', g.quantity, g.unit, CASE WHEN NOT c.same_item THEN g.item END), '; ' ORDER BY c.old_seq, c.old_place
    ) AS was, max(g.reversed_at) AS reversed_at
    FROM corrected AS c JOIN gone AS g ON g.seq = c.old_seq AND g.place = c.old_place GROUP BY c.seq, c.place
)
SELECT g.happened_on, coalesce(g.donor, 'anonymous/匿名') AS donor, g.item, g.item_written, g.specification, g.unit,
    g.quantity, g.quantity * g.factor AS base_quantity, g.meant AS designated_receiver, g.straight_to, g.disclosure,
    s.was AS corrected_from, CASE WHEN s.was IS NOT NULL THEN greatest(s.reversed_at, g.recorded_at) END AS corrected_at,
    g.gift, g.site, g.entry, g.line, g.seq
FROM gifts AS g
LEFT JOIN said AS s ON s.seq = g.seq AND s.place = g.place
WHERE NOT EXISTS (SELECT 1 FROM undone AS u WHERE u.entry = g.entry);
