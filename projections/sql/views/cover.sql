-- title: Days of cover · 可用天数
-- about: How long what is available of an item lasts at the mean demand of the window of policy, beside its target, on the book's day; hours to empty for items of class I. · 按参数规定的天数求日均需求,可用数还能用几天,及其目标;i 类物资另列可用小时数。
-- rules: D3, D6
-- columns:
--   site: Site · 站点
--   item: Item · 物资
--   available: Available, base units · 可用数(基本单位)
--   days_seen: Days counted · 计入天数
--   issued: Issued on those days, base units · 这些天的出库数
--   daily: Mean demand a day, base units · 日均需求
--   days_left: Days what is available lasts; null without demand · 可用天数;无需求为空
--   target_days: Days to hold; 0: not watched · 目标天数;0 为不查
--   class: Class now: I, II or none · 现行类别
--   hours_to_empty: Hours until nothing is left, for class I · 可用小时数(i 类)
-- example: SELECT site, item, available, days_left, target_days FROM cover ORDER BY days_left
CREATE VIEW cover AS
WITH seen AS (
    SELECT s.site, s.item, s.available, count(d.on_day) AS days_seen, coalesce(greatest(0, sum(d.issued)), 0)::BIGINT AS issued
    FROM stock AS s LEFT JOIN demand_days AS d ON d.site = s.site AND d.item = s.item AND d.counts
        AND d.on_day >= book_day() - least(92, policy_at('demand_window_days', '28', s.site, s.item, book_now())::INTEGER)
    GROUP BY ALL
),
classed AS (
    SELECT s.site, s.item, arg_min(c.class, CASE WHEN c.area = s.site THEN 0 WHEN c.area = p.area THEN 1
        WHEN c.area = p.district THEN 2 ELSE 3 END) AS class
    FROM seen AS s LEFT JOIN sites AS p ON p.site = s.site
    JOIN classes AS c ON c.item = s.item AND c.until_at IS NULL
        AND c.area IN (s.site, coalesce(p.area, ''), coalesce(p.district, ''), '*')
    GROUP BY ALL
)
SELECT s.site, s.item, s.available, s.days_seen, s.issued, round(s.issued::DECIMAL(18, 3) / nullif(s.days_seen, 0), 3) AS daily,
    CASE WHEN s.issued > 0 THEN (greatest(0, s.available)::HUGEINT * s.days_seen // s.issued)::BIGINT END AS days_left,
    policy_at('cover_target_days', '0', s.site, s.item, book_now())::BIGINT AS target_days,
    coalesce(c.class, 'none') AS class,
    CASE WHEN s.issued > 0 AND c.class = 'I' THEN (greatest(0, s.available)::HUGEINT * s.days_seen * 24 // s.issued)::BIGINT END
        AS hours_to_empty
FROM seen AS s LEFT JOIN classed AS c USING (site, item);
