-- title: Issued and never signed for below · 发出后下级未签收
-- about: Which issues and goods passed through has nobody below signed for in the hours of policy, or signed for with a difference? · 哪些出库、直达物资超过规定时间无人签收,或签收有短少?
-- rules: A5
-- columns:
--   entry: Entry · 单据号
--   site: Site · 站点
--   item: Item · 物资
--   happened_at: When · 时间
--   what: In words · 说明
--   receiver: Receiver · 领用方
--   hours: Hours allowed · 规定小时
--   difference: What the signature says was short or damaged · 短少、损坏
-- example: SELECT entry, receiver, difference FROM audit_not_signed_for
CREATE VIEW audit_not_signed_for AS
WITH gone AS (
    SELECT entry, site, seq, happened_at, receiver FROM entries
    WHERE kind IN ('goods_issued', 'goods_passed_through') AND reversed_by IS NULL AND coalesce("use", '') <> 'write_off'
),
-- Nobody signs below for what he handed out himself.
signed AS (
    SELECT s.entry, string_agg(s.difference, '; ') AS difference FROM signed_for AS s JOIN entries AS e USING (entry)
    WHERE s.party = 'receiver' AND s.signed_by <> e.recorded_by AND s.signed_by IS DISTINCT FROM (e.document ->> '$.issued_by')
    GROUP BY s.entry
),
ruled AS (SELECT *, policy_at('sign_off_hours', '24', site, '', happened_at)::BIGINT AS hours FROM gone)
SELECT g.entry, g.site, l.item, g.happened_at,
    CASE WHEN s.entry IS NULL THEN format('not signed for in {} h · {} 小时内未签收', hours, hours)
        ELSE format('signed for: {} · 签收:{}', s.difference, s.difference) END AS what,
    coalesce(l.party, g.receiver) AS receiver, hours, s.difference
FROM ruled AS g LEFT JOIN signed AS s USING (entry)
LEFT JOIN lake.line AS l ON l.site = g.site AND l.seq = g.seq AND l.place = 1
WHERE s.difference IS NOT NULL OR (s.entry IS NULL AND g.happened_at + to_hours(hours) <= book_now());
