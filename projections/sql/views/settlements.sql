-- title: Settlements · 结算
-- about: Every settlement its goods entry opened: who owes whom, for how much, due when, and how it stands on the book's clock. Living goods at the market price of the day of the transfer; without one it is held, never guessed. · 由物资单据自动产生的每笔结算:谁欠谁、多少、何时到期、现状。生活物资按调拨当日市场价;当日无价则挂起,不估算。
-- rules: F8, F9, F10, F11
-- columns:
--   settlement: Transfer id, or the entry that opened it · 调拨单号或产生它的单据号
--   kind: Kind of settlement · 结算类别
--   site: Site that received, or made the entry · 收货站点或记账站点
--   owing: Who owes: a district; for a resident's advance the site · 欠方(区;居民垫付为站点)
--   owed: Who is owed · 收方
--   opened_at: When it opened · 产生时间
--   amount_fen: Amount in fen; null when some item has no price · 金额(分);有物资无价则为空
--   unpriced: Items without a price · 无价的物资
--   state: held, open, confirmed, disputed or closed · 挂起、未结、双方已确认、有异议、已结
--   due_on: Last day to settle; null while supply goes on, or when a year it needs has no calendar · 到期日;保供未结束或缺日历为空
--   calendar: Versions of the working-day calendars it was worked out with · 所用工作日历版本
--   closed_by: money, return_in_kind, cost_share or free_grant · 结清方式
--   overdue: Whether it is late on the book's clock · 是否逾期
--   item: First item of it · 首种物资
--   entry: First entry of it · 首张单据
-- example: SELECT settlement, kind, owing, owed, amount_fen, state, due_on FROM settlements WHERE state <> 'closed'
CREATE VIEW settlements AS
WITH standing AS (
    SELECT e.*, e.site || '/' || e.source || '/' || e.number AS entry FROM lake.entry AS e
    WHERE NOT EXISTS (SELECT 1 FROM lake.entry AS r WHERE r.reverses = e.site || '/' || e.source || '/' || e.number)
),
living AS (SELECT i.item FROM items AS i JOIN families AS f ON f.family = i.family WHERE f."of" = 'living'),
carried AS (
    SELECT t.*, l.item AS carried_item, CASE WHEN t.from_kind = 'hospital' THEN 'hospital_draw_down'
            WHEN l.item IN (FROM living) THEN 'living_goods' ELSE 'cross_district' END AS kind,
        coalesce(sum(l.base) FILTER (l.kind IN ('transfer_arrived', 'goods_passed_through')), 0)::BIGINT AS arrived_base,
        max({'at': l.happened_at, 'seq': l.seq, 'price': l.price_fen, 'per': l.factor}) FILTER (l.price_fen IS NOT NULL) AS agreed
    FROM transfer_ends AS t JOIN standing_lines AS l ON l.transfer = t.transfer
    WHERE t.from_district IS NOT NULL AND t.to_district IS NOT NULL AND (t.dispatched OR t.arrived)
        AND (t.from_kind = 'hospital' OR t.between_districts)
    GROUP BY ALL
),
observed AS (
    SELECT l.item, l.happened_on, e.document ->> '$.place' AS place, l.price_fen AS price, l.factor AS per,
        (l.happened_at, l.seq, -l.place) AS latest
    FROM standing_lines AS l JOIN lake.entry AS e ON e.site = l.site AND e.seq = l.seq WHERE l.kind = 'price_observed'
),
market AS (
    SELECT c.transfer, c.carried_item, o.price, o.per
    FROM carried AS c JOIN observed AS o ON o.item = c.carried_item AND o.happened_on = c.left_on
        AND o.place IN (c.from_site, c.from_district, '*')
    WHERE c.kind = 'living_goods'
    QUALIFY row_number() OVER (PARTITION BY c.transfer, c.carried_item
        ORDER BY list_position([c.from_site, c.from_district, '*'], o.place), o.latest DESC) = 1
),
priced AS (
    SELECT c.*, CASE WHEN c.arrived_base = 0 THEN 0 ELSE
        ((2 * c.arrived_base::HUGEINT * coalesce(m.price, a.price) + coalesce(m.per, a.per)) // (2 * coalesce(m.per, a.per)))::BIGINT END AS fen
    FROM (SELECT *, CASE WHEN kind <> 'living_goods' THEN agreed END AS a FROM carried) AS c
    LEFT JOIN market AS m ON m.transfer = c.transfer AND m.carried_item = c.carried_item
),
opened AS (
    SELECT transfer AS settlement, kind, to_site AS site, to_district AS owing,
        CASE kind WHEN 'hospital_draw_down' THEN from_site ELSE from_district END AS owed, left_at AS opened_at,
        CASE WHEN count(*) FILTER (fen IS NULL) = 0 THEN sum(fen)::BIGINT END AS amount_fen,
        string_agg(carried_item, ', ' ORDER BY carried_item) FILTER (fen IS NULL) AS unpriced, min(carried_item) AS item, entry
    FROM priced GROUP BY ALL
    UNION ALL
    SELECT s.entry, coalesce(s.document ->> '$.owed.settlement',
            CASE s.origin WHEN 'drawn_from_holder' THEN 'hospital_draw_down' WHEN 'requisitioned' THEN 'compensation' END),
        s.site, CASE WHEN (s.document ->> '$.owed.settlement') = 'resident_advance' THEN s.site ELSE coalesce(p.district, s.site) END,
        coalesce(s.document ->> '$.owed.party', s.supplier, ''), s.happened_at,
        coalesce((s.document ->> '$.owed.amount_fen')::BIGINT, CASE WHEN s.kind <> 'goods_issued' THEN (
            SELECT CASE WHEN count(l.price_fen) = count(*) THEN sum(l.price_fen * l.quantity)::BIGINT END
            FROM lake.line AS l WHERE l.site = s.site AND l.seq = s.seq
        ) END), NULL, (SELECT l.item FROM lake.line AS l WHERE l.site = s.site AND l.seq = s.seq AND l.place = 1), s.entry
    FROM standing AS s
    LEFT JOIN places AS p ON p.site = s.site AND (p.held_from IS NULL OR s.happened_at >= p.held_from) AND (p.held_until IS NULL OR s.happened_at < p.held_until)
    WHERE s.kind IN ('goods_received', 'goods_issued', 'goods_passed_through')
        AND NOT (s.kind = 'goods_passed_through' AND (s.document ->> '$.from_site') IS NOT NULL)
        AND (s.origin IN ('drawn_from_holder', 'requisitioned')
            OR contains(s.document, '"owed"') AND (s.document ->> '$.owed.settlement') IS NOT NULL)
),
sides AS (
    SELECT document ->> '$.settlement' AS settlement, document ->> '$.side' AS side,
        max_by(document ->> '$.says', (happened_at, seq)) AS says,
        max_by({'fen': (document ->> '$.amount_fen')::BIGINT}, (happened_at, seq)).fen AS fen
    FROM standing WHERE kind = 'settlement_answered' GROUP BY ALL
),
answered AS (
    SELECT settlement, CASE WHEN bool_or(says = 'disputed') THEN 'disputed' WHEN count(*) < 2 THEN 'open'
        WHEN count(DISTINCT fen) > 1 THEN 'disputed' ELSE 'confirmed' END AS said
    FROM sides GROUP BY settlement
),
closings AS (
    SELECT document ->> '$.settlement' AS settlement, min_by(document ->> '$.by', (happened_at, seq)) AS closed_by
    FROM standing WHERE kind = 'settlement_closed' GROUP BY ALL
),
ended AS (
    SELECT o.*, response_ended(o.site, o.opened_at)::TIMESTAMPTZ AS ended_at,
        policy_at('settlement_working_days', '15', o.site, NULL, o.opened_at)::BIGINT AS working_days,
        policy_at('settlement_days', '30', o.site, NULL, o.opened_at)::INTEGER AS days
    FROM opened AS o
),
due AS (
    SELECT e.*, CASE WHEN e.kind <> 'living_goods' THEN e.ended_at::DATE + e.days ELSE d.day END AS due_on,
        CASE WHEN e.kind = 'living_goods' AND d.day IS NOT NULL THEN (
            SELECT string_agg(version, ', ' ORDER BY day) FROM working_days AS w
            WHERE w.day = make_date(year(w.day), 1, 1) AND year(w.day) BETWEEN year(e.ended_at::DATE) AND year(d.day)
        ) END AS calendar
    FROM (SELECT * REPLACE (CASE WHEN ended_at <= book_now() THEN ended_at END AS ended_at) FROM ended) AS e
    LEFT JOIN working_days AS s ON s.day = e.ended_at::DATE
    LEFT JOIN working_days AS d ON e.kind = 'living_goods' AND d.working AND d.nth = s.nth + greatest(1, e.working_days) AND d.stretch = s.stretch
)
SELECT d.settlement, d.kind, d.site, d.owing, d.owed, d.opened_at, d.amount_fen, d.unpriced,
    CASE WHEN c.closed_by IS NOT NULL THEN 'closed'
        WHEN d.kind = 'living_goods' AND d.unpriced IS NOT NULL AND a.said IS DISTINCT FROM 'disputed' THEN 'held'
        ELSE coalesce(a.said, 'open') END AS state,
    d.due_on, d.calendar, c.closed_by, coalesce(c.closed_by IS NULL AND d.due_on < book_day(), false) AS overdue, d.item, d.entry
FROM due AS d LEFT JOIN answered AS a ON a.settlement = d.settlement LEFT JOIN closings AS c ON c.settlement = d.settlement;
