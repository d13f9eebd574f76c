-- title: Transfers between districts without an order · 无调令的跨区调拨
-- about: Which goods went from one district to another with no order on an approved plan, or with one made only after they had left (first apply, then transfer, then settle)? · 哪些跨区调拨没有依据已批准方案的调令,或先调后令(应先申请、后调运、再结算)?
-- rules: F8, F9
-- columns:
--   entry: First entry of the transfer · 调拨首张单据
--   site: Site the goods left · 调出站点
--   item: First item on it · 首行物资
--   happened_at: When they left · 发出时间
--   what: In words · 说明
--   transfer: Transfer id · 调拨单号
--   from_district: District they left · 调出区
--   to_district: District they went to · 调入区
--   status: not ordered, or ordered after · not ordered 无调令;ordered after 后补
--   ordered_at: When it was ordered · 下令时间
-- example: SELECT transfer, from_district, to_district, status FROM audit_transfer_unordered
CREATE VIEW audit_transfer_unordered AS
SELECT entry, from_site AS site, item, left_at AS happened_at,
    format('{} → {}: {} · {} → {}:{}', from_district, to_district, CASE WHEN ordered THEN 'ordered after' ELSE 'not ordered' END,
        from_district, to_district, CASE WHEN ordered THEN '先调后令' ELSE '无调令' END) AS what,
    transfer, from_district, to_district, CASE WHEN ordered THEN 'ordered after' ELSE 'not ordered' END AS status, ordered_at
FROM transfer_ends
WHERE dispatched AND between_districts AND coalesce(ordered_at > left_at, true);
