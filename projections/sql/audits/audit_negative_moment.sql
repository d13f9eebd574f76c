-- title: Moments when the book was below nothing · 账面为负的时刻
-- about: When did the book say there was less than nothing, so that a receipt must be missing or late? Both clocks are asked: the order things happened in, and the order they were recorded in. · 什么时候账面小于零(必有入库漏记或迟记)?按发生先后与按记账先后各查一遍。
-- rules: A10, D8
-- columns:
--   entry: Entry that took it below nothing · 使之为负的单据
--   site: Site · 站点
--   item: Item · 物资
--   happened_at: When it happened · 发生时间
--   what: In words · 说明
--   clock: happened or recorded: the order asked · 所按的先后:happened 发生,recorded 记账
--   balance_before: Balance before · 之前余额
--   balance_after: Balance after · 之后余额
--   recorded_at: When that entry was recorded · 记账时间
-- example: SELECT site, item, happened_at, balance_after FROM audit_negative_moment WHERE clock = 'happened'
CREATE VIEW audit_negative_moment AS
WITH of_entries AS (
    SELECT site, item, seq, any_value(source) AS source, any_value(number) AS number, any_value(happened_at) AS happened_at,
        any_value(recorded_at) AS recorded_at, sum(delta) AS moved
    FROM lake.line WHERE moves_stock(kind) GROUP BY site, item, seq
),
by_happening AS (
    SELECT site, item, happened_at, on_hand AS after, on_hand - moved AS before
    FROM item_moments WHERE on_hand < 0 AND on_hand - moved >= 0
),
by_recording AS (
    SELECT * FROM (
        SELECT *, sum(moved) OVER (PARTITION BY site, item ORDER BY seq) AS after FROM of_entries
    ) WHERE after < 0 AND after - moved >= 0
),
found AS (
    SELECT 'happened' AS clock, b.site, b.item, b.happened_at, b.before, b.after, min_by(e.source, e.moved) AS source,
        min_by(e.number, e.moved) AS number, min_by(e.recorded_at, e.moved) AS recorded_at
    FROM by_happening AS b JOIN of_entries AS e USING (site, item, happened_at)
    GROUP BY ALL
    UNION ALL
    SELECT 'recorded', site, item, happened_at, after - moved, after, source, number, recorded_at FROM by_recording
)
SELECT site || '/' || source || '/' || number AS entry, site, item, happened_at,
    format('{} → {}', before, after) AS what, clock, before::BIGINT AS balance_before, after::BIGINT AS balance_after,
    recorded_at
FROM found;
