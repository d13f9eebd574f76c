-- title: Documents sent again · 重复发送的单据
-- about: Which documents came more than once, byte for byte? They counted once. · 哪些单据原样到达不止一次?账上只记一次。
-- rules: A5
-- columns:
--   entry: The entry it is · 已入账的单据
--   site: Site · 站点
--   item: First item on it · 首行物资
--   happened_at: When it last came again · 最近一次重复到达
--   what: In words · 说明
--   times: How often it came again · 重复次数
--   senders: Who sent it again · 重复发送者
--   digest: SHA-256 of the document · 单据摘要
-- example: SELECT entry, times FROM audit_repeated_document ORDER BY times DESC
CREATE VIEW audit_repeated_document AS
WITH again AS (
    SELECT volume, digest, count(*) AS times, max(recorded_at) AS last_at, string_agg(DISTINCT sender, ', ' ORDER BY sender) AS senders
    FROM lake.refused WHERE result = 'already_admitted' GROUP BY volume, digest
)
SELECT e.site || '/' || e.source || '/' || e.number AS entry, e.site, any_value(l.item) AS item, a.last_at AS happened_at,
    format('came {} times more · 又到 {} 次', a.times, a.times) AS what, a.times, a.senders, a.digest
FROM again AS a JOIN lake.entry AS e USING (volume, digest)
LEFT JOIN lake.line AS l ON l.site = e.site AND l.seq = e.seq AND l.place = 1
GROUP BY ALL;
