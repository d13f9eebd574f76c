-- title: Entries · 单据
-- about: Every admitted document, one row each, with both clocks and the document as it came. · 每份已记账的单据一行,带两个时钟和原文。
-- rules: A5, A8, A9, A10
-- columns:
--   volume: Volume of the book · 册
--   page: Page it stands on · 页
--   seq: Sequence number in the volume · 册内序号
--   entry: Its name: site/source/number · 单据号:站点/来源/编号
--   site: Site it is about; * for the whole book · 站点;* 为全账
--   source: Device, desk or import that numbered it · 编号的来源(设备、台位、导入)
--   number: Its number at that source · 该来源的编号
--   kind: Family, such as goods_received · 种类,如 goods_received(入库)
--   version: Version of the kind on the wire · 种类的版本
--   happened_at: When it happened · 发生时间
--   happened_since: Start of the period, when only a period is known · 只知一段时间时的起点
--   happened_on: Local date as written · 单据上写的当地日期
--   recorded_at: When the book recorded it · 记账时间
--   recorded_by: Who wrote it down · 记录人
--   sender: Who sent it · 发送者
--   origin: Where received goods came from (A4) · 入库来源
--   supplier: Supplier · 供应方
--   donor: Donor; null when anonymous · 捐赠人;匿名为空
--   designated_receiver: Receiver a gift is meant for, or freed from · 定向受赠方
--   receiver: Who received an issue, as written · 领用方(原文)
--   department: Department · 科室、部门
--   approval: Approval the entry rests on · 审批依据
--   approved_by: Who approved · 审批人
--   use: Class of use of an issue · 用途
--   transfer: Transfer id · 调拨单号
--   other_site: The other end of a transfer · 调拨的另一端
--   answers: Count an adjustment answers · 调整所依据的盘点单
--   reverses: Entry this one undoes · 红冲的原单
--   reversed_by: Entry that undid this one · 红冲本单的单据
--   replaces: Digest of the quarantined document it corrects · 所更正的隔离单据摘要
--   provisional: A receipt that lacks one of the three signatures (A2) · 缺三方签字之一的入库单
--   note: Note · 备注
--   digest: SHA-256 of the document · 单据摘要
--   document: The document as it came · 单据原文
-- example: SELECT entry, kind, happened_at, recorded_at FROM entries ORDER BY seq LIMIT 10
CREATE VIEW entries AS
SELECT e.volume, e.page, e.seq, e.site || '/' || e.source || '/' || e.number AS entry, e.site, e.source, e.number, e.kind,
    e.version, e.happened_at, e.happened_since, e.happened_on, e.recorded_at, e.recorded_by, e.sender, e.origin, e.supplier,
    e.donor, e.designated_receiver, e.receiver, e.department, e.approval, e.approved_by, e."use", e.transfer, e.other_site,
    e.answers, e.reverses, r.reversed_by, e.replaces, e.provisional, e.note, e.digest, e.document
FROM lake.entry AS e
LEFT JOIN (
    SELECT reverses, min_by(site || '/' || source || '/' || number, seq) AS reversed_by
    FROM lake.entry WHERE reverses IS NOT NULL GROUP BY reverses
) AS r ON r.reverses = e.site || '/' || e.source || '/' || e.number;
