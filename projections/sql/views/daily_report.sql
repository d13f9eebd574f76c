-- title: Daily report · 日报
-- about: Received, issued and stock of a day, per item and site, as known at a moment. Asked again it gives the same rows. · 某日各站点各物资的收、发、存,按某时刻所知;再问结果不变。
-- rules: I1, I3, A10
-- columns:
-- example: FROM daily_report(DATE '2020-01-30', now())
CREATE MACRO daily_report(report_day, known_by) AS TABLE
SELECT l.site, l.item, i.name AS item_name, i.base_unit AS unit,
    coalesce(sum(l.delta) FILTER (l.happened_on < report_day), 0)::BIGINT AS opening,
    coalesce(sum(l.delta) FILTER (l.happened_on = report_day AND l.kind = 'goods_received'), 0)::BIGINT AS received,
    coalesce(-sum(l.delta) FILTER (l.happened_on = report_day AND l.kind = 'goods_issued'), 0)::BIGINT AS issued,
    coalesce(sum(l.delta) FILTER (l.happened_on = report_day AND l.kind = 'goods_returned'), 0)::BIGINT AS returned,
    coalesce(sum(l.delta) FILTER (l.happened_on = report_day AND l.kind IN ('transfer_dispatched', 'transfer_arrived')), 0)::BIGINT AS moved,
    coalesce(sum(l.delta) FILTER (l.happened_on = report_day AND l.kind = 'stock_adjusted'), 0)::BIGINT AS adjusted,
    sum(l.delta)::BIGINT AS closing
FROM lake.line AS l LEFT JOIN items AS i ON i.item = l.item
WHERE l.happened_on <= report_day AND l.recorded_at <= known_by
GROUP BY l.site, l.item, i.name, i.base_unit
ORDER BY l.site, l.item;
