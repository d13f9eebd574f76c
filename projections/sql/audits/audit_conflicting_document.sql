-- title: Documents that contradict the book · 与账冲突的单据
-- about: Which documents were refused because they contradict what is in the book: a number used twice, an entry reversed twice, a name taken? · 哪些单据因与账矛盾被拒:编号重用、重复红冲、名称已用?
-- rules: A5, A9
-- columns:
--   entry: Number it bears · 单据所写的单据号
--   site: Site · 站点
--   item: First item on it · 首行物资
--   happened_at: When it first came · 首次到达时间
--   what: In words · 说明
--   reason: Code of the reason · 原因代码
--   facts: Facts of the reason, JSON · 原因的事实(JSON)
--   sender: Who sent it · 发送者
--   status: waiting, or replaced · waiting 待处理;replaced 已更正
--   digest: SHA-256 of the document · 单据摘要
-- example: SELECT entry, reason, sender FROM audit_conflicting_document WHERE status = 'waiting'
CREATE VIEW audit_conflicting_document AS
SELECT coalesce(site, '*') || '/' || source || '/' || number AS entry, site, document ->> '$.lines[0].item' AS item,
    recorded_at AS happened_at, reason || ' ' || facts::VARCHAR AS what, reason, facts, sender, status, digest
FROM quarantine WHERE result IN ('conflicting', 'too_old');
