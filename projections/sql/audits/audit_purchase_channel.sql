-- title: Bought through another channel · 采购渠道不符
-- about: Which purchases went through a channel the policy of the item does not allow, or name none? · 哪些采购的渠道不在该物资规定之内,或未写明渠道?
-- rules: A4
-- columns:
--   entry: Entry · 单据号
--   site: Site · 站点
--   item: Item · 物资
--   happened_at: When · 时间
--   what: In words · 说明
--   line: Line number · 行号
--   channel: Channel named; null: none · 渠道
--   allowed: Channels allowed · 允许的渠道
-- example: SELECT entry, item, channel, allowed FROM audit_purchase_channel
CREATE VIEW audit_purchase_channel AS
WITH bought AS (
    SELECT e.entry, e.site, l.item, e.happened_at, l.line, e.document ->> '$.channel' AS channel
    FROM entries AS e JOIN lake.line AS l ON l.site = e.site AND l.seq = e.seq
    WHERE e.kind = 'goods_received' AND e.origin IN ('purchased', 'emergency_purchase') AND e.reversed_by IS NULL
),
ruled AS (SELECT *, policy_at('purchase_channels', '', site, item, happened_at) AS allowed FROM bought)
SELECT entry, site, item, happened_at,
    format('bought by {}, allowed: {} · 渠道 {},规定 {}', coalesce(channel, '?'), allowed, coalesce(channel, '未写'), allowed) AS what,
    line, channel, allowed
FROM ruled WHERE allowed <> '' AND NOT coalesce(list_contains(string_split(allowed, ' '), channel), false);
