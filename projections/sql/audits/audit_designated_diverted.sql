-- title: Designated goods issued elsewhere · 定向物资挪作他用
-- about: Which issues to others left less than is still kept for named receivers, or took a lot that came only for another receiver and was not released? · 哪些发给他人的出库,使余数少于为定向受赠方保留的数,或动用了专为他人而来、未解除定向的批次?
-- rules: B3
-- columns:
--   entry: Entry · 单据号
--   site: Site · 站点
--   item: Item · 物资
--   happened_at: When · 时间
--   what: In words · 说明
--   line: Line number · 行号
--   lot: Lot · 批号
--   quantity: Issued, base units · 出库数
--   receiver: Who received it · 领用方
--   kept_for: Receivers it was kept for · 所定向的受赠方
--   reserved: Still kept for others after it · 其后仍应为他人保留
--   on_hand: On hand after it · 其后在库
-- example: SELECT entry, receiver, kept_for, quantity FROM audit_designated_diverted
CREATE VIEW audit_designated_diverted AS
WITH shares AS (
    SELECT site, item, party, happened_at,
        sum(sum(CASE kind WHEN 'goods_received' THEN 1 WHEN 'goods_released' THEN -1 ELSE 0 END * sign * quantity * factor)) OVER (PARTITION BY site, item, party ORDER BY happened_at) AS designated,
        sum(sum(CASE kind WHEN 'goods_issued' THEN 1 WHEN 'goods_returned' THEN -1 ELSE 0 END * sign * quantity * factor)) OVER (PARTITION BY site, item, party ORDER BY happened_at) AS issued
    FROM lake.line WHERE party IS NOT NULL AND condition IS DISTINCT FROM 'lost'
    GROUP BY site, item, party, happened_at
),
gifted AS (SELECT DISTINCT site, item, party FROM shares WHERE designated > 0),
kept AS (
    SELECT site, item, party, happened_at, greatest(0, designated - greatest(0, issued)) AS reserved
    FROM shares SEMI JOIN gifted USING (site, item, party)
),
judged AS (
    SELECT i.*, m.on_hand FROM issues AS i SEMI JOIN gifted AS g ON g.site = i.site AND g.item = i.item
    ASOF LEFT JOIN item_moments AS m ON m.site = i.site AND m.item = i.item AND i.happened_at >= m.happened_at
),
others AS (
    SELECT j.site, j.seq, j.line, sum(k.reserved) AS reserved, string_agg(k.party, ', ' ORDER BY k.party) AS kept_for
    FROM (SELECT j.*, g.party FROM judged AS j JOIN gifted AS g ON g.site = j.site AND g.item = j.item AND g.party <> j.receiver) AS j
    ASOF JOIN kept AS k ON k.site = j.site AND k.item = j.item AND k.party = j.party AND j.happened_at >= k.happened_at
    WHERE k.reserved > 0
    GROUP BY ALL
),
lot_for AS (
    SELECT site, item, lot, list(DISTINCT party) AS parties FROM lake.line AS l
    WHERE kind = 'goods_received' AND lot <> ''
    GROUP BY site, item, lot HAVING count(*) FILTER (party IS NULL AND sign = 1) = 0 AND sum(sign) > 0
),
freed AS (
    SELECT site, item, party, lot, min(happened_at) AS since FROM lake.line
    WHERE kind = 'goods_released' AND party IS NOT NULL AND sign = 1 GROUP BY ALL
),
wrong_lot AS (
    SELECT j.site, j.seq, j.line, list_aggregate(f.parties, 'string_agg', ', ') AS kept_for
    FROM judged AS j JOIN lot_for AS f ON f.site = j.site AND f.item = j.item AND f.lot = j.lot
        AND NOT list_contains(f.parties, j.receiver)
    WHERE NOT EXISTS (
        SELECT 1 FROM freed AS r WHERE r.site = j.site AND r.item = j.item AND r.lot IN ('', j.lot)
            AND list_contains(f.parties, r.party) AND r.since <= j.happened_at
    )
)
SELECT j.entry, j.site, j.item, j.happened_at,
    format('{} to {}, kept for {} · {} 发给 {},应留给 {}', j.quantity, j.receiver, coalesce(o.kept_for, f.kept_for), j.quantity,
        j.receiver, coalesce(o.kept_for, f.kept_for)) AS what,
    j.line, j.lot, j.quantity, j.receiver, coalesce(o.kept_for, f.kept_for) AS kept_for,
    coalesce(o.reserved, 0)::BIGINT AS reserved, j.on_hand::BIGINT AS on_hand
FROM judged AS j
LEFT JOIN others AS o ON o.site = j.site AND o.seq = j.seq AND o.line = j.line
LEFT JOIN wrong_lot AS f ON f.site = j.site AND f.seq = j.seq AND f.line = j.line
WHERE f.kept_for IS NOT NULL OR j.on_hand < o.reserved;
