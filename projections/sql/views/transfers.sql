-- title: Transfers · 调拨
-- about: Every item and lot of every transfer: what left, what arrived, what is on the way. · 每次调拨的每种物资、批号:发出、到达、在途。
-- rules: F9
-- columns:
--   transfer: Transfer id · 调拨单号
--   item: Item · 物资
--   lot: Lot · 批号
--   from_site: Site it left · 调出站点
--   to_site: Site it goes to · 调入站点
--   dispatched: Left, base units · 发出(基本单位)
--   arrived: Arrived, base units · 到达(基本单位)
--   in_transit: Left and not arrived; below zero when more arrived than left · 在途;到达多于发出时为负
--   dispatched_at: When it left · 发出时间
--   arrived_at: When it last arrived · 最近到达时间
-- example: SELECT * FROM transfers WHERE in_transit <> 0
CREATE VIEW transfers AS
SELECT transfer, item, lot,
    coalesce(max_by(from_site, seq) FILTER (kind = 'transfer_dispatched'), min_by(from_site, seq)) AS from_site,
    coalesce(max_by(to_site, seq) FILTER (kind = 'transfer_dispatched'), min_by(to_site, seq)) AS to_site,
    coalesce(-sum(delta) FILTER (kind = 'transfer_dispatched'), 0)::BIGINT AS dispatched,
    coalesce(sum(delta) FILTER (kind = 'transfer_arrived'), 0)::BIGINT AS arrived,
    dispatched - arrived AS in_transit,
    min(happened_at) FILTER (kind = 'transfer_dispatched' AND sign = 1) AS dispatched_at,
    max(happened_at) FILTER (kind = 'transfer_arrived' AND sign = 1) AS arrived_at
FROM lake.line WHERE transfer IS NOT NULL GROUP BY transfer, item, lot;
