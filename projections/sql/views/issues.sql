-- title: Issues that stand · 有效出库行
-- about: Every line of an issue that was not reversed, with what its entry says. · 未红冲的每条出库行及其单据所载。
-- rules: A5
-- columns:
--   entry: Entry · 单据号
--   seq: Sequence number · 单据序号
--   line: Line number · 行号
--   site: Site · 站点
--   item: Item · 物资
--   lot: Lot · 批号
--   quantity: Base units issued · 出库数(基本单位)
--   receiver: Receiver meant · 领用方
--   happened_at: When · 时间
--   happened_on: Local date · 当地日期
--   approval: Approval it rests on · 审批依据
--   approved_by: Who approved · 审批人
--   use: Class of use · 用途
--   note: Note · 备注
--   recorded_by: Who recorded it · 记录人
-- example: SELECT * FROM issues WHERE item = 'KN95' ORDER BY seq
CREATE VIEW issues AS
SELECT l.site || '/' || l.source || '/' || l.number AS entry, l.seq, l.line, l.site, l.item, l.lot, -l.delta AS quantity,
    l.party AS receiver, l.happened_at, l.happened_on, e.approval, e.approved_by, e."use", e.note, e.recorded_by
FROM lake.line AS l JOIN lake.entry AS e ON e.site = l.site AND e.seq = l.seq
WHERE l.kind = 'goods_issued' AND l.sign = 1 AND NOT EXISTS (
    SELECT 1 FROM lake.entry AS r WHERE r.reverses = l.site || '/' || l.source || '/' || l.number
);
