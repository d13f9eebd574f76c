-- title: Papers · 附随凭证
-- about: Every paper kept with an entry that stands: its role, text and the hash of its content. · 有效单据所附的每份凭证:种类、文号、内容哈希。
-- rules: A8
-- columns:
--   entry: Entry · 单据号
--   site: Site · 站点
--   kind: Kind of entry · 单据种类
--   happened_at: When · 时间
--   role: order, delivery_note, acceptance_sheet, approval, handover, disclosure, import, other · 凭证种类
--   text: Number or name of the paper · 文号
--   sha256: Hash of its content; null when not kept · 内容哈希;未留为空
-- example: SELECT role, text, sha256 FROM papers WHERE sha256 IS NULL
CREATE VIEW papers AS
WITH listed AS (
    SELECT entry, site, kind, happened_at,
        unnest(from_json(document -> '$.references', '[{"role": "VARCHAR", "text": "VARCHAR", "sha256": "VARCHAR"}]')) AS paper
    FROM entries WHERE document LIKE '%"references"%' AND reversed_by IS NULL
)
SELECT entry, site, kind, happened_at, paper.role AS role, paper.text AS text, paper.sha256 AS sha256 FROM listed;
