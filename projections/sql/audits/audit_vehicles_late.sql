-- title: Vehicles not ready in time · 储备车辆未按时就绪
-- about: Which rounds had their reserve vehicles ready later than the policy asks, or never? · 哪些轮次的储备车辆就绪超过规定时间,或没有就绪?
-- rules: G5
-- columns:
--   entry: Announcement that vehicles are ready, or that opened the round · 就绪或开始公告
--   site: Site · 站点
--   item: Empty: about no item · 空
--   happened_at: When · 时间
--   what: In words · 说明
--   area: Area · 区域
--   round: Round · 轮次
--   ready_at: When ready; null: never · 就绪时间
--   hours: Hours allowed · 规定小时
-- example: SELECT area, round, ready_at FROM audit_vehicles_late
CREATE VIEW audit_vehicles_late AS
WITH stages AS (
    SELECT entry, site, document ->> '$.area' AS area, (document ->> '$.round')::INTEGER AS round,
        document ->> '$.stage' AS stage, coalesce(document ->> '$.setting', 'town') AS setting, happened_at
    FROM entries WHERE kind = 'round_announced' AND reversed_by IS NULL
),
waited AS (
    SELECT o.entry AS opening, o.site, o.area, o.round, o.happened_at AS opened_at, s.entry, s.setting, s.happened_at AS ready_at
    FROM stages AS o LEFT JOIN stages AS s ON s.stage = 'vehicles_ready' AND s.area = o.area AND s.round = o.round
        AND s.happened_at >= o.happened_at
    WHERE o.stage = 'opened'
    QUALIFY row_number() OVER (PARTITION BY o.entry, s.setting ORDER BY s.happened_at) = 1
),
ruled AS (
    SELECT *, CASE WHEN setting = 'village' THEN policy_at('vehicles_ready_hours_village', '1', site, '', opened_at)
        ELSE policy_at('vehicles_ready_hours_town', '2', site, '', opened_at) END::BIGINT AS hours
    FROM waited
)
SELECT coalesce(entry, opening) AS entry, site, '' AS item, coalesce(ready_at, opened_at) AS happened_at,
    format('round {} in {}: ready {} · 第 {} 轮 {}:就绪 {}', round, area, coalesce(ready_at::VARCHAR, '-'), round, area, coalesce(ready_at::VARCHAR, '无')) AS what,
    area, round, ready_at, hours
FROM ruled WHERE coalesce(ready_at, book_now()) > opened_at + to_hours(hours);
