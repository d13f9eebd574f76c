-- title: Synonyms · 同义名
-- about: Every recorded other name of an item, unit or party, and why. · 每条登记的物资、单位、单位名称的同义名及理由。
-- rules: A11
-- columns:
--   of: What it names: item, unit or party · 所指:物资、计量单位、相对方
--   name: Name as people write it · 写法
--   means: What it means · 所指
--   item: For a unit: the one item it holds for · 计量单位只对此物资有效
--   reason: Why we believe so · 理由
--   recorded_at: When it was recorded · 记账时间
--   recorded_by: Who recorded it · 记录人
--   entry: Entry · 单据号
-- example: SELECT name, means, reason FROM synonyms WHERE "of" = 'item'
CREATE VIEW synonyms AS
SELECT document ->> '$.of' AS "of", document ->> '$.name' AS name, document ->> '$.means' AS means,
    document ->> '$.item' AS item, document ->> '$.reason' AS reason, recorded_at, recorded_by,
    site || '/' || source || '/' || number AS entry
FROM lake.entry WHERE kind = 'synonym_recorded';
