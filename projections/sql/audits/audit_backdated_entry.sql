-- title: Entries recorded late · 迟记的单据
-- about: Which entries were recorded long after they happened, and what did they change: the balance at that moment, and counts made since that had been recorded before? · 哪些单据在事后很久才记账?改变了什么:当时余额,以及此前已记账的后来盘点?
-- rules: A10
-- columns:
--   entry: Entry · 单据号
--   site: Site · 站点
--   item: Item · 物资
--   happened_at: When it happened · 发生时间
--   what: In words · 说明
--   recorded_at: When it was recorded · 记账时间
--   hours_late: Whole hours between (policy backdated_hours of the site and item, default 24) · 相隔整小时数(该站点、物资的参数 backdated_hours,默认 24)
--   delta: What it changed, base units · 变动(基本单位)
--   balance_before: Balance at that moment without it, as known now · 该时刻不含它的余额(现在所知)
--   balance_after: Balance at that moment with it, as known now · 该时刻含它的余额(现在所知)
--   counts_changed: Counts recorded before it whose difference it changed · 因它而改变差异的盘点单
-- example: SELECT entry, hours_late, delta, counts_changed FROM audit_backdated_entry ORDER BY hours_late DESC
CREATE VIEW audit_backdated_entry AS
WITH late_lines AS (
    SELECT * FROM lake.line
    -- The least that anyone allows leaves few lines to ask the policy of their own site and item about.
    WHERE recorded_at - happened_at > to_hours((SELECT least(24, min((value ->> '$')::BIGINT)) FROM policies WHERE key = 'backdated_hours'))
        AND recorded_at - happened_at > to_hours(policy_at('backdated_hours', '24', site, item, recorded_at)::BIGINT)
),
late AS MATERIALIZED (
    SELECT site, seq, item, any_value(source) AS source, any_value(number) AS number, any_value(happened_at) AS happened_at,
        any_value(recorded_at) AS recorded_at, sum(delta)::BIGINT AS delta
    FROM late_lines GROUP BY site, seq, item
),
-- As in item_moments, but only of what came late.
moments AS (
    SELECT site, item, happened_at, sum(sum(delta)) OVER (PARTITION BY site, item ORDER BY happened_at) AS on_hand
    FROM lake.line SEMI JOIN late USING (site, item) WHERE delta <> 0 GROUP BY site, item, happened_at
),
changed AS (
    SELECT site, seq, item, string_agg(entry, ', ' ORDER BY entry) AS counts_changed FROM (
        SELECT DISTINCT l.site, l.seq, l.item, c.entry
        FROM counts AS c JOIN late_lines AS l ON l.site = c.site AND l.item = c.item AND l.seq > c.seq
            AND l.happened_at <= c.counted_at AND (NOT c.lot_counted OR l.lot = c.lot)
        WHERE l.delta <> 0
            AND (c.answered_by IS NULL OR l.site || '/' || l.source || '/' || l.number <> c.answered_by)
    ) GROUP BY site, seq, item
),
judged AS (
    SELECT l.*, l.site || '/' || l.source || '/' || l.number AS entry,
        date_sub('hour', l.happened_at, l.recorded_at) AS hours_late,
        (coalesce(m.on_hand, 0) - l.delta)::BIGINT AS balance_before, coalesce(m.on_hand, 0)::BIGINT AS balance_after
    FROM late AS l
    ASOF LEFT JOIN moments AS m ON m.site = l.site AND m.item = l.item AND l.happened_at >= m.happened_at
)
SELECT entry, j.site, j.item, happened_at,
    format('{} h late, {} → {} · 迟 {} 小时,{} → {}', hours_late, balance_before, balance_after, hours_late, balance_before,
        balance_after) || coalesce(' (' || c.counts_changed || ')', '') AS what,
    recorded_at, hours_late, delta, balance_before, balance_after, c.counts_changed
FROM judged AS j LEFT JOIN changed AS c ON c.site = j.site AND c.seq = j.seq AND c.item = j.item;
