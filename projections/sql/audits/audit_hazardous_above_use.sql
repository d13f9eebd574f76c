-- title: Hazardous goods above a day's use · 危险品超日用量发放
-- about: Which issues of hazardous goods are above the receiver's reported use of a day, or go to one that reported none? · 哪些危险品出库超过领用方上报的日用量,或领用方从未上报?
-- rules: A7
-- columns:
--   entry: Entry · 单据号
--   site: Site · 站点
--   item: Item · 物资
--   happened_at: When · 时间
--   what: In words · 说明
--   receiver: Receiver · 领用方
--   quantity: Quantity, base units · 数量(基本单位)
--   a_day: Use a day last reported; null: none · 最近上报日用量
--   days: Days an issue may cover · 允许天数
-- example: SELECT entry, item, quantity, a_day FROM audit_hazardous_above_use
CREATE VIEW audit_hazardous_above_use AS
WITH out AS (
    SELECT i.entry, i.site, i.item, i.happened_at, i.receiver, sum(i.quantity)::BIGINT AS quantity
    FROM issues AS i JOIN items USING (item) WHERE items.hazardous AND i."use" <> 'write_off' GROUP BY ALL
),
reported AS (SELECT site, receiver, item, happened_at, max(a_day) AS a_day FROM reported_use GROUP BY ALL),
judged AS (
    SELECT o.*, u.a_day FROM out AS o ASOF LEFT JOIN reported AS u
        ON u.site = o.site AND u.receiver = o.receiver AND u.item = o.item AND o.happened_at >= u.happened_at
),
ruled AS (SELECT *, policy_at('hazardous_days_max', '1', site, item, happened_at)::BIGINT AS days FROM judged)
SELECT entry, site, item, happened_at, CASE WHEN a_day IS NULL THEN 'no use reported · 未上报使用量'
    ELSE format('{} issued, {} a day used · 发 {},日用 {}', quantity, a_day, quantity, a_day) END AS what,
    receiver, quantity, a_day, days
FROM ruled WHERE a_day IS NULL OR quantity > a_day * days;
