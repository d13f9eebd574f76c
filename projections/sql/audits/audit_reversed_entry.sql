-- title: Entries that were reversed · 红冲
-- about: Which entries were undone, when and why, and what took their place: the first entry of the same site, kind and item that the source of the reversal or of the original recorded after it. · 哪些单据被红冲?何时、为何?由什么代替:红冲之后,同站点、同种类、同物资、由红冲或原单的来源最先记账的单据。
-- rules: A9
-- columns:
--   entry: Entry of the reversal · 红冲单号
--   site: Site · 站点
--   item: First item undone · 首行物资
--   happened_at: When it was reversed · 红冲时间
--   what: In words · 说明
--   original: Entry that was undone · 原单
--   original_kind: Its kind · 原单种类
--   original_happened_at: When it had happened · 原单发生时间
--   reason: Why · 红冲原因
--   recorded_by: Who reversed it · 红冲人
--   replaced_by: What took its place · 代替它的单据
-- example: SELECT original, entry, reason, replaced_by FROM audit_reversed_entry
CREATE VIEW audit_reversed_entry AS
WITH undone AS (
    SELECT r.site, r.seq, r.source, r.number, r.happened_at, r.recorded_by, r.reverses, r.document ->> '$.reason' AS reason,
        l.kind, l.item, split_part(r.reverses, '/', 2) AS original_source
    FROM lake.entry AS r LEFT JOIN lake.line AS l ON l.site = r.site AND l.seq = r.seq AND l.place = 1
    WHERE r.reverses IS NOT NULL
),
next AS (
    SELECT u.site, u.seq, min_by(l.source || '/' || l.number, l.seq) AS entry
    FROM undone AS u JOIN lake.line AS l ON l.site = u.site AND l.kind = u.kind AND l.item = u.item AND l.sign = 1
        AND l.seq > u.seq AND l.source IN (u.source, u.original_source)
    GROUP BY u.site, u.seq
)
SELECT u.site || '/' || u.source || '/' || u.number AS entry, u.site, u.item, u.happened_at,
    format('{} undone: {} · 红冲 {}:{}', u.reverses, u.reason, u.reverses, u.reason) AS what, u.reverses AS original,
    u.kind AS original_kind, o.happened_at AS original_happened_at, u.reason, u.recorded_by, u.site || '/' || n.entry AS replaced_by
FROM undone AS u
LEFT JOIN lake.entry AS o ON o.site || '/' || o.source || '/' || o.number = u.reverses
LEFT JOIN next AS n ON n.site = u.site AND n.seq = u.seq;
