-- title: Working days · 工作日
-- about: Every day of every year whose calendar is in the book, by the version published last: whether it is worked, and its number among worked days. · 账内有日历的每一年的每一天(按最近发布的版本):是否工作日,及其在工作日中的序号。
-- rules: F10
-- columns:
--   day: Day · 日期
--   working: Whether it is worked · 是否工作日
--   nth: How many days worked until its end, since the first day of the first year · 自首年首日起累计工作日数
--   stretch: The same for years that follow each other without a gap · 连续年份的标记
--   version: Version of the calendar of its year · 该年日历的版本
-- example: SELECT day, version FROM working_days WHERE working AND isodow(day) > 5
CREATE VIEW working_days AS
WITH said AS (
    SELECT (document ->> '$.year')::BIGINT AS year, document ->> '$.version' AS version,
        (document ->> '$.published_at')::TIMESTAMPTZ AS published_at,
        from_json(document -> '$.days_off', '["DATE"]') AS days_off,
        coalesce(from_json(document -> '$.make_up_days', '["DATE"]'), []) AS make_up_days
    FROM lake.entry WHERE kind = 'calendar_published'
),
latest AS (
    SELECT * FROM said WHERE published_at <= (SELECT book_now())
    QUALIFY row_number() OVER (PARTITION BY year ORDER BY published_at DESC, version DESC) = 1
),
named AS (
    SELECT year AS of_year, unnest(days_off) AS day, false AS working FROM latest
    UNION ALL SELECT year, unnest(make_up_days), true FROM latest
),
-- A calendar may name days of the years beside its own; its own year's is asked first, then the next year's.
once AS (
    SELECT day, working FROM named WHERE of_year - year(day) BETWEEN -1 AND 1
    QUALIFY row_number() OVER (PARTITION BY day ORDER BY list_position([0, 1, -1], of_year - year(day)), working) = 1
),
days AS (
    SELECT unnest(generate_series(make_date(year, 1, 1), make_date(year, 12, 31), INTERVAL 1 DAY))::DATE AS day, version
    FROM latest
)
SELECT d.day, coalesce(o.working, isodow(d.day) < 6) AS working,
    sum((coalesce(o.working, isodow(d.day) < 6))::INTEGER) OVER (ORDER BY d.day)::BIGINT AS nth,
    year(d.day) - dense_rank() OVER (ORDER BY year(d.day)) AS stretch, d.version
FROM days AS d LEFT JOIN once AS o ON o.day = d.day;
