-- title: One gift disclosed twice · 同一捐赠重复公示
-- about: Which donated lines stand in two notices? Two shipments at one site, in different notices (the text of the disclosure without its row), no more than 7 days apart, are the same when they bear the same handover sheet; or come from the same named donor with a line of the same item, unit and quantity; or, whoever is named, have three or more such lines that are at least half of the smaller. Of such a pair every line of the same item and unit is returned. · 哪些捐赠行在两次公示中重复?同一站点、不同公示(去掉行号)、相隔不超过 7 天的两批,若交接单相同;或捐赠人同名且有一行物资、单位、数量全同;或不论署名,有三行以上全同且不少于较小一批的一半,视为同一批。其中物资、单位相同的每一对行都列出。
-- rules: B3, B8
-- columns:
--   entry: Entry disclosed later · 后公示的单据
--   site: Site · 站点
--   item: Item · 物资
--   happened_at: When it came, as disclosed later · 后一次公示的时间
--   what: In words · 说明
--   line: Line number · 行号
--   quantity: Quantity as disclosed later · 后一次公示的数量
--   unit: Unit · 单位
--   donor: Donor as disclosed later · 后一次公示的捐赠人
--   disclosure: Later notice · 后一次公示
--   earlier_entry: Entry disclosed earlier · 先公示的单据
--   earlier_quantity: Quantity as disclosed earlier · 先公示的数量
--   earlier_donor: Donor as disclosed earlier · 先公示的捐赠人
--   earlier_disclosure: Earlier notice · 先公示
--   status: same quantity, or quantity changed · same quantity 数量相同;quantity changed 数量不同
-- example: SELECT item, earlier_quantity, quantity, earlier_disclosure, disclosure FROM audit_duplicate_disclosure
CREATE VIEW audit_duplicate_disclosure AS
WITH gifts AS MATERIALIZED (
    SELECT l.site, l.seq, l.place, l.line, l.item, l.unit, l.quantity, l.happened_at, l.happened_on, e.donor,
        coalesce(e.donor, '') AS who, e.disclosure, l.site || '/' || l.source || '/' || l.number AS entry,
        regexp_replace(e.disclosure, '\s*(row|行|第?\d+行|#)\s*\d*\s*$', '') AS notice, e.document ->> '$.donation.handover' AS handover
    FROM lake.line AS l JOIN lake.entry AS e ON e.site = l.site AND e.seq = l.seq
    WHERE l.kind = 'goods_received' AND l.sign = 1 AND e.origin = 'donated' AND e.disclosure IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM lake.entry AS r WHERE r.reverses = l.site || '/' || l.source || '/' || l.number)
),
shipments AS (SELECT site, notice, who, count(*) AS lines FROM gifts GROUP BY site, notice, who),
alike AS (
    SELECT a.site, a.notice AS one, a.who AS one_who, b.notice AS other, b.who AS other_who,
        count(DISTINCT (b.seq, b.place)) FILTER (a.item = b.item AND a.unit = b.unit AND a.quantity = b.quantity) AS same,
        bool_or(a.handover = b.handover) AS one_sheet
    FROM gifts AS a JOIN gifts AS b ON b.site = a.site AND b.notice <> a.notice AND b.seq > a.seq
        AND abs(date_diff('day', a.happened_on, b.happened_on)) <= 7
        AND (a.handover = b.handover OR (a.item = b.item AND a.unit = b.unit AND a.quantity = b.quantity))
    GROUP BY ALL
),
pairs AS (
    SELECT k.* FROM alike AS k
    JOIN shipments AS s ON s.site = k.site AND s.notice = k.one AND s.who = k.one_who
    JOIN shipments AS t ON t.site = k.site AND t.notice = k.other AND t.who = k.other_who
    WHERE k.one_sheet OR (k.one_who = k.other_who AND k.one_who <> '' AND k.same >= 1)
        OR (k.same >= 3 AND 2 * k.same >= least(s.lines, t.lines))
),
lined AS (
    SELECT b.*, a.entry AS earlier_entry, a.quantity AS earlier_quantity, a.donor AS earlier_donor,
        a.disclosure AS earlier_disclosure
    FROM pairs AS p
    JOIN gifts AS a ON a.site = p.site AND a.notice = p.one AND a.who = p.one_who
    JOIN gifts AS b ON b.site = p.site AND b.notice = p.other AND b.who = p.other_who AND b.item = a.item AND b.unit = a.unit
        AND b.seq > a.seq AND (NOT coalesce(p.one_sheet, false) OR a.handover = b.handover)
    QUALIFY row_number() OVER (PARTITION BY b.site, b.seq, b.place ORDER BY abs(a.quantity - b.quantity), a.seq) = 1
)
SELECT entry, site, item, happened_at,
    format('{} {} after {} · {} {},先公示 {}', quantity, unit, earlier_quantity, quantity, unit, earlier_quantity) AS what,
    line, quantity, unit, donor, disclosure, earlier_entry, earlier_quantity, earlier_donor, earlier_disclosure,
    CASE WHEN quantity = earlier_quantity THEN 'same quantity' ELSE 'quantity changed' END AS status
FROM lined;
