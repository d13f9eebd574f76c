-- title: Expired goods issued · 发出过期物资
-- about: Which issues took a lot after its last day of use? Write-offs and goods sent back are left out. · 哪些出库发出了已过有效期的批次?报损与退回供方的除外。
-- rules: A3, D8
-- columns:
--   entry: Entry · 单据号
--   site: Site · 站点
--   item: Item · 物资
--   happened_at: When · 时间
--   what: In words · 说明
--   line: Line number · 行号
--   lot: Lot · 批号
--   expires_on: Its last day of use · 有效期至
--   quantity: Issued, base units · 出库数
--   receiver: Who received it · 领用方
-- example: SELECT entry, lot, expires_on, receiver FROM audit_expired_issued
CREATE VIEW audit_expired_issued AS
SELECT i.entry, i.site, i.item, i.happened_at,
    format('issued on {}, usable until {} · {} 发出,有效期至 {}', i.happened_on, l.expires_on, i.happened_on, l.expires_on) AS what,
    i.line, i.lot, l.expires_on, i.quantity, i.receiver
FROM issues AS i JOIN lots AS l USING (site, item, lot)
WHERE l.expires_on < i.happened_on AND i."use" NOT IN ('write_off', 'sent_back');
