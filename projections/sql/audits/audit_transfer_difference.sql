-- title: Ends of a transfer that differ · 调拨两端不符
-- about: Which transfers say another quantity at one end than at the other, with nobody having explained it? Who answers for it? · 哪些调拨两端数量不符且无人说明?由谁负责?
-- rules: F9, D8
-- columns:
--   entry: First entry of the transfer · 调拨首张单据
--   site: Site it went to · 调入站点
--   item: Item · 物资
--   happened_at: When it last arrived · 最近到达时间
--   what: In words · 说明
--   transfer: Transfer id · 调拨单号
--   lot: Lot · 批号
--   from_site: Site it left · 调出站点
--   dispatched: Left, base units · 发出
--   arrived: Arrived, base units · 到达
--   unexplained: Not explained; below zero when more arrived · 未说明;多到为负
--   answers_for: Who answers for loss on the leg · 损失责任方
-- example: SELECT transfer, item, dispatched, arrived, answers_for FROM audit_transfer_difference
CREATE VIEW audit_transfer_difference AS
SELECT e.entry, t.to_site AS site, t.item, coalesce(t.arrived_at, e.left_at) AS happened_at,
    format('{}: {} left, {} arrived · {}:发出 {},到达 {}', t.transfer, t.dispatched, t.arrived, t.transfer, t.dispatched, t.arrived) AS what,
    t.transfer, t.lot, t.from_site, t.dispatched, t.arrived, t.unexplained, e.answers_for
FROM transfers AS t JOIN transfer_ends AS e USING (transfer) WHERE t.unexplained <> 0;
