-- title: Papers overdue · 逾期未补的手续
-- about: Which goods were released or bought before their papers, and the papers are late? · 哪些先行放行或先购后补的物资,手续逾期未补?
-- rules: F12, D8
-- columns:
--   entry: Entry whose papers follow · 待补手续的单据
--   site: Site · 站点
--   item: First item · 首行物资
--   happened_at: When the goods moved · 放行或入库时间
--   what: In words · 说明
--   decided_by: Who decided · 决定人
--   due_at: When the papers were due · 应补时间
-- example: SELECT entry, decided_by, due_at FROM audit_papers_overdue
CREATE VIEW audit_papers_overdue AS
SELECT entry, site, item, happened_at, format('due {} · 应于 {} 补齐', due_at::DATE, due_at::DATE) AS what, decided_by, due_at
FROM papers_due WHERE overdue;
