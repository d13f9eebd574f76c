-- title: Settlements overdue · 逾期未结
-- about: Which settlements are past their last day and not closed? · 哪些结算已过到期日仍未结清?
-- rules: F10, F11, D8
-- columns:
--   entry: Entry that opened it · 产生它的单据
--   site: Site that received · 收货站点
--   item: First item · 首种物资
--   happened_at: When it opened · 产生时间
--   what: In words · 说明
--   settlement: Settlement · 结算号
--   kind: Kind · 类别
--   owing: Who owes · 欠方
--   owed: Who is owed · 收方
--   amount_fen: Amount in fen; null without a price · 金额(分);无价为空
--   due_on: Last day · 到期日
--   state: How it stands · 现状
-- example: SELECT settlement, owing, owed, amount_fen, due_on FROM audit_settlement_overdue
CREATE VIEW audit_settlement_overdue AS
SELECT entry, site, item, opened_at AS happened_at,
    format('{} owes {}, due {} · {} 欠 {},{} 到期', owing, owed, due_on, owing, owed, due_on) AS what,
    settlement, kind, owing, owed, amount_fen, due_on, state
FROM settlements WHERE overdue;
