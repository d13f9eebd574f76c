-- title: Gifts taken in with little shelf life · 捐赠物资剩余效期不足
-- about: Which donated lines had fewer months of shelf life left at intake than policy asks (gift_shelf_months, or gift_short_life_months where the total life is no longer)? · 哪些捐赠行入库时剩余效期少于规定月数(总效期较短的按短效期规定)?
-- rules: B7
-- columns:
--   entry: Entry · 单据号
--   site: Site · 站点
--   item: Item · 物资
--   happened_at: When · 时间
--   what: In words · 说明
--   line: Line number · 行号
--   lot: Lot · 批号
--   donor: Donor · 捐赠人
--   expires_on: Last day of use · 有效期至
--   needed_until: Last day it should have been good until · 规定的最短有效期
-- example: SELECT entry, lot, expires_on, needed_until FROM audit_gift_short_dated
CREATE VIEW audit_gift_short_dated AS
WITH months AS (
    SELECT *, policy_at('gift_shelf_months', '6', site, item, happened_at)::INTEGER AS whole,
        policy_at('gift_short_life_months', '3', site, item, happened_at)::INTEGER AS short
    FROM gift_lines WHERE kind IN ('goods_received', 'gift_passed_on') AND expires_on IS NOT NULL
),
judged AS (
    SELECT *, (happened_on + to_months(
        CASE WHEN expires_on <= produced_on + to_months(whole) THEN short ELSE whole END
    ))::DATE AS needed_until
    FROM months
)
SELECT entry, site, item, happened_at,
    format('good until {}, {} needed · 有效期至 {},至少应到 {}', expires_on, needed_until, expires_on, needed_until) AS what,
    line, lot, donor, expires_on, needed_until
FROM judged WHERE expires_on < needed_until;
