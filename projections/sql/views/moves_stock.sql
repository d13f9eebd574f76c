-- title: Kinds that move stock · 变动库存的单据种类
-- about: Whether lines of a kind are about what stands on a shelf. A count, a plan, a report of use are not. · 某种单据的明细行是否涉及在库物资。盘点、计划、使用报告不涉及。
-- rules: A1
-- columns:
-- example: SELECT moves_stock('goods_issued'), moves_stock('stock_counted')
CREATE MACRO moves_stock(kind) AS (
    -- In a list of DuckDB's: asked once for each kind in a vector, not once for each row.
    kind IN ['goods_received', 'goods_issued', 'goods_returned', 'goods_released', 'transfer_dispatched',
        'transfer_arrived', 'stock_adjusted', 'kits_packed', 'kits_unpacked']
);
