-- title: Gifts nobody offered, or more than was offered · 无意向或超意向的捐赠
-- about: Which matches and straight deliveries are of an item that the donor never offered, or go beyond all the donor offered of it? Which receipts name a gift that nobody offered? A quantity nobody stated covers any. · 哪些匹配、直达的物资该捐赠人从未提出,或累计超出其提出的数量?哪些入库所引的捐赠编号无人提出?未报数量的意向不作限制。
-- rules: B1, B10
-- columns:
--   entry: Entry · 单据号
--   site: Site · 站点
--   item: Item · 物资
--   happened_at: When · 时间
--   what: In words · 说明
--   line: Line number · 行号
--   donor: Donor · 捐赠人
--   fault: never offered, or beyond the offer · never offered 从未提出;beyond the offer 超出意向
--   quantity: Base units of this line · 本行数量(基本单位)
--   so_far: Delivered of it up to this line · 至本行累计送达
--   offered: Offered in all · 提出总数
-- example: SELECT entry, donor, fault, so_far, offered FROM audit_gift_without_offer
CREATE VIEW audit_gift_without_offer AS
WITH offers AS (
    SELECT donor, item, CASE WHEN count(*) = count(base_quantity) THEN sum(base_quantity) END AS offered
    FROM gift_lines WHERE kind = 'gift_offered' GROUP BY donor, item
),
numbered AS (SELECT DISTINCT gift FROM gift_lines WHERE kind = 'gift_offered'),
asked AS (
    SELECT *, CASE WHEN kind = 'gift_passed_on' THEN sum(CASE WHEN kind = 'gift_passed_on' THEN base_quantity ELSE 0 END)
        OVER (PARTITION BY donor, item ORDER BY happened_at, site, seq, line) END AS so_far
    FROM gift_lines WHERE kind IN ('gift_passed_on', 'gift_matched') AND donor IS NOT NULL
),
found AS (
    SELECT a.entry, a.site, a.item, a.happened_at, a.line, a.donor, a.base_quantity AS quantity, a.so_far, o.offered,
        CASE WHEN o.donor IS NULL THEN 'never offered' ELSE 'beyond the offer' END AS fault
    FROM asked AS a LEFT JOIN offers AS o ON o.donor = a.donor AND o.item = a.item
    WHERE o.donor IS NULL OR a.so_far > o.offered
    UNION ALL
    SELECT g.entry, g.site, g.item, g.happened_at, g.line, g.donor, g.base_quantity, NULL, NULL, 'never offered'
    FROM gift_lines AS g WHERE g.kind = 'goods_received' AND g.gift IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM numbered AS n WHERE n.gift = g.gift)
)
SELECT entry, site, item, happened_at,
    CASE fault WHEN 'never offered' THEN 'never offered · 从未提出'
        ELSE format('{} in all, {} offered · 累计 {},意向 {}', so_far, offered, so_far, offered) END AS what,
    line, donor, fault, quantity, so_far::BIGINT AS so_far, offered::BIGINT AS offered
FROM found;
