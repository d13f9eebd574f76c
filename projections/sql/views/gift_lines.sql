-- title: Lines about gifts · 捐赠明细
-- about: Every line of every offer, match, receipt, identification and straight delivery of a gift that was not reversed: all lines of one donor, all papers of one gift. · 捐赠意向、匹配、入库、鉴别、直达的每条未红冲明细:一个捐赠人的全部行,一笔捐赠的全部单据。
-- rules: B1, B2, B3, B5, B7
-- columns:
--   gift: Number of the gift; null when it has none · 捐赠编号;无则为空
--   donor: Donor; null when anonymous · 捐赠人;匿名为空
--   kind: What the line says: gift_offered, gift_matched, goods_received, gift_identified, gift_passed_on · 单据种类
--   outcome: proposed or cancelled; medical, usable or substandard · 匹配结果,或鉴别结论
--   item: Item · 物资
--   lot: Lot · 批号
--   unit: Unit as written · 单位(原文)
--   quantity: Quantity as written; null when nobody stated one · 数量(原文);未报为空
--   base_quantity: Quantity in base units · 数量(基本单位)
--   receiver: Receiver it is meant for or went to · 定向或直达的受赠方
--   agreed_at: When donor and receiver were brought together · 约定时间
--   happened_at: When it happened · 发生时间
--   happened_on: Date · 日期
--   recorded_at: When it was recorded · 记账时间
--   handover: Handover sheet · 交接单
--   disclosure: Notice that disclosed it · 公示出处
--   counted_by: Who counted it, JSON · 清点人(JSON)
--   produced_on: Day of production · 生产日期
--   expires_on: Last day of use · 有效期至
--   specification: Specification · 规格
--   recorded_by: Who recorded it · 记录人
--   site: Site · 站点
--   entry: Entry · 单据号
--   line: Line number · 行号
--   seq: Sequence number of the entry · 单据序号
-- example: SELECT gift, kind, item, base_quantity, entry FROM gift_lines WHERE donor IS NOT NULL ORDER BY seq, line
CREATE VIEW gift_lines AS
SELECT coalesce(e.document ->> '$.donation.gift', e.document ->> '$.gift') AS gift, e.donor, l.kind,
    coalesce(e.document ->> '$.outcome', e.document ->> format('$.lines[{}].finding', l.place - 1)) AS outcome, l.item, l.lot,
    l.unit, l.quantity, l.quantity * l.factor AS base_quantity,
    coalesce(l.party, e.designated_receiver, e.receiver) AS receiver,
    (e.document ->> '$.agreed_at')::TIMESTAMPTZ AS agreed_at, l.happened_at, l.happened_on, l.recorded_at,
    e.document ->> '$.donation.handover' AS handover, e.disclosure,
    coalesce(e.document -> '$.donation.counted_by', '[]') AS counted_by, l.produced_on, l.expires_on, l.specification,
    e.recorded_by, l.site, l.site || '/' || l.source || '/' || l.number AS entry, l.line, l.seq
FROM lake.line AS l JOIN lake.entry AS e ON e.site = l.site AND e.seq = l.seq
WHERE l.sign = 1 AND (l.kind LIKE 'gift\_%' ESCAPE '\' OR (l.kind = 'goods_received' AND e.origin = 'donated'))
    AND NOT EXISTS (SELECT 1 FROM lake.entry AS r WHERE r.reverses = l.site || '/' || l.source || '/' || l.number);
