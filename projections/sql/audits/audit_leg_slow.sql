-- title: Store to outlet too slow · 库到网点超时
-- about: Which transfers from a store to an outlet took longer than the hours of policy? · 哪些从库到网点的调拨超过规定小时?
-- rules: G5
-- columns:
--   entry: Entry of the dispatch · 调出单
--   site: Store · 库
--   item: Item · 物资
--   happened_at: When it left · 发出时间
--   what: In words · 说明
--   transfer: Transfer id · 调拨单号
--   to_site: Outlet · 网点
--   arrived_at: When it arrived; null: not yet · 到达时间
--   hours: Hours allowed · 规定小时
-- example: SELECT entry, to_site, arrived_at FROM audit_leg_slow
CREATE VIEW audit_leg_slow AS
WITH legs AS (
    SELECT d.entry, d.site, d.transfer, d.other_site AS to_site, d.seq, d.happened_at, min(a.happened_at) AS arrived_at
    FROM entries AS d JOIN sites AS f ON f.site = d.site AND f.site_kind = 'store'
    JOIN sites AS t ON t.site = d.other_site AND t.site_kind = 'outlet'
    LEFT JOIN entries AS a ON a.kind = 'transfer_arrived' AND a.transfer = d.transfer AND a.site = d.other_site
        AND a.reversed_by IS NULL
    WHERE d.kind = 'transfer_dispatched' AND d.reversed_by IS NULL GROUP BY ALL
),
ruled AS (SELECT *, policy_at('store_to_outlet_hours', '2', to_site, '', happened_at)::BIGINT AS hours FROM legs)
SELECT r.entry, r.site, l.item, r.happened_at,
    format('{} to {}: {} · {} 到 {}:{}', r.site, r.to_site, coalesce(arrived_at::VARCHAR, 'not there'), r.site, r.to_site,
        coalesce(arrived_at::VARCHAR, '未到')) AS what,
    r.transfer, r.to_site, arrived_at, hours
FROM ruled AS r LEFT JOIN lake.line AS l ON l.site = r.site AND l.seq = r.seq AND l.place = 1
WHERE coalesce(arrived_at, book_now()) > r.happened_at + to_hours(hours);
