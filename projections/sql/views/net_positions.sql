-- title: Positions between districts · 区际净额
-- about: How every district stands with every other: what it still owes and is still owed for living goods and goods moved between districts. Closed settlements have left it. · 每个区与其他每个区之间:因生活物资与跨区调拨尚欠、尚应收的金额。已结清的不计。
-- rules: F10
-- columns:
--   district: District · 区
--   other: The other · 对方区
--   owes_fen: What it still owes, fen · 尚欠(分)
--   is_owed_fen: What it is still owed, fen · 尚应收(分)
--   net_fen: is_owed_fen - owes_fen · 净额(分):正为应收
--   open: Settlements not closed, both ways · 未结清的结算数(双向)
--   unpriced: Of them without a price · 其中无价的
-- example: SELECT district, other, net_fen, unpriced FROM net_positions
CREATE VIEW net_positions AS
WITH both_ways AS (
    SELECT owing AS district, owed AS other, amount_fen AS owes, NULL AS is_owed, amount_fen IS NULL AS unpriced
    FROM settlements WHERE kind IN ('cross_district', 'living_goods') AND state <> 'closed'
    UNION ALL
    SELECT owed, owing, NULL, amount_fen, amount_fen IS NULL
    FROM settlements WHERE kind IN ('cross_district', 'living_goods') AND state <> 'closed'
)
SELECT district, other, coalesce(sum(owes), 0)::BIGINT AS owes_fen, coalesce(sum(is_owed), 0)::BIGINT AS is_owed_fen,
    is_owed_fen - owes_fen AS net_fen, count(*) AS open, count(*) FILTER (unpriced) AS unpriced
FROM both_ways GROUP BY district, other;
