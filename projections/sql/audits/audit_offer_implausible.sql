-- title: Offers of more than can be · 数量不可信的捐赠意向
-- about: Which offers are of more base units than policy takes at its word (gift_offer_max)? · 哪些捐赠意向的数量超过可信上限(gift_offer_max)?
-- rules: B1, A11
-- columns:
--   entry: Entry · 单据号
--   site: Site · 站点
--   item: Item · 物资
--   happened_at: When · 时间
--   what: In words · 说明
--   line: Line number · 行号
--   donor: Donor · 捐赠人
--   offered: Offered, base units · 意向数(基本单位)
--   at_most: What policy takes at its word · 可信上限
-- example: SELECT entry, item, offered, at_most FROM audit_offer_implausible
CREATE VIEW audit_offer_implausible AS
WITH limited AS (
    SELECT *, policy_at('gift_offer_max', '10000000', site, item, happened_at)::BIGINT AS at_most
    FROM gift_lines WHERE kind = 'gift_offered'
)
SELECT entry, site, item, happened_at, format('{} offered · 意向 {}', base_quantity, base_quantity) AS what, line, donor,
    base_quantity AS offered, at_most
FROM limited WHERE base_quantity > at_most;
