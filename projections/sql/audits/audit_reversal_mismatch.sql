-- title: Reversals that do not fit · 与原单不符的红冲
-- about: Which reversals undo an entry that is not in the book, or another text than it has, or another amount than it moved? · 哪些红冲的原单不在账上、原文不同,或冲回的数量与原单不符?
-- rules: A9
-- columns:
--   entry: Entry of the reversal · 红冲单号
--   site: Site · 站点
--   item: First item undone · 首行物资
--   happened_at: When it was reversed · 红冲时间
--   what: In words · 说明
--   original: Entry it names · 所红冲的单据
--   status: not in the book, differs, or moves otherwise · not in the book 不在账上;differs 原文不同;moves otherwise 数量不符
-- example: SELECT entry, original, status FROM audit_reversal_mismatch
CREATE VIEW audit_reversal_mismatch AS
WITH moved AS (
    SELECT site, seq, list(DISTINCT m ORDER BY m) AS moves FROM (
        SELECT site, seq, {'item': item, 'lot': lot, 'delta': sum(sign * delta), 'held': sum(sign * held_delta)} AS m
        FROM lake.line GROUP BY site, seq, item, lot
    ) GROUP BY site, seq
),
judged AS (
    SELECT r.site, r.seq, r.source, r.number, r.happened_at, r.reverses, CASE
        WHEN o.seq IS NULL THEN 'not in the book'
        WHEN o.document <> (r.document ->> '$.original') THEN 'differs'
        WHEN mo.moves IS DISTINCT FROM mr.moves THEN 'moves otherwise' END AS status
    FROM lake.entry AS r
    LEFT JOIN lake.entry AS o ON o.site || '/' || o.source || '/' || o.number = r.reverses
    LEFT JOIN moved AS mr ON mr.site = r.site AND mr.seq = r.seq
    LEFT JOIN moved AS mo ON mo.site = o.site AND mo.seq = o.seq
    WHERE r.reverses IS NOT NULL
)
SELECT j.site || '/' || j.source || '/' || j.number AS entry, j.site, l.item, j.happened_at,
    format('{}: {} · {}', j.reverses, j.status, CASE j.status WHEN 'not in the book' THEN '不在账上' WHEN 'differs' THEN '原文不同' ELSE '数量不符' END) AS what,
    j.reverses AS original, j.status
FROM judged AS j LEFT JOIN lake.line AS l ON l.site = j.site AND l.seq = j.seq AND l.place = 1
WHERE j.status IS NOT NULL;
