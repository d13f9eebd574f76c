-- title: Transfers that should have arrived · 逾期未到的调拨
-- about: Which transfers are past the time of their order, or else past the hours of policy, and have not arrived – not at all, or not what was said to be still moving? · 哪些调拨已过调令时限(无调令则过规定小时数)仍未到达,或所称在途部分仍未到?
-- rules: D8, F9
-- columns:
--   entry: First entry of the transfer · 调拨首张单据
--   site: Site it goes to · 调入站点
--   item: First item on it · 首行物资
--   happened_at: When it should have arrived · 应到时间
--   what: In words · 说明
--   transfer: Transfer id · 调拨单号
--   from_site: Site it left · 调出站点
--   hours_late: Whole hours since · 已逾整小时数
--   in_transit: On the way, base units of all items · 在途(各物资基本单位合计)
--   answers_for: Who answers for loss on the leg · 损失责任方
-- example: SELECT transfer, site, hours_late FROM audit_transit_overdue ORDER BY hours_late DESC
CREATE VIEW audit_transit_overdue AS
WITH moving AS (
    SELECT transfer, sum(greatest(0, in_transit))::BIGINT AS in_transit, bool_or(in_transit > unexplained) AS said_to_move
    FROM transfers GROUP BY transfer
),
due AS (
    SELECT e.*, coalesce(m.in_transit, 0) AS in_transit, coalesce(e.due_at, e.left_at + to_hours(
        policy_at('in_transit_hours', '24', e.to_site, NULL, e.left_at)::INTEGER)) AS should_arrive
    FROM transfer_ends AS e LEFT JOIN moving AS m USING (transfer)
    WHERE CASE WHEN e.arrived THEN m.in_transit > 0 AND m.said_to_move
        ELSE m.in_transit > 0 OR (NOT e.dispatched AND e.ordered) END
)
SELECT entry, to_site AS site, item, should_arrive AS happened_at,
    format('{} {} h late · {} 逾 {} 小时', transfer, date_sub('hour', should_arrive, book_now()), transfer,
        date_sub('hour', should_arrive, book_now())) AS what,
    transfer, from_site, date_sub('hour', should_arrive, book_now()) AS hours_late, in_transit, answers_for
FROM due WHERE should_arrive < book_now();
