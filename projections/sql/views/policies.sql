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
--   replaces: Value it took the place of within its own scope, JSON; null for the first · 在同一范围内所取代的值(JSON),首次为空
--   profile: The profile it came with, when one was taken · 随何方案而来
--   reason: Why · 理由
--   recorded_at: When it was recorded · 记账时间
--   recorded_by: Who recorded it · 记录人
--   seq: Sequence number of its entry · 单据序号
--   entry: Entry · 单据号
-- example: SELECT key, value, effective_from, recorded_by FROM policies ORDER BY seq
CREATE VIEW policies AS
WITH said AS (
    SELECT document ->> '$.key' AS key, document -> '$.value' AS value, document ->> '$.scope.district' AS district,
        document ->> '$.scope.site' AS site, document ->> '$.scope.family' AS family, document ->> '$.scope.item' AS item,
        (document ->> '$.effective_from')::TIMESTAMPTZ AS effective_from, document ->> '$.reason' AS reason, recorded_at,
        recorded_by, seq, e.site || '/' || source || '/' || number AS entry
    FROM lake.entry AS e WHERE kind = 'policy_set'
),
ruled AS (
    SELECT *, NULL::VARCHAR AS profile FROM said
    UNION ALL
    SELECT s.* REPLACE (p.key AS key, p.value AS value), p.profile
    FROM said AS s JOIN profiles AS p ON s.key = 'profile' AND p.profile = (s.value ->> '$')
)
SELECT key, value, district, site, family, item, effective_from, lag(value) OVER (
        PARTITION BY key, coalesce(item, ''), coalesce(family, ''), coalesce(site, ''), coalesce(district, '')
        ORDER BY effective_from, seq
    ) AS replaces, profile, reason, recorded_at, recorded_by, seq, entry
FROM ruled;
