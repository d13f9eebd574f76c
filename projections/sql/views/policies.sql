-- title: Policies · 规则参数
-- about: Every number of the rulebook that was changed, where, from when, by whom and why. · 每次修改的规则参数:范围、起始、何人、为何。
-- rules: J
-- columns:
--   key: Policy key · 参数名
--   value: Value, JSON · 值(JSON)
--   district: District it holds for; null for all · 适用的区;空为全部
--   site: Site it holds for · 适用的站点
--   family: Family it holds for · 适用的大类
--   item: Item it holds for · 适用的物资
--   effective_from: From when · 起始时间
--   reason: Why · 理由
--   recorded_at: When it was recorded · 记账时间
--   recorded_by: Who recorded it · 记录人
--   seq: Sequence number of its entry · 单据序号
--   entry: Entry · 单据号
-- example: SELECT key, value, effective_from, recorded_by FROM policies ORDER BY seq
CREATE VIEW policies AS
SELECT document ->> '$.key' AS key, document -> '$.value' AS value, document ->> '$.scope.district' AS district,
    document ->> '$.scope.site' AS site, document ->> '$.scope.family' AS family, document ->> '$.scope.item' AS item,
    (document ->> '$.effective_from')::TIMESTAMPTZ AS effective_from, document ->> '$.reason' AS reason, recorded_at,
    recorded_by, seq, e.site || '/' || source || '/' || number AS entry
FROM lake.entry AS e WHERE kind = 'policy_set';
