-- title: Numbers that came late · 迟到的编号
-- about: Which documents came after later ones of the same device or desk – a gap that closed, a device that was offline? · 哪些单据晚于同一来源编号更大的单据到达(补上的缺号、离线的设备)?
-- rules: A10, D8
-- columns:
--   entry: Entry that came late · 迟到的单据
--   site: Site · 站点
--   item: Not told by a number; null · 编号不说明物资,为 null
--   happened_at: When it happened · 发生时间
--   what: In words · 说明
--   source: Source · 来源
--   number: Its number · 编号
--   overtaken_by: Largest number that came before it · 先到的最大编号
--   recorded_at: When it was recorded · 记账时间
--   overtaken_at: When the first larger number was recorded · 更大编号首次记账的时间
-- example: SELECT entry, overtaken_by, recorded_at FROM audit_late_number
CREATE VIEW audit_late_number AS
WITH ordered AS (
    SELECT site, source, number, seq, happened_at, recorded_at,
        max(number) OVER (PARTITION BY site, source ORDER BY seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS ahead
    FROM lake.entry
),
late AS (SELECT * FROM ordered WHERE number < ahead)
SELECT l.site || '/' || l.source || '/' || l.number AS entry, l.site, NULL::VARCHAR AS item, l.happened_at,
    format('{} came after {} · {} 晚于 {} 到达', l.number, l.ahead, l.number, l.ahead) AS what, l.source, l.number,
    l.ahead AS overtaken_by, l.recorded_at, min(e.recorded_at) AS overtaken_at
FROM late AS l JOIN lake.entry AS e ON e.site = l.site AND e.source = l.source AND e.number > l.number AND e.seq < l.seq
GROUP BY ALL;
