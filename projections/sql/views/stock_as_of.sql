-- title: Stock as of a moment, as known at another · 某时的库存(按另一时点所知)
-- about: Stock by site, item and lot of what happened by one moment and was recorded by another. · 截至某时发生、且至另一时点已记账的单据得出的库存。
-- rules: A10, I3
-- columns:
-- example: SELECT * FROM stock_as_of(TIMESTAMPTZ '2020-02-01 00:00:00+08', TIMESTAMPTZ '2020-02-03 00:00:00+08')
CREATE MACRO stock_as_of(happened_by, known_by) AS TABLE
SELECT site, item, lot, sum(delta)::BIGINT AS on_hand, sum(held_delta)::BIGINT AS held
FROM lake.line
WHERE moves_stock(kind) AND happened_at <= happened_by::TIMESTAMPTZ AND recorded_at <= known_by::TIMESTAMPTZ
GROUP BY site, item, lot;
