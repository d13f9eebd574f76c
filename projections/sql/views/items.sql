-- title: Items · 物资目录
-- about: What is said of every item, as last described; packs of all descriptions. · 每种物资最近一次登记的内容;装箱数取全部登记。
-- rules: A11, A12
-- columns:
--   item: Item id · 物资编号
--   name: Name · 名称
--   base_unit: Base unit · 基本单位
--   family: Family · 大类
--   specification: Specification · 规格
--   requires: Paper without which a receipt is held (A3) · 缺之则暂扣的凭证
--   registration: Registration certificate number for every lot · 全部批次通用的注册证号
--   hazardous: Hazardous (A7) · 是否危险品
--   returnable: To be given back · 是否应归还
--   equipment: To be installed and accepted before use when donated · 受赠后是否须安装验收才可用
--   packs: Base units in each pack, JSON · 各包装折合基本单位(JSON)
--   gtins: Trade item numbers, JSON · 商品条码(JSON)
--   described_at: When last described · 最近登记时间
--   entry: Entry that last described it · 最近登记的单据
-- example: SELECT item, name, base_unit, packs FROM items ORDER BY item
CREATE VIEW items AS
WITH described AS (
    SELECT seq, recorded_at, site || '/' || source || '/' || number AS entry, document ->> '$.item' AS item, document
    FROM lake.entry WHERE kind = 'item_described'
),
-- What a later description leaves out stays as it was: max_by passes over nulls.
latest AS (
    SELECT item, max_by(document ->> '$.name', seq) AS name, max_by(document ->> '$.base_unit', seq) AS base_unit,
        max_by(document -> '$.family', seq) ->> '$' AS family,
        max_by(document ->> '$.specification', seq) AS specification,
        max_by(document -> '$.requires', seq) ->> '$' AS requires,
        max_by(document -> '$.registration', seq) ->> '$' AS registration,
        coalesce(max_by((document ->> '$.hazardous')::BOOLEAN, seq), false) AS hazardous,
        coalesce(max_by((document ->> '$.returnable')::BOOLEAN, seq), false) AS returnable,
        coalesce(max_by((document ->> '$.equipment')::BOOLEAN, seq), false) AS equipment,
        coalesce(max_by(document -> '$.gtins', seq), '[]') AS gtins, max(recorded_at) AS described_at,
        max_by(entry, seq) AS entry
    FROM described GROUP BY item
),
packed AS (
    SELECT item, json_group_object(pack, size) AS packs
    FROM (
        SELECT item, key AS pack, max_by(value, seq) AS size
        FROM described, json_each(document, '$.packs') GROUP BY item, key
    ) GROUP BY item
)
SELECT item, name, base_unit, family, specification, requires, registration, hazardous, returnable, equipment,
    coalesce(packs, '{}') AS packs, gtins, described_at, entry
FROM latest LEFT JOIN packed USING (item);
