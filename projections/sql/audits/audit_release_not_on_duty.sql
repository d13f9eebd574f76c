-- title: Released by someone not on duty · 非值班人员放行
-- about: Which emergency releases were decided by someone whom no duty roster names for that site and moment? · 哪些先行放行的决定人当时不在该站点的值班表上?
-- rules: F12
-- columns:
--   entry: Entry · 单据号
--   site: Site · 站点
--   item: First item · 首行物资
--   happened_at: When · 时间
--   what: In words · 说明
--   decided_by: Who decided · 决定人
-- example: SELECT entry, decided_by FROM audit_release_not_on_duty
CREATE VIEW audit_release_not_on_duty AS
SELECT entry, site, item, happened_at, format('{} was not on duty · {} 不在岗', decided_by, decided_by) AS what, decided_by
FROM papers_due WHERE NOT on_duty;
