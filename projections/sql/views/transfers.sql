-- title: Transfers · 调拨
-- about: Every item and lot of every transfer: what left, what arrived, what was explained, what is on the way. · 每次调拨的每种物资、批号:发出、到达、已说明、在途。
-- rules: F9
-- columns:
--   transfer: Transfer id · 调拨单号
--   item: Item · 物资
--   lot: Lot · 批号
--   from_site: Site it left · 调出站点
--   to_site: Site it goes to · 调入站点
--   dispatched: Left, base units · 发出(基本单位)
--   arrived: Arrived, base units · 到达(基本单位)
--   explained: Lost or damaged on the way; below zero for a surplus · 途中损失;多到为负
--   in_transit: Left and still to arrive; below zero when more arrived than left · 在途;到达多于发出时为负
--   unexplained: What both ends say differently and nobody explained; 0 until both are known · 两端不符而未说明的数;两端未齐时为 0
--   dispatched_at: When it left · 发出时间
--   arrived_at: When it last arrived · 最近到达时间
-- example: SELECT * FROM transfers WHERE in_transit <> 0
CREATE VIEW transfers AS
WITH summed AS (
    SELECT transfer, item, lot,
        coalesce(max_by(from_site, seq) FILTER (kind = 'transfer_dispatched'), min_by(from_site, seq)) AS from_site,
        coalesce(max_by(to_site, seq) FILTER (kind = 'transfer_dispatched'), min_by(to_site, seq)) AS to_site,
        coalesce(-sum(delta) FILTER (kind = 'transfer_dispatched'), 0)::BIGINT AS dispatched,
        coalesce(sum(delta) FILTER (kind = 'transfer_arrived'), 0)::BIGINT AS arrived,
        coalesce(sum(sign * quantity * factor * CASE condition WHEN 'surplus' THEN -1 ELSE 1 END)
            FILTER (kind = 'transfer_difference_explained' AND condition <> 'still_moving'), 0)::BIGINT AS explained,
        coalesce(sum(sign * quantity * factor)
            FILTER (kind = 'transfer_difference_explained' AND condition = 'still_moving'), 0)::BIGINT AS moving,
        dispatched - arrived - explained AS in_transit,
        min(happened_at) FILTER (kind = 'transfer_dispatched' AND sign = 1) AS dispatched_at,
        max(happened_at) FILTER (kind = 'transfer_arrived' AND sign = 1) AS arrived_at
    FROM lake.line
    WHERE transfer IS NOT NULL AND kind IN ('transfer_dispatched', 'transfer_arrived', 'transfer_difference_explained')
    GROUP BY transfer, item, lot
),
-- A transfer differs only when both its ends are known: sums of its entries, so that a reversed end is none.
known AS (
    SELECT transfer, coalesce(sum(sign) FILTER (kind = 'transfer_dispatched'), 0) > 0
        AND coalesce(sum(sign) FILTER (kind = 'transfer_arrived'), 0) > 0 AS both_ends
    FROM lake.line WHERE transfer IS NOT NULL GROUP BY transfer
)
SELECT transfer, item, lot, from_site, to_site, dispatched, arrived, explained, in_transit,
    CASE WHEN both_ends THEN in_transit - least(moving, greatest(0, in_transit)) ELSE 0 END AS unexplained,
    dispatched_at, arrived_at
FROM summed JOIN known USING (transfer);
