-- title: Quarantine · 隔离区
-- about: Every refused document, once, with its bytes, its reason and whether a right one took its place. · 每份被拒的单据(不重复),带原文、原因,以及是否已有正确的单据代替。
-- rules: A1
-- columns:
--   digest: SHA-256 of the document · 单据摘要
--   volume: Volume of the page that lists it first · 首次列出的册
--   page: Page that lists it first · 首次列出的页
--   index: Its place in that submission, from 0 · 在该次提交中的位置(自 0)
--   sender: Who sent it · 发送者
--   result: Result: unreadable, conflicting, unconvertible, ... · 结果
--   reason: Code of the reason · 原因代码
--   facts: Facts of the reason, JSON · 原因的事实(JSON)
--   site: Site, when legible · 站点(可辨认时)
--   source: Source, when legible · 来源(可辨认时)
--   number: Number, when legible · 编号(可辨认时)
--   recorded_at: When it first came · 首次到达时间
--   times: How often it came · 到达次数
--   document: The document; hexadecimal when it is not text · 原文;非文本为十六进制
--   status: waiting, or replaced · 状态:waiting 待处理,replaced 已更正
--   replaced_by: Entry that took its place · 代替它的单据
-- example: SELECT digest, reason, facts, document FROM quarantine WHERE status = 'waiting'
CREATE VIEW quarantine AS
WITH of_volume AS (
    SELECT volume, digest, min_by({'volume': volume, 'page': page, 'place': place, 'sender': sender, 'result': result, 'code': code,
        'facts': facts, 'at': recorded_at, 'document': document}, (page, place)) AS f, count(*) AS times
    FROM lake.refused WHERE code IS NOT NULL GROUP BY volume, digest
),
once AS (SELECT digest, min_by(f, volume) AS f, max(times) AS times FROM of_volume GROUP BY digest),
texts AS (
    SELECT *, try(decode(f.document)) AS said, CASE WHEN json_valid(said) THEN said END AS legible FROM once
),
answers AS (
    SELECT digest, min_by(entry, seq) AS entry FROM (
        SELECT replaces AS digest, seq, site || '/' || source || '/' || number AS entry FROM lake.entry WHERE replaces IS NOT NULL
        UNION ALL
        SELECT digest, seq, site || '/' || source || '/' || number FROM lake.entry SEMI JOIN once USING (digest)
    ) GROUP BY digest
)
SELECT t.digest, f.volume AS volume, f.page AS page, f.place AS "index", f.sender AS sender, f.result AS result,
    f.code AS reason, f.facts AS facts, legible ->> '$.site' AS site, legible ->> '$.source' AS source,
    TRY_CAST(legible ->> '$.number' AS BIGINT) AS number, f.at AS recorded_at, times,
    coalesce(said, hex(f.document)) AS document, CASE WHEN a.entry IS NULL THEN 'waiting' ELSE 'replaced' END AS status,
    a.entry AS replaced_by
FROM texts AS t LEFT JOIN answers AS a ON a.digest = t.digest;
