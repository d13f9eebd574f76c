-- title: Kits that lack a part · 套装组成不全
-- about: Which kits packed lack a part their level asks for? · 哪些已打包的套装缺少其等级应有的组成?
-- rules: G1
-- columns:
--   entry: First packing of the kit at the site · 最早打包单
--   site: Site · 站点
--   item: Kit · 套装
--   happened_at: When · 时间
--   what: In words · 说明
--   level: Level on its label · 标签等级
--   missing: Parts missing · 所缺组成
-- example: SELECT item, level, missing FROM audit_kit_incomplete
CREATE VIEW audit_kit_incomplete AS
WITH asked(level, parts) AS (VALUES
    ('level_1', ['respirator', 'cap', 'gown', 'latex_gloves']),
    ('level_2_waste', ['respirator', 'cap', 'coverall', 'latex_gloves', 'sterile_gloves', 'boot_covers', 'goggles']),
    ('level_2_sample', ['respirator', 'cap', 'coverall', 'latex_gloves', 'sterile_gloves', 'boot_covers', 'face_shield'])
),
wanted AS (SELECT DISTINCT k.kit, k.level, unnest(a.parts) AS part FROM kits AS k JOIN asked AS a USING (level)),
lacking AS (
    SELECT w.kit, w.level, string_agg(w.part, ', ' ORDER BY w.part) AS missing
    FROM wanted AS w ANTI JOIN kits AS k ON k.kit = w.kit AND k.part = w.part GROUP BY w.kit, w.level
),
packed AS (
    SELECT site, document ->> '$.kit' AS kit, min_by(entry, seq) AS entry, min(happened_at) AS happened_at
    FROM entries WHERE kind = 'kits_packed' AND reversed_by IS NULL GROUP BY ALL
)
SELECT p.entry, p.site, p.kit AS item, p.happened_at, format('{} without {} · {} 缺 {}', level, missing, level, missing) AS what,
    level, missing
FROM packed AS p JOIN lacking USING (kit);
