-- title: Sources · 来源
-- about: How far every source has counted at every site, and how many of its numbers are missing. · 每个来源在每个站点编到几号,缺几个号。
-- rules: D8
-- columns:
--   site: Site · 站点
--   source: Source · 来源
--   last: Last number admitted · 最后编号
--   documents: Documents admitted · 已入账单据数
--   gaps: Numbers below the last that are missing · 缺号数
--   last_recorded_at: When it was last heard of · 最近记账时间
-- example: SELECT * FROM sources WHERE gaps > 0
CREATE VIEW sources AS
SELECT site, source, max(number) AS last, count(*) AS documents, max(number) - count(*) AS gaps,
    max(recorded_at) AS last_recorded_at
FROM lake.entry GROUP BY site, source;
