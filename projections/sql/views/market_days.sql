-- title: Prices and sales by day · 每日价格与销存
-- about: The last price and the last sales said of an item at a place for a day, side by side; what was not seen is null. · 某地某物资每日最后所报的价格和销、存并列;未报为空。
-- rules: D7, O1
-- columns:
--   place: Place · 地点
--   item: Item · 物资
--   on_day: Day · 日期
--   price_fen: Price of one unit as written, in fen · 单价(分)
--   price_factor: Base units in that unit · 该单位折合基本单位
--   sold: Sold, base units · 售出(基本单位)
--   stock: Left on the shelf, base units · 货架存量
--   ratio: Stock to sales; null when nothing was sold · 存销比;未售为空
--   site: Site that reported · 上报站点
--   entry: Entry of the price, or else of the sales · 价格(或销存)单据号
--   happened_at: When it was seen · 观测时间
-- example: SELECT place, item, on_day, price_fen, ratio FROM market_days ORDER BY on_day
CREATE VIEW market_days AS
WITH stands AS (
    SELECT * FROM lake.entry AS e WHERE kind IN ('price_observed', 'sales_observed') AND NOT EXISTS (
        SELECT 1 FROM lake.entry AS r WHERE r.reverses = e.site || '/' || e.source || '/' || e.number
    )
),
priced AS (
    SELECT e.document ->> '$.place' AS place, l.item, l.happened_on AS on_day, last({'fen': l.price_fen, 'factor': l.factor,
        'site': l.site, 'entry': l.site || '/' || l.source || '/' || l.number, 'at': l.happened_at}
        ORDER BY l.happened_at, l.volume, l.seq, l.line) AS p
    FROM stands AS e JOIN lake.line AS l ON l.site = e.site AND l.seq = e.seq AND l.sign = 1
    WHERE e.kind = 'price_observed' GROUP BY ALL
),
counted AS (
    SELECT site, seq, document ->> '$.place' AS place, (document ->> '$.on_day')::DATE AS on_day,
        unnest(from_json(document -> '$.lines', '[{"line": "INTEGER", "stock": "BIGINT"}]'), max_depth := 2)
    FROM stands WHERE kind = 'sales_observed'
),
sold AS (
    SELECT c.place, l.item, c.on_day, last({'sold': l.quantity * l.factor, 'stock': c.stock * l.factor, 'site': l.site,
        'entry': l.site || '/' || l.source || '/' || l.number, 'at': l.happened_at}
        ORDER BY l.happened_at, l.volume, l.seq, l.line) AS s
    FROM counted AS c JOIN lake.line AS l ON l.site = c.site AND l.seq = c.seq AND l.line = c.line AND l.sign = 1
    GROUP BY ALL
)
SELECT place, item, on_day, p.fen AS price_fen, p.factor AS price_factor, s.sold AS sold, s.stock AS stock,
    round(s.stock::DECIMAL(18, 3) / nullif(s.sold, 0), 3) AS ratio, coalesce(p.site, s.site) AS site,
    coalesce(p.entry, s.entry) AS entry, coalesce(p.at, s.at) AS happened_at
FROM priced FULL JOIN sold USING (place, item, on_day);
