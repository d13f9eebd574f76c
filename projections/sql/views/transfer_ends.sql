-- title: Transfers as wholes · 调拨单
-- about: One row a transfer, from its order, its two ends and what was explained: from where, to where, when due, who answers for loss. · 每次调拨一行,由调令、两端和差异说明得出:自何处、至何处、何时应到、损失由谁负责。
-- rules: F8, F9
-- columns:
--   transfer: Transfer id · 调拨单号
--   from_site: Site it left · 调出站点
--   to_site: Site it goes to · 调入站点
--   from_district: District of the one then · 调出区(当时)
--   to_district: District of the other then · 调入区(当时)
--   between_districts: Whether it went from one district to another; what the city's own stores send is allocated · 是否跨区;市级库调出为下拨
--   from_kind: Kind of the site it left · 调出站点类型
--   left_at: When it left; before that is known, when it arrived or was ordered · 发出时间(未知则到达、下令时间)
--   left_on: Local date of that · 其当地日期
--   due_at: When it should arrive, by its order · 调令应到时间
--   plan: Plan it rests on · 依据的方案
--   ordered_at: When it was ordered; null when nobody did · 下令时间;无则为空
--   ordered: Whether it was ordered · 有无调令
--   dispatched: Whether a dispatch is known · 有无发出
--   arrived: Whether an arrival is known · 有无到达
--   answers_for: Who answers for loss on it · 损失责任方
--   entry: First entry of it · 首张单据
--   item: First item on it · 首行物资
-- example: SELECT transfer, from_district, to_district, answers_for FROM transfer_ends
CREATE VIEW transfer_ends AS
WITH steps AS (
    SELECT l.*, nullif(coalesce(e.document ->> '$.leg_owner', e.document ->> '$.answers_for'), '') AS owner,
        TRY_CAST(e.document ->> '$.due_at' AS TIMESTAMPTZ) AS due_at, e.document ->> '$.plan' AS plan,
        (list_position(['transfer_dispatched', 'transfer_arrived', 'goods_passed_through', 'dispatch_ordered',
            'transfer_difference_explained'], l.kind), l.happened_at, l.seq) AS believed
    FROM standing_lines AS l JOIN lake.entry AS e ON e.site = l.site AND e.seq = l.seq
    WHERE l.transfer IS NOT NULL AND l.place = 1
),
ends AS (
    SELECT transfer, unnest(min_by(
            {'from_site': from_site, 'to_site': to_site, 'left_at': happened_at, 'left_on': happened_on, 'entry': entry, 'item': item},
            believed)),
        max(due_at) AS due_at, min_by(owner, believed) FILTER (owner IS NOT NULL) AS owner,
        min_by(plan, believed) FILTER (plan IS NOT NULL) AS plan,
        min(happened_at) FILTER (kind = 'dispatch_ordered') AS ordered_at, ordered_at IS NOT NULL AS ordered,
        bool_or(kind = 'transfer_dispatched') AS dispatched,
        bool_or(kind IN ('transfer_arrived', 'goods_passed_through')) AS arrived
    FROM steps GROUP BY transfer
)
SELECT e.transfer, e.from_site, e.to_site, f.district AS from_district, t.district AS to_district,
    f.district <> t.district AND policy_at('city_level', '市级', NULL, NULL, e.left_at) NOT IN (f.district, t.district) AS between_districts,
    f.site_kind AS from_kind,
    e.left_at, e.left_on, e.due_at, e.plan, e.ordered_at, e.ordered, e.dispatched, e.arrived,
    coalesce(e.owner, CASE WHEN t.site_kind = 'sampling_point' THEN 'street_or_township' ELSE 'county' END) AS answers_for,
    e.entry, e.item
FROM ends AS e
LEFT JOIN places AS f ON f.site = e.from_site AND (f.held_from IS NULL OR e.left_at >= f.held_from) AND (f.held_until IS NULL OR e.left_at < f.held_until)
LEFT JOIN places AS t ON t.site = e.to_site AND (t.held_from IS NULL OR e.left_at >= t.held_from) AND (t.held_until IS NULL OR e.left_at < t.held_until);
