-- title: Times of a round · 各轮时效
-- about: How long each round took, measured from its entries: vehicles ready, first and last point supplied. · 各轮用时(依单据计算):车辆就绪、首个和末个采样点送达。
-- rules: G5
-- columns:
--   entry: Announcement that opened it · 开始公告
--   area: Area · 区域
--   round: Round · 轮次
--   opened_at: When it opened · 开始
--   vehicles_ready_at: Vehicles ready · 车辆就绪
--   points: Points planned · 计划点数
--   supplied: Points supplied · 已送达点数
--   all_supplied_at: When the last point first got goods; null while one has none · 全部送达时间
--   hours: From opening until then · 用时(小时)
--   in_time: Within the hours of policy (first round) · 首轮是否按时
-- example: SELECT area, round, hours, in_time FROM round_times
CREATE VIEW round_times AS
WITH stages AS (
    SELECT entry, document ->> '$.area' AS area, (document ->> '$.round')::INTEGER AS round, document ->> '$.stage' AS stage,
        happened_at
    FROM entries WHERE kind = 'round_announced' AND reversed_by IS NULL
),
opened AS (SELECT * FROM stages WHERE stage = 'opened'),
ready AS (
    SELECT o.entry, min(s.happened_at) AS vehicles_ready_at FROM opened AS o JOIN stages AS s
        ON s.stage = 'vehicles_ready' AND s.area = o.area AND s.round = o.round AND s.happened_at >= o.happened_at
    GROUP BY o.entry
),
supplied AS (
    SELECT o.entry, count(*) AS points, count(p.first_at) AS supplied,
        CASE WHEN count(*) = count(p.first_at) THEN greatest(max(p.first_at), any_value(o.happened_at)) END AS all_supplied_at
    FROM opened AS o JOIN round_points AS p ON p.round = o.round JOIN sites AS s ON s.site = p.site
        AND o.area IN ('*', s.area, s.district)
    GROUP BY o.entry
),
limits AS (SELECT entry, policy_at('first_round_hours', '[6, 4]', '', '', happened_at)::BIGINT[] AS said FROM opened)
SELECT o.entry, o.area, o.round, o.happened_at AS opened_at, vehicles_ready_at, coalesce(points, 0) AS points,
    coalesce(s.supplied, 0) AS supplied, all_supplied_at,
    round(epoch(all_supplied_at - o.happened_at) / 3600, 2)::DECIMAL(12, 2) AS hours,
    CASE WHEN o.round = 1 THEN coalesce(all_supplied_at <= o.happened_at + to_hours(
        CASE WHEN len(l.said) = 2 THEN list_max(l.said) ELSE 6 END), false) END AS in_time
FROM opened AS o LEFT JOIN ready USING (entry) LEFT JOIN supplied AS s USING (entry) JOIN limits AS l USING (entry);
