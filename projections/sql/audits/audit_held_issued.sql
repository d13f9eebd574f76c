-- title: Held goods issued · 发出暂扣物资
-- about: Which issues took goods that were held – papers, inspection or disinfection missing – so that less was left than is held? · 哪些出库动用了暂扣(凭证、验收、消毒未齐)的物资,致使余数少于暂扣数?
-- rules: A2, A3
-- columns:
--   entry: Entry · 单据号
--   site: Site · 站点
--   item: Item · 物资
--   happened_at: When · 时间
--   what: In words · 说明
--   line: Line number · 行号
--   lot: Lot · 批号
--   quantity: Issued, base units · 出库数
--   on_hand: Left of the lot, or of the item when no lot is named · 该批次余数(未写批号时为该物资余数)
--   held: Of it held · 其中暂扣
-- example: SELECT entry, lot, quantity, on_hand, held FROM audit_held_issued
CREATE VIEW audit_held_issued AS
WITH left_over AS (
    SELECT i.*, m.on_hand, m.held FROM issues AS i ASOF JOIN lot_moments AS m
        ON m.site = i.site AND m.item = i.item AND m.lot = i.lot AND i.happened_at >= m.happened_at
    WHERE i.lot <> ''
    UNION ALL
    SELECT i.*, m.on_hand, m.held FROM issues AS i ASOF JOIN item_moments AS m
        ON m.site = i.site AND m.item = i.item AND i.happened_at >= m.happened_at
    WHERE i.lot = ''
)
SELECT entry, site, item, happened_at,
    format('{} left, {} of it held · 余 {},其中暂扣 {}', on_hand, held, on_hand, held) AS what, line, lot, quantity,
    on_hand::BIGINT AS on_hand, held::BIGINT AS held
FROM left_over WHERE held > 0 AND on_hand < held;
