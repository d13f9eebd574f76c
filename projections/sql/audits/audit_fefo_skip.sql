-- title: A later-expiring lot issued first · 未按近效期先出
-- about: Which issues took a lot while an earlier-expiring lot of the item, in date and not held, was on hand – and what did they say why? Write-offs and goods sent back are left out. · 哪些出库在有更早到期(未过期、未暂扣)批次时先发了较晚的批次?说明了什么理由?报损与退回供方的除外。
-- rules: A5
-- columns:
--   entry: Entry · 单据号
--   site: Site · 站点
--   item: Item · 物资
--   happened_at: When · 时间
--   what: In words · 说明
--   line: Line number · 行号
--   lot: Lot issued · 所发批号
--   expires_on: Its last day of use · 其有效期
--   earlier_lot: Earliest lot that was there · 当时在库的更早批号
--   earlier_expires_on: Its last day of use · 其有效期
--   earlier_on_hand: What was there of it, base units · 其在库数
--   why: Note on the entry · 单据备注
-- example: SELECT entry, lot, earlier_lot, earlier_on_hand FROM audit_fefo_skip
CREATE VIEW audit_fefo_skip AS
WITH dated AS (SELECT site, item, lot, expires_on FROM lots WHERE expires_on IS NOT NULL AND lot <> ''),
taken AS (
    SELECT i.*, d.expires_on FROM issues AS i JOIN dated AS d USING (site, item, lot)
    WHERE i."use" NOT IN ('write_off', 'sent_back')
),
beside AS (
    SELECT t.*, d.lot AS earlier_lot, d.expires_on AS earlier_expires_on
    FROM taken AS t JOIN dated AS d ON d.site = t.site AND d.item = t.item AND d.expires_on < t.expires_on
        AND d.expires_on >= t.happened_on
),
there AS (
    SELECT b.*, m.on_hand - m.held AS earlier_on_hand
    FROM beside AS b ASOF JOIN lot_moments AS m
        ON m.site = b.site AND m.item = b.item AND m.lot = b.earlier_lot AND b.happened_at >= m.happened_at
    WHERE m.on_hand - m.held > 0
)
SELECT entry, site, item, happened_at,
    format('{} ({}) issued, {} ({}) was there: {} · 发 {}({}),尚有 {}({}):{}', lot, expires_on, earlier_lot,
        earlier_expires_on, earlier_on_hand, lot, expires_on, earlier_lot, earlier_expires_on, earlier_on_hand) AS what,
    line, lot, expires_on, earlier_lot, earlier_expires_on, earlier_on_hand::BIGINT AS earlier_on_hand, note AS why
FROM there
QUALIFY row_number() OVER (PARTITION BY site, seq, line ORDER BY earlier_expires_on, earlier_lot) = 1;
