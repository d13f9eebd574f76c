-- title: Papers that follow · 后补手续
-- about: Every emergency release, and every emergency purchase without its approval form: when its papers are due and whether they came. · 每次先行放行,及未附审批单的应急采购:手续何时应补、是否已补。
-- rules: F12
-- columns:
--   entry: Entry whose papers follow · 待补手续的单据
--   site: Site · 站点
--   item: First item · 首行物资
--   happened_at: When the goods moved · 放行或入库时间
--   decided_by: Who decided · 决定人
--   reserve: Reserve grain: due after the response ends (K1) · 储备粮:响应结束后补
--   on_duty: Whether that person was on duty there then; null for a purchase · 当时是否在岗;采购为空
--   due_at: When due; null while the response lasts · 应补时间;响应未结束为空
--   completed_by: Entry by which they came, or null · 补齐手续的单据
--   overdue: Whether they are late on the book's clock · 是否逾期
-- example: SELECT entry, decided_by, due_at FROM papers_due WHERE overdue
CREATE VIEW papers_due AS
WITH standing AS (
    SELECT e.*, e.site || '/' || e.source || '/' || e.number AS entry FROM lake.entry AS e
    WHERE NOT EXISTS (SELECT 1 FROM lake.entry AS r WHERE r.reverses = e.site || '/' || e.source || '/' || e.number)
),
released AS (
    SELECT entry, site, seq, happened_at, document ->> '$.emergency_release.decided_by' AS decided_by,
        coalesce((document ->> '$.emergency_release.reserve')::BOOLEAN, false) AS reserve,
        (document ->> '$.emergency_release.papers_due_at')::TIMESTAMPTZ AS said_due, true AS is_release
    FROM standing WHERE kind = 'goods_issued' AND contains(document, '"emergency_release"')
        AND (document ->> '$.emergency_release.decided_by') IS NOT NULL
    UNION ALL
    SELECT entry, site, seq, happened_at, recorded_by, false, NULL, false
    FROM standing WHERE kind = 'goods_received' AND origin = 'emergency_purchase'
        AND NOT list_contains(coalesce(document ->> '$.references[*].role', []), 'approval')
),
completed AS (
    SELECT concat_ws('/', document ->> '$.completes.site', document ->> '$.completes.source', document ->> '$.completes.number') AS about,
        min_by(entry, (happened_at, seq)) AS completed_by
    FROM standing WHERE kind = 'papers_completed' GROUP BY ALL
),
rostered AS (
    SELECT site, document ->> '$.officer' AS officer, (document ->> '$.from_moment')::TIMESTAMPTZ AS since,
        (document ->> '$.until')::TIMESTAMPTZ AS until_at
    FROM standing WHERE kind = 'duty_rostered'
),
counted AS (
    SELECT *, CASE WHEN reserve THEN response_ended(site, happened_at) ELSE happened_at END AS counted_from,
        policy_at('papers_due_days', '3', site, NULL, happened_at)::INTEGER AS days
    FROM released
),
due AS (
    SELECT c.*, coalesce(said_due, CASE WHEN NOT reserve OR counted_from <= (SELECT book_now()) THEN counted_from + to_days(days) END) AS due_at
    FROM counted AS c
),
told AS (
    SELECT d.*, c.completed_by, CASE WHEN d.is_release THEN EXISTS (
            SELECT 1 FROM rostered AS o WHERE o.site = d.site AND o.officer = d.decided_by
                AND d.happened_at >= o.since AND d.happened_at < o.until_at
        ) END AS on_duty
    FROM due AS d LEFT JOIN completed AS c ON c.about = d.entry
)
SELECT t.entry, t.site, l.item, t.happened_at, t.decided_by, t.reserve, t.on_duty, t.due_at, t.completed_by,
    coalesce(t.due_at < (SELECT book_now()) AND t.completed_by IS NULL, false) AS overdue
FROM told AS t LEFT JOIN lake.line AS l ON l.site = t.site AND l.seq = t.seq AND l.place = 1;
