-- title: Price without stock, or stock without price · 价格与库存缺一
-- about: On which days was the price of an item seen at a place and its sales and stock not, or the other way round (价格库存双监测: one without the other is incomplete)? · 哪些日子某地某物资只报了价格或只报了销存(双监测缺一不可)?
-- rules: D7
-- columns:
--   entry: Entry that stands alone · 单独的单据号
--   site: Site that reported · 上报站点
--   item: Item · 物资
--   happened_at: When · 时间
--   what: In words · 说明
--   place: Place · 地点
--   on_day: Day · 日期
--   missing: price or sales · 缺价格或销存
-- example: SELECT place, item, on_day, missing FROM audit_market_half_seen
CREATE VIEW audit_market_half_seen AS
SELECT entry, site, item, happened_at, format('no {} of {} · {} 缺{}', missing, on_day, on_day,
        CASE missing WHEN 'price' THEN '价格' ELSE '销存' END) AS what, place, on_day, missing
FROM (SELECT *, CASE WHEN price_fen IS NULL THEN 'price' ELSE 'sales' END AS missing FROM market_days)
WHERE price_fen IS NULL OR sold IS NULL;
