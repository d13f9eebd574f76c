-- title: Disclosure list · 公示表
-- about: What is made public of gifts: every line that came, every line that went straight on, and every issue of an item that came as a gift (or of which no receipt is known). A corrected line shows both values and when it changed. · 捐赠公示:收到的每一行、直达的每一行,以及曾受赠(或不知来源)物资的每一行发放。更正过的行列出原数与更正时间。
-- rules: B8, B7
-- columns:
--   happened_on: Date · 日期
--   direction: received, straight on, or issued · received 收到;straight on 直达;issued 发放
--   donor: Donor, or anonymous/匿名; null for an issue (`baogong trace` says whose) · 捐赠人;发放为空(用 baogong trace 追溯)
--   item: Item as written · 物资(原文)
--   specification: Specification · 规格
--   unit: Unit · 单位
--   quantity: Quantity · 数量
--   destination: Receiver it is meant for or went to; else the site whose common stock it joined · 去向:受赠方;否则为并入库存的站点
--   disclosure: Notice that disclosed it · 公示出处
--   corrected_from: What a corrected line said before · 更正前
--   corrected_at: When it changed · 更正时间
--   site: Site · 站点
--   entry: Entry · 单据号
--   line: Line number · 行号
--   seq: Sequence number · 序号
-- example: SELECT happened_on, direction, donor, item, quantity, unit, destination FROM disclosure_list ORDER BY seq, line
CREATE VIEW disclosure_list AS
WITH came AS (
    SELECT l.site, l.item, bool_or(e.origin = 'donated') AS as_gift
    FROM lake.line AS l JOIN lake.entry AS e ON e.seq = l.seq AND e.volume = l.volume
    WHERE l.kind = 'goods_received' GROUP BY l.site, l.item
)
SELECT happened_on, CASE WHEN straight_to IS NULL THEN 'received' ELSE 'straight on' END AS direction, donor,
    item_written AS item, specification, unit, quantity, coalesce(straight_to, designated_receiver, site) AS destination,
    disclosure, corrected_from, corrected_at, site, entry, line, seq
FROM donations
UNION ALL
SELECT i.happened_on, 'issued', NULL, l.item_written, l.specification, l.unit, l.quantity, i.receiver, e.disclosure, NULL, NULL,
    i.site, i.entry, i.line, i.seq
FROM issues AS i
JOIN lake.line AS l ON l.site = i.site AND l.seq = i.seq AND l.line = i.line
JOIN lake.entry AS e ON e.site = i.site AND e.seq = i.seq
LEFT JOIN came AS c ON c.site = i.site AND c.item = i.item
WHERE coalesce(c.as_gift, true);
